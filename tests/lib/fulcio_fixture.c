/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/fulcio_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "pki/asn1.h"
#include "tests/lib/key_fixture.h"

#define PATH_BYTES 128

NOTAR_AUTO_FOREIGN(raw_extension, X509_EXTENSION, X509_EXTENSION_free)
NOTAR_AUTO_FOREIGN(raw_octets, ASN1_OCTET_STRING, ASN1_OCTET_STRING_free)

/* A file's path with n in place of '#'. */
static const char *
path_of(const char *name, const char *file, int n, char out[PATH_BYTES])
{
	(void)snprintf(out, PATH_BYTES, "tests/vectors/sigstore/%s/%s", name, file);
	char *place = strchr(out, '#');

	if (place != NULL)
		*place = (char)('0' + n);
	return out;
}

static void
load_log(const char *name, int n, struct root_log *log)
{
	char path[PATH_BYTES];
	NOTAR_AUTO_OF(buf) id = fixture_bytes(path_of(name, "log-#.id", n, path));
	NOTAR_AUTO_OF(buf) spki = fixture_bytes(path_of(name, "log-#.spki", n, path));

	assert_int_equal(id.len, FACT_ID_BYTES);
	memcpy(log->id, id.ptr, FACT_ID_BYTES);
	assert_int_equal(key_load_public(buf_span(&spki), &log->key, NULL), NOTAR_OK);
	memcpy(log->identity, key_id(log->key), FACT_ID_BYTES);
}

void
fulcio_vector_load(const char *name, struct fulcio_vector *out)
{
	char path[PATH_BYTES];
	NOTAR_AUTO_OF(buf) leaf = fixture_bytes(path_of(name, "leaf.der", 0, path));

	assert_int_equal(cert_parse(buf_span(&leaf), &out->leaf, NULL), NOTAR_OK);
	for (int n = 0; access(path_of(name, "ca-#.der", n, path), R_OK) == 0; n++) {
		NOTAR_AUTO_OF(buf) der = fixture_bytes(path);

		assert_int_equal(cert_list_add(&out->ca.chain, buf_span(&der),
					       LIMIT_CHAIN_CERTIFICATES, NULL),
				 NOTAR_OK);
	}
	out->root.ct_logs = calloc(8, sizeof(struct root_log));
	assert_non_null(out->root.ct_logs);
	for (int n = 0; access(path_of(name, "log-#.id", n, path), R_OK) == 0; n++)
		load_log(name, n, &out->root.ct_logs[out->root.ct_log_count++]);
}

void
fulcio_vector_release(struct fulcio_vector *vector)
{
	cert_free(vector->leaf);
	cert_list_release(&vector->ca.chain);
	for (size_t i = 0; i < vector->root.ct_log_count; i++)
		key_free(vector->root.ct_logs[i].key);
	free(vector->root.ct_logs);
	*vector = (struct fulcio_vector){ 0 };
}

void
raw_x509_add(X509 *x509, const char *oid, bool is_critical, struct span value)
{
	NOTAR_AUTO_PTR(raw_octets, ASN1_OCTET_STRING) *octets = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *type = OBJ_txt2obj(oid, 1);

	assert_int_equal(ASN1_OCTET_STRING_set(octets, value.ptr, (int)value.len), 1);
	NOTAR_AUTO_PTR(raw_extension, X509_EXTENSION) *made =
		X509_EXTENSION_create_by_OBJ(NULL, type, is_critical, octets);

	ASN1_OBJECT_free(type);
	assert_int_equal(X509_add_ext(x509, made, -1), 1);
}

X509 *
raw_x509(const struct raw_extension *extensions)
{
	X509 *x509 = X509_new();

	ossl_start();
	assert_int_equal(X509_set_version(x509, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), 7), 1);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(x509), 1700000000));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(x509), 1700000600));
	for (; extensions != NULL && extensions->oid != NULL; extensions++) {
		long len = 0;
		uint8_t *value = OPENSSL_hexstr2buf(extensions->hex, &len);

		raw_x509_add(x509, extensions->oid, extensions->is_critical,
			     span_of(value, (size_t)len));
		OPENSSL_free(value);
	}
	EVP_PKEY *key = EVP_EC_gen("P-256");

	assert_int_equal(X509_set_pubkey(x509, key), 1);
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	EVP_PKEY_free(key);
	return x509;
}

struct cert *
raw_cert_of(X509 *x509)
{
	uint8_t *der = NULL;
	struct cert *cert = NULL;
	struct notar_error err = { 0 };
	int len;

	(void)i2d_re_X509_tbs(x509, NULL); /* written anew with what was added */
	len = i2d_X509(x509, &der);
	if (cert_parse(span_of(der, (size_t)len), &cert, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	OPENSSL_free(der);
	X509_free(x509);
	return cert;
}

struct cert *
raw_cert(const struct raw_extension *extensions)
{
	return raw_cert_of(raw_x509(extensions));
}
