/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/fulcio.h"
#include "pki/sct.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
lies_in(struct span part, const struct buf *whole)
{
	return part.ptr >= whole->ptr && part.len <= whole->len &&
	       (size_t)(part.ptr - whole->ptr) <= whole->len - part.len;
}

/* Who it names is in its bytes, and has no NUL for a C string to end at. */
static void
try_identity(const struct cert *leaf)
{
	struct fulcio_identity id = { 0 };
	struct notar_error err = { 0 };

	if (fulcio_identity_read(leaf, &id, &err) != NOTAR_OK) {
		if (err.msg[0] == '\0' || id.kind != 0)
			abort();
		return;
	}
	if (id.san.len == 0 || id.issuer.len == 0 || !lies_in(id.san, &leaf->der) ||
	    !lies_in(id.issuer, &leaf->der) || memchr(id.san.ptr, 0, id.san.len) != NULL)
		abort();
	for (size_t n = 0; n < FULCIO_EXTENSIONS; n++)
		if (id.extensions[n].ptr != NULL &&
		    (fulcio_extension_name(n) == NULL || !lies_in(id.extensions[n], &leaf->der)))
			abort();
}

/* A CA is no leaf, and what is no CA issues nothing. */
static void
try_path(struct cert *cert)
{
	struct root_authority itself = { .chain = { &cert, 1 } };
	struct fulcio_path path = { 0 };
	struct notar_error err = { 0 };
	bool is_leaf = fulcio_leaf_check(cert, &err) == NOTAR_OK;

	if (!is_leaf && err.msg[0] == '\0')
		abort();
	if (fulcio_path_find(cert, &itself, &path, &err) != NOTAR_OK)
		return;
	if (is_leaf || path.issuer != cert || !cert_is_ca(cert) || !cert->is_self_signed)
		abort();
}

/* Shorter by the list at least; and no log is known. */
static void
try_scts(const struct cert *leaf)
{
	NOTAR_AUTO_OF(buf) tbs = { 0 };
	struct span list = { 0 };
	const struct trusted_roots none = { 0 };
	struct sct_found found[SCT_MAX];
	size_t count = SCT_MAX;

	if (sct_precertificate(leaf, &tbs, &list, NULL) != NOTAR_OK) {
		if (tbs.len > 0 || list.ptr != NULL)
			abort();
	} else if (list.len > 0 && (!lies_in(list, &leaf->der) || tbs.len == 0 ||
				    tbs.len + list.len >= leaf->der.len)) {
		abort();
	}
	if (sct_verify(leaf, leaf, &none, found, &count, NULL) == NOTAR_OK ? count != 0 :
									     count != SCT_MAX)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO(cert) *cert = NULL;

	if (cert_parse(span_of(data, size), &cert, NULL) != NOTAR_OK)
		return 0;
	try_identity(cert);
	try_path(cert);
	try_scts(cert);
	return 0;
}
