/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/request.h"

#include <sodium.h>

#include "base/codec.h"
#include "keys/evp.h"
#include "pki/subject.h"
#include "pki/suite.h"

#define SERIAL_BYTES 16

NOTAR_AUTO_FOREIGN(x509_req, X509_REQ, X509_REQ_free)

static void
extensions_free(STACK_OF(X509_EXTENSION) * list)
{
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
}
NOTAR_AUTO_FOREIGN(extensions, STACK_OF(X509_EXTENSION), extensions_free)

/* Both halves as OpenSSL has them. Short-lived: the private one is outside guarded memory. */
struct halves {
	EVP_PKEY *public, *private;
	const EVP_MD *hash;
};

static void
halves_release(struct halves *halves)
{
	EVP_PKEY_free(halves->public);
	EVP_PKEY_free(halves->private);
}

static enum notar_code
halves_of(const struct key *key, struct halves *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) der = { 0 };
	const struct suite *suite = NULL;
	struct private_numbers numbers;
	struct span spki = key_spki(key);
	const uint8_t *at = spki.ptr;

	NOTAR_TRY(suite_of_key(key, &suite, err));
	NOTAR_TRY(key_pkcs8(key, &der, err));
	NOTAR_TRY(pkcs8_parse(secret_borrow(&der), &numbers, err));
	NOTAR_TRY(evp_private(&numbers, &out->private, err));
	out->public = d2i_PUBKEY(NULL, &at, (long)spki.len);
	out->hash = ossl_hash(suite->hash);
	return out->public != NULL && out->hash != NULL ?
		       NOTAR_OK :
		       ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL does not take this key");
}

/* What a leaf that signs code has (specs/notary-project.md section 8.3). NULL: no memory. */
static STACK_OF(X509_EXTENSION) * code_signing(void)
{
	static const struct {
		int nid;
		const char *value;
	} wanted[] = {
		{ NID_key_usage, "critical,digitalSignature" },
		{ NID_ext_key_usage, "codeSigning" },
	};
	NOTAR_AUTO_PTR(extensions, STACK_OF(X509_EXTENSION)) *list = sk_X509_EXTENSION_new_null();

	for (size_t i = 0; list != NULL && i < NOTAR_COUNT(wanted); i++) {
		X509_EXTENSION *made =
			X509V3_EXT_conf_nid(NULL, NULL, wanted[i].nid, wanted[i].value);

		if (made == NULL || sk_X509_EXTENSION_push(list, made) <= 0) {
			X509_EXTENSION_free(made);
			return NULL;
		}
	}
	return NOTAR_TAKE(list);
}

/* Takes what OpenSSL has encoded; frees it. */
static enum notar_code
append_pem(const char *label, uint8_t *der, int len, struct buf *out, struct notar_error *err)
{
	if (len <= 0)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot write what it made");
	pem_append(out, label, span_of(der, (size_t)len));
	OPENSSL_free(der);
	return buf_finish(out, label, err);
}

/* name and wanted: NULL for none. */
static enum notar_code
make(const struct key *key, X509_NAME *name, STACK_OF(X509_EXTENSION) * wanted, struct buf *out,
     struct notar_error *err)
{
	NOTAR_AUTO_OF(halves) halves = { 0 };
	NOTAR_AUTO_PTR(x509_req, X509_REQ) *request = X509_REQ_new();
	uint8_t *der = NULL;

	NOTAR_TRY(halves_of(key, &halves, err));
	if (request == NULL)
		return ossl_fail(err, NOTAR_E_NOMEM, "no memory for a request");
	if (X509_REQ_set_version(request, X509_REQ_VERSION_1) != 1 ||
	    (name != NULL && X509_REQ_set_subject_name(request, name) != 1) ||
	    X509_REQ_set_pubkey(request, halves.public) != 1 ||
	    (wanted != NULL && X509_REQ_add_extensions(request, wanted) != 1) ||
	    X509_REQ_sign(request, halves.private, halves.hash) <= 0 ||
	    X509_REQ_verify(request, halves.public) != 1)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot make a request");
	int len = i2d_X509_REQ(request, &der);

	return append_pem("CERTIFICATE REQUEST", der, len, out, err);
}

enum notar_code
request_make(const struct key *key, const char *subject, struct buf *out, struct notar_error *err)
{
	ossl_start();
	NOTAR_AUTO_PTR(x509_name, X509_NAME) *name = NULL;
	NOTAR_AUTO_PTR(extensions, STACK_OF(X509_EXTENSION)) *wanted = code_signing();

	NOTAR_TRY(subject_parse(subject, &name, err));
	if (wanted == NULL)
		return ossl_fail(err, NOTAR_E_NOMEM, "no memory for a request");
	return make(key, name, wanted, out, err);
}

enum notar_code
request_make_bare(const struct key *key, struct buf *out, struct notar_error *err)
{
	ossl_start();
	return make(key, NULL, NULL, out, err);
}

/* Positive, and never twice (RFC 5280 section 4.1.2.2). */
static bool
set_serial(X509 *cert)
{
	uint8_t bytes[SERIAL_BYTES];

	randombytes_buf(bytes, sizeof(bytes));
	bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40);
	NOTAR_AUTO_PTR(bignum, BIGNUM) *number = BN_bin2bn(bytes, sizeof(bytes), NULL);

	return number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
}

static bool
fill_test(X509 *cert, X509_NAME *name, int64_t now_s, EVP_PKEY *public)
{
	NOTAR_AUTO_PTR(extensions, STACK_OF(X509_EXTENSION)) *list = code_signing();

	if (list == NULL || X509_set_version(cert, X509_VERSION_3) != 1 || !set_serial(cert) ||
	    X509_set_subject_name(cert, name) != 1 || X509_set_issuer_name(cert, name) != 1 ||
	    ASN1_TIME_set(X509_getm_notBefore(cert), now_s) == NULL ||
	    ASN1_TIME_set(X509_getm_notAfter(cert), now_s + REQUEST_TEST_SECONDS) == NULL ||
	    X509_set_pubkey(cert, public) != 1)
		return false;
	for (int i = 0; i < sk_X509_EXTENSION_num(list); i++)
		if (X509_add_ext(cert, sk_X509_EXTENSION_value(list, i), -1) != 1)
			return false;
	return true;
}

static enum notar_code
test_subject(const char *common_name, X509_NAME *name, struct notar_error *err)
{
	NOTAR_TRY(subject_add(name, "C", span_str("US"), err));
	NOTAR_TRY(subject_add(name, "ST", span_str("WA"), err));
	NOTAR_TRY(subject_add(name, "L", span_str("Seattle"), err));
	NOTAR_TRY(subject_add(name, "O", span_str("Notary"), err));
	return subject_add(name, "CN", span_str(common_name), err);
}

enum notar_code
request_make_test(const struct key *key, const char *name, int64_t now_s, struct buf *out,
		  struct notar_error *err)
{
	ossl_start();
	NOTAR_AUTO_OF(halves) halves = { 0 };
	NOTAR_AUTO_PTR(x509_name, X509_NAME) *subject = X509_NAME_new();
	NOTAR_AUTO_PTR(x509, X509) *cert = X509_new();
	uint8_t *der = NULL;

	if (subject == NULL || cert == NULL)
		return ossl_fail(err, NOTAR_E_NOMEM, "no memory for a certificate");
	NOTAR_TRY(test_subject(name, subject, err));
	NOTAR_TRY(halves_of(key, &halves, err));
	if (!fill_test(cert, subject, now_s, halves.public) ||
	    X509_sign(cert, halves.private, halves.hash) <= 0 ||
	    X509_verify(cert, halves.public) != 1)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot make a certificate");
	int len = i2d_X509(cert, &der);

	return append_pem("CERTIFICATE", der, len, out, err);
}
