/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/codec.h"
#include "base/json.h"
#include "base/limits.h"
#include "envelope/jws.h"
#include "envelope/notary_header.h"

/* Members in the order of their names, as notation writes them. */
void
jws_write_protected(const struct notary_draft *draft, struct buf *out)
{
	NOTAR_AUTO_OF(buf) text = { .cap = LIMIT_NOTARY_ENVELOPE_BYTES };
	bool by_authority = draft->scheme == NOTARY_X509_AUTHORITY;
	char time[CLOCK_TEXT_BYTES];

	json_begin_object(&text);
	json_pair_str(&text, "alg", draft->suite->jws);
	json_name(&text, "crit");
	json_begin_array(&text);
	json_put_str(&text, NOTARY_SCHEME);
	if (by_authority)
		json_put_str(&text, NOTARY_AUTHENTIC_TIME);
	if (draft->expires_s != 0)
		json_put_str(&text, NOTARY_EXPIRY);
	json_end_array(&text);
	json_pair_str(&text, "cty", NOTARY_PAYLOAD_TYPE);
	if (by_authority)
		json_pair_str(&text, NOTARY_AUTHENTIC_TIME,
			      clock_format_rfc3339(draft->signed_s, time));
	if (draft->expires_s != 0)
		json_pair_str(&text, NOTARY_EXPIRY, clock_format_rfc3339(draft->expires_s, time));
	json_pair_str(&text, NOTARY_SCHEME,
		      by_authority ? "notary.x509.signingAuthority" : "notary.x509");
	if (!by_authority)
		json_pair_str(&text, NOTARY_SIGNING_TIME,
			      clock_format_rfc3339(draft->signed_s, time));
	json_end_object(&text);
	if (text.failed != NOTAR_OK)
		out->failed = text.failed;
	base64url_append(out, buf_span(&text));
}

void
jws_write_tbs(struct span protected_b64, struct span payload, struct buf *out)
{
	buf_append_span(out, protected_b64);
	buf_append_byte(out, '.');
	base64url_append(out, payload);
}

static void
write_b64url(struct buf *out, const char *name, struct span bytes)
{
	json_name(out, name);
	buf_append_byte(out, '"');
	base64url_append(out, bytes);
	buf_append_byte(out, '"');
}

void
jws_write(struct span protected_b64, struct span payload, struct span signature,
	  const struct cert_list *chain, struct span timestamp, const char *agent, struct buf *out)
{
	json_begin_object(out);
	write_b64url(out, "payload", payload);
	json_pair_span(out, "protected", protected_b64);
	json_name(out, "header");
	json_begin_object(out);
	if (timestamp.len > 0) {
		json_name(out, NOTARY_TIMESTAMP);
		json_put_base64(out, timestamp);
	}
	json_name(out, "x5c");
	json_begin_array(out);
	for (size_t i = 0; i < chain->count; i++)
		json_put_base64(out, buf_span(&chain->certs[i]->der));
	json_end_array(out);
	json_pair_str(out, NOTARY_AGENT, agent);
	json_end_object(out);
	write_b64url(out, "signature", signature);
	json_end_object(out);
}
