/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/cbor.h"
#include "envelope/cose.h"
#include "envelope/notary_header.h"

static void
put_time(struct buf *out, const char *name, int64_t time_s)
{
	cbor_put_text(out, name);
	cbor_put_head(out, CBOR_TAG, 1);
	cbor_put_int(out, time_s);
}

/* Core deterministic encoding: numbers first, then names by their length (section 6.1). */
void
cose_write_protected(const struct notary_draft *draft, struct buf *out)
{
	bool by_authority = draft->scheme == NOTARY_X509_AUTHORITY;
	bool expires = draft->expires_s != 0;

	cbor_put_head(out, CBOR_MAP, expires ? 6 : 5);
	cbor_put_int(out, 1);
	cbor_put_int(out, draft->suite->cose);
	cbor_put_int(out, 2);
	cbor_put_head(out, CBOR_ARRAY, 1U + by_authority + expires);
	cbor_put_text(out, NOTARY_SCHEME);
	if (by_authority)
		cbor_put_text(out, NOTARY_AUTHENTIC_TIME);
	if (expires)
		cbor_put_text(out, NOTARY_EXPIRY);
	cbor_put_int(out, 3);
	cbor_put_text(out, NOTARY_PAYLOAD_TYPE);
	if (expires)
		put_time(out, NOTARY_EXPIRY, draft->expires_s);
	if (!by_authority)
		put_time(out, NOTARY_SIGNING_TIME, draft->signed_s);
	cbor_put_text(out, NOTARY_SCHEME);
	cbor_put_text(out, by_authority ? "notary.x509.signingAuthority" : "notary.x509");
	if (by_authority)
		put_time(out, NOTARY_AUTHENTIC_TIME, draft->signed_s);
}

/* Sig_structure (RFC 9052 section 4.4), no external data. */
void
cose_write_tbs(struct span protected_map, struct span payload, struct buf *out)
{
	cbor_put_head(out, CBOR_ARRAY, 4);
	cbor_put_text(out, "Signature1");
	cbor_put_bytes(out, protected_map);
	cbor_put_bytes(out, (struct span){ 0 });
	cbor_put_bytes(out, payload);
}

void
cose_write(struct span protected_map, struct span payload, struct span signature,
	   const struct cert_list *chain, struct span timestamp, const char *agent, struct buf *out)
{
	cbor_put_head(out, CBOR_TAG, 18);
	cbor_put_head(out, CBOR_ARRAY, 4);
	cbor_put_bytes(out, protected_map);
	cbor_put_head(out, CBOR_MAP, timestamp.len > 0 ? 3 : 2);
	cbor_put_int(out, 33);
	cbor_put_head(out, CBOR_ARRAY, chain->count);
	for (size_t i = 0; i < chain->count; i++)
		cbor_put_bytes(out, buf_span(&chain->certs[i]->der));
	cbor_put_text(out, NOTARY_AGENT);
	cbor_put_text(out, agent);
	if (timestamp.len > 0) {
		cbor_put_text(out, NOTARY_TIMESTAMP);
		cbor_put_bytes(out, timestamp);
	}
	cbor_put_bytes(out, payload);
	cbor_put_bytes(out, signature);
}
