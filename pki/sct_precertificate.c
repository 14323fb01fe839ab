/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/der.h"
#include "pki/extension.h"
#include "pki/sct.h"

/*
 * What a log has signed (RFC 6962 section 3.2). Fulcio has no signer of its own for
 * precertificates, so nothing but the one extension and the lengths around it is different; OpenSSL
 * would write all of it anew.
 */

#define CONTEXT_3 ((enum der_tag)0xa3)

static void
put_without(const struct extensions *all, const struct extension *sct, struct buf *tbs)
{
	size_t kept = all->all.len - sct->whole.len;
	size_t before = (size_t)(sct->whole.ptr - all->all.ptr);

	der_put_header(tbs, DER_SEQUENCE, all->before.len + der_size(der_size(kept)));
	buf_append_span(tbs, all->before);
	der_put_header(tbs, CONTEXT_3, der_size(kept));
	der_put_header(tbs, DER_SEQUENCE, kept);
	buf_append(tbs, all->all.ptr, before);
	buf_append_span(tbs, span_from(all->all, before + sct->whole.len));
}

enum notar_code
sct_precertificate(const struct cert *leaf, struct buf *tbs, struct span *list,
		   struct notar_error *err)
{
	/* 1.3.6.1.4.1.11129.2.4.2 */
	static const uint8_t oid[] = { 0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2 };
	NOTAR_AUTO_OF(buf) made = { 0 };
	struct extensions all;

	NOTAR_TRY(extensions_read(leaf, &all, err));
	const struct extension *sct = extensions_find(&all, span_of(oid, sizeof(oid)));

	if (sct == NULL) {
		*list = (struct span){ 0 };
		return NOTAR_OK;
	}
	if (all.count == 1) /* there is no way to write none */
		return notar_fail(err, NOTAR_E_FORMAT, "no extension beside the SCTs");
	struct reader r = { .rest = sct->value };
	struct span found = der_take(&r, DER_OCTET_STRING);

	NOTAR_TRY(der_finish(&r, "SCTs", err));
	if (found.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "SCTs: empty");
	put_without(&all, sct, &made);
	NOTAR_TRY(buf_finish(&made, "precertificate", err));
	*list = found;
	buf_append_span(tbs, buf_span(&made));
	return buf_finish(tbs, "precertificate", err);
}
