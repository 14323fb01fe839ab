/* SPDX-License-Identifier: Apache-2.0 */
#include "base/codec.h"
#include "base/limits.h"
#include "keys/der.h"
#include "pki/cert.h"

/* Certificates in files (specs/notary-project.md section 11). */

/* Text around the blocks is a comment; a block of anything else is not. *found: there was one. */
static enum notar_code
add_pem(struct cert_list *list, struct span text, size_t max, bool *found, struct notar_error *err)
{
	for (;;) {
		NOTAR_AUTO_OF(buf) der = { .cap = LIMIT_CERTIFICATE_BYTES };
		struct span label, rest = { 0 };
		enum notar_code code = pem_decode(text, &label, &der, &rest, err);

		if (code == NOTAR_E_NOT_FOUND)
			return NOTAR_OK;
		NOTAR_TRY(code);
		*found = true;
		if (!span_is(label, "CERTIFICATE"))
			return notar_fail(
				err, NOTAR_E_FORMAT, "a PEM block \"%.*s\" among certificates",
				(int)(label.len < 40 ? label.len : 40), (const char *)label.ptr);
		NOTAR_TRY(cert_list_add(list, buf_span(&der), max, err));
		text = rest;
	}
}

static enum notar_code
add_der(struct cert_list *list, struct span bytes, size_t max, struct notar_error *err)
{
	struct reader r = { .rest = bytes };

	while (r.rest.len > 0) {
		struct span before = r.rest;

		(void)der_take(&r, DER_SEQUENCE);
		if (r.failed)
			return notar_fail(err, NOTAR_E_FORMAT, "neither PEM nor DER certificates");
		NOTAR_TRY(cert_list_add(list, span_of(before.ptr, before.len - r.rest.len), max,
					err));
	}
	return NOTAR_OK;
}

enum notar_code
cert_list_add_file(struct cert_list *list, struct span bytes, size_t max, struct notar_error *err)
{
	size_t before = list->count;
	bool is_pem = false;

	NOTAR_TRY(add_pem(list, bytes, max, &is_pem, err));
	if (!is_pem)
		NOTAR_TRY(add_der(list, bytes, max, err));
	if (list->count == before)
		return notar_fail(err, NOTAR_E_FORMAT, "no certificate in it");
	return NOTAR_OK;
}
