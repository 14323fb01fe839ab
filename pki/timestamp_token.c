/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/timestamp_internal.h"

/* Verification of a token as the Notary Project has it (specs/notary-project.md section 10.2). */

void
timestamp_release(struct timestamp *timestamp)
{
	cert_list_release(&timestamp->chain);
	*timestamp = (struct timestamp){ 0 };
}

enum notar_code
timestamp_check_imprint(TS_TST_INFO *info, struct span message, struct notar_error *err)
{
	enum ossl_hash hash;
	struct span imprint;

	if (!timestamp_imprint(info, &hash, &imprint))
		return ossl_fail(err, NOTAR_E_FORMAT,
				 "its imprint is of another hash than SHA-256, -384 or -512");
	if (!timestamp_has_hash(message, ossl_hash(hash), imprint))
		return ossl_fail(err, NOTAR_E_DIGEST, "it is over other bytes");
	return NOTAR_OK;
}

static enum notar_code
read_content(struct span content, struct span message, struct timestamp *out,
	     struct notar_error *err)
{
	NOTAR_AUTO_PTR(tst_info, TS_TST_INFO) *info = NULL;

	NOTAR_TRY(timestamp_info(content, &info, err));
	NOTAR_TRY(timestamp_check_imprint(info, message, err));
	return timestamp_time(info, &out->from_s, &out->to_s, err);
}

/* Moves the certificate there to the end of the chain. */
static enum notar_code
move_up(struct cert_list *from, size_t place, struct cert_list *chain, struct notar_error *err)
{
	struct cert **grown = realloc(chain->certs, (chain->count + 1) * sizeof(struct cert *));

	if (grown == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for certificates");
	chain->certs = grown;
	chain->certs[chain->count++] = from->certs[place];
	from->count--;
	for (size_t i = place; i < from->count; i++)
		from->certs[i] = from->certs[i + 1];
	return NOTAR_OK;
}

/* From the signer upward, as far as the token's certificates lead. Each is used once, so this ends
 * where authorities certified each other. */
static enum notar_code
build_chain(struct cert_list *certs, size_t signer, struct cert_list *chain,
	    struct notar_error *err)
{
	NOTAR_TRY(move_up(certs, signer, chain, err));
	for (size_t i = 0; i < certs->count;) {
		struct cert *top = chain->certs[chain->count - 1];

		if (top->is_self_signed)
			break;
		if (cert_is_issued_by(top, certs->certs[i], NULL) != NOTAR_OK) {
			i++;
			continue;
		}
		NOTAR_TRY(move_up(certs, i, chain, err));
		i = 0;
	}
	return NOTAR_OK;
}

enum notar_code
timestamp_verify(struct span token, struct span message, struct timestamp *out,
		 struct notar_error *err)
{
	NOTAR_AUTO_OF(timestamp) made = { 0 };
	NOTAR_AUTO_OF(cert_list) certs = { 0 };
	NOTAR_AUTO_PTR(cms, CMS_ContentInfo) *cms = NULL;
	CMS_SignerInfo *signer = NULL;
	size_t used = 0;

	NOTAR_TRY(timestamp_open(token, &cms, &used, err));
	if (used != token.len)
		return ossl_fail(err, NOTAR_E_FORMAT, "bytes behind the token");
	NOTAR_TRY(read_content(timestamp_content(cms), message, &made, err));
	NOTAR_TRY(timestamp_certs(cms, token, &certs, err));
	if (certs.count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "no certificates in it");
	NOTAR_TRY(timestamp_signer(cms, &signer, err));
	size_t place = timestamp_find_signer(signer, &certs);

	if (place == certs.count)
		return notar_fail(err, NOTAR_E_FORMAT, "the signer's certificate is not in it");
	NOTAR_TRY(timestamp_check_signature(signer, certs.certs[place], timestamp_content(cms),
					    TIMESTAMP_ESS_V2, err));
	NOTAR_TRY(build_chain(&certs, place, &made.chain, err));
	ossl_forget_errors();
	*out = made;
	made = (struct timestamp){ 0 };
	return NOTAR_OK;
}
