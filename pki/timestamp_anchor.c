/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "pki/chain.h"
#include "pki/timestamp.h"

/* How many certificates of the chain are below the root; SIZE_MAX: it does not lead there. */
static size_t
count_below(const struct timestamp *timestamp, const struct cert *root)
{
	const struct cert_list *chain = &timestamp->chain;

	for (size_t i = 0; i < chain->count; i++) {
		if (memcmp(chain->certs[i]->thumbprint, root->thumbprint, FACT_ID_BYTES) == 0)
			return i;
		if (cert_is_issued_by(chain->certs[i], root, NULL) == NOTAR_OK)
			return i + 1;
	}
	return SIZE_MAX;
}

enum notar_code
timestamp_anchor(const struct timestamp *timestamp, const struct cert *root, struct cert_list *out,
		 struct notar_error *err)
{
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	char name[CERT_NAME_TEXT_BYTES];

	if (!root->is_self_signed || !cert_is_ca(root))
		return notar_fail(err, NOTAR_E_FORMAT, "\"%s\" is no root of a timestamp authority",
				  cert_name_text(root, name));
	size_t below = count_below(timestamp, root);

	if (below == SIZE_MAX)
		return notar_fail(err, NOTAR_E_SIGNATURE, "the timestamp does not lead to \"%s\"",
				  cert_name_text(root, name));
	for (size_t i = 0; i < below; i++)
		NOTAR_TRY(cert_list_add(&chain, buf_span(&timestamp->chain.certs[i]->der),
					LIMIT_CHAIN_CERTIFICATES + 1, err));
	NOTAR_TRY(cert_list_add(&chain, buf_span(&root->der), LIMIT_CHAIN_CERTIFICATES + 1, err));
	NOTAR_TRY(chain_check(&chain, CHAIN_TIMESTAMPING, err));
	NOTAR_TRY(chain_check_validity(&chain, timestamp->from_s, timestamp->to_s, err));
	*out = chain;
	chain = (struct cert_list){ 0 };
	return NOTAR_OK;
}
