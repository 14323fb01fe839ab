/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "pki/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
lies_in(struct span part, const struct buf *whole)
{
	return part.ptr >= whole->ptr && part.len <= whole->len &&
	       (size_t)(part.ptr - whole->ptr) <= whole->len - part.len;
}

/* A certificate keeps the bytes that it came in, and everything that it shows lies in them. */
static void
try_cert(const struct cert *cert)
{
	NOTAR_AUTO(cert) *again = NULL;
	NOTAR_AUTO(key) *key = NULL;
	struct notar_error err = { 0 };
	char name[CERT_NAME_TEXT_BYTES];

	if (!lies_in(cert->subject, &cert->der) || !lies_in(cert->issuer, &cert->der) ||
	    !lies_in(cert->serial, &cert->der) ||
	    strlen(cert_name_text(cert, name)) >= CERT_NAME_TEXT_BYTES)
		abort();
	if (cert_parse(buf_span(&cert->der), &again, &err) != NOTAR_OK ||
	    memcmp(again->thumbprint, cert->thumbprint, FACT_ID_BYTES) != 0 ||
	    again->is_self_signed != cert->is_self_signed)
		abort();
	if (cert_is_issued_by(cert, cert, &err) == NOTAR_OK && !cert->is_self_signed)
		abort();
	err = (struct notar_error){ 0 };
	if (cert_key(cert, &key, &err) != NOTAR_OK && (key != NULL || err.msg[0] == '\0'))
		abort();
	(void)cert_is_ca(cert);
}

/* What holds was issued link by link, ends in a root, and has a leaf with a usable key. */
static void
try_chain(const struct cert_list *chain, enum chain_purpose purpose)
{
	struct notar_error err = { 0 };
	NOTAR_AUTO(key) *key = NULL;

	if (chain_check(chain, purpose, &err) != NOTAR_OK) {
		if (err.msg[0] == '\0')
			abort();
		return;
	}
	for (size_t i = 0; i < chain->count; i++) {
		bool is_last = i + 1 == chain->count;
		const struct cert *issuer = chain->certs[is_last ? i : i + 1];

		if (chain->certs[i]->is_self_signed != is_last ||
		    cert_is_issued_by(chain->certs[i], issuer, NULL) != NOTAR_OK ||
		    (i > 0) != cert_is_ca(chain->certs[i]))
			abort();
	}
	if (cert_key(chain->certs[0], &key, &err) != NOTAR_OK)
		abort();
}

static void
try_validity(const struct cert_list *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		const struct cert_list one = { &chain->certs[i], 1 };
		const struct cert *cert = chain->certs[i];
		struct notar_error err = { 0 };

		if (cert->not_before_s <= cert->not_after_s &&
		    chain_check_validity(&one, cert->not_before_s, cert->not_after_s, &err) !=
			    NOTAR_OK)
			abort();
		if (chain_check_validity(&one, cert->not_before_s - 1, cert->not_after_s, &err) ==
			    NOTAR_OK ||
		    chain_check_validity(&one, cert->not_before_s, cert->not_after_s + 1, &err) ==
			    NOTAR_OK)
			abort();
	}
}

/* A file of certificates, PEM or DER; and its bytes as one certificate. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(cert_list) list = { 0 };
	NOTAR_AUTO(cert) *only = NULL;
	struct notar_error err = { 0 };
	struct span in = span_of(data, size);

	if (cert_parse(in, &only, &err) == NOTAR_OK) {
		if (!span_equal(buf_span(&only->der), in))
			abort();
		try_cert(only);
	} else if (only != NULL || err.msg[0] == '\0') {
		abort();
	}
	err = (struct notar_error){ 0 };
	if (cert_list_add_file(&list, in, LIMIT_CHAIN_CERTIFICATES, &err) != NOTAR_OK) {
		/* A PEM block inside of a certificate's text makes the file a PEM file. */
		if (err.msg[0] == '\0' ||
		    (only != NULL && memmem(data, size, "-----BEGIN", 10) == NULL))
			abort();
	} else if (list.count == 0) {
		abort();
	}
	if (list.count > LIMIT_CHAIN_CERTIFICATES)
		abort();
	for (size_t i = 0; i < list.count; i++)
		try_cert(list.certs[i]);
	/* Also what stood before a certificate that does not parse. */
	try_chain(&list, CHAIN_CODE_SIGNING);
	try_chain(&list, CHAIN_TIMESTAMPING);
	try_validity(&list);
	return 0;
}
