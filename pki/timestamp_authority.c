/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/timestamp_authority.h"

#include "base/limits.h"
#include "keys/der.h"
#include "pki/timestamp_internal.h"

/* The certificate that the signature has to be by, and nobody else's: borrowed. */
static enum notar_code
choose_signer(CMS_SignerInfo *signer, const struct cert_list *inside,
	      const struct root_authority *authority, struct cert **out, struct notar_error *err)
{
	size_t place = timestamp_find_signer(signer, inside);
	struct cert *found = place < inside->count ? inside->certs[place] : NULL;
	struct cert *leaf = authority->chain.certs[0];

	if (!authority->has_leaf) {
		*out = found;
		return found != NULL ? NOTAR_OK :
				       notar_fail(err, NOTAR_E_SIGNATURE,
						  "the signer's certificate is not in it");
	}
	if (!timestamp_is_signer(signer, leaf) ||
	    (found != NULL && !timestamp_is_same(found, leaf)))
		return notar_fail(err, NOTAR_E_SIGNATURE, "it is not by this authority");
	*out = leaf;
	return NOTAR_OK;
}

/* Replies begin with a status, tokens with the content's type. */
static bool
is_token(struct span stamp)
{
	struct reader r = { .rest = stamp };
	struct reader inside = der_enter(&r, DER_SEQUENCE);

	return der_next_is(&inside, DER_OID);
}

static enum notar_code
open_stamp(struct span stamp, CMS_ContentInfo **cms, struct span *token, struct notar_error *err)
{
	size_t used = 0;

	if (stamp.len > LIMIT_BUNDLE_TIMESTAMP_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a timestamp of over %u bytes",
				  LIMIT_BUNDLE_TIMESTAMP_BYTES);
	if (!is_token(stamp)) {
		enum notar_code code = timestamp_unwrap(stamp, cms, token, err);

		/* Nobody is being asked here: a refusal that was kept is no trouble of a peer's. */
		return code != NOTAR_E_NET ?
			       code :
			       notar_fail(err, NOTAR_E_SIGNATURE, "a reply without a timestamp");
	}
	NOTAR_TRY(timestamp_open(stamp, cms, &used, err));
	if (used != stamp.len)
		return ossl_fail(err, NOTAR_E_FORMAT, "bytes behind the token");
	*token = stamp;
	return NOTAR_OK;
}

enum notar_code
timestamp_by(struct span stamp, struct span message, const struct root_authority *authority,
	     int64_t *time_ms, struct notar_error *err)
{
	NOTAR_AUTO_PTR(cms, CMS_ContentInfo) *cms = NULL;
	NOTAR_AUTO_PTR(tst_info, TS_TST_INFO) *info = NULL;
	NOTAR_AUTO_OF(cert_list) inside = { 0 };
	CMS_SignerInfo *signer = NULL;
	struct cert *cert = NULL;
	struct span token = { 0 };
	int64_t at_ms = 0;

	if (authority->chain.count == 0)
		return notar_fail(err, NOTAR_E_SIGNATURE, "an authority without certificates");
	NOTAR_TRY(open_stamp(stamp, &cms, &token, err));
	NOTAR_TRY(timestamp_info(timestamp_content(cms), &info, err));
	NOTAR_TRY(timestamp_check_imprint(info, message, err));
	NOTAR_TRY(timestamp_gen_time(info, &at_ms, err));
	NOTAR_TRY(timestamp_certs(cms, token, &inside, err));
	NOTAR_TRY(timestamp_signer(cms, &signer, err));
	NOTAR_TRY(choose_signer(signer, &inside, authority, &cert, err));
	NOTAR_TRY(timestamp_check_signature(signer, cert, timestamp_content(cms), TIMESTAMP_ESS_ANY,
					    err));
	NOTAR_TRY(timestamp_check_path(cert, &inside, authority, at_ms, err));
	ossl_forget_errors();
	*time_ms = at_ms;
	return NOTAR_OK;
}
