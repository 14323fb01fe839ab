/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/cert_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/limits.h"
#include "pki/asn1.h"
#include "pki/subject.h"
#include "tests/lib/key_fixture.h"

NOTAR_AUTO_FOREIGN(x509_extension, X509_EXTENSION, X509_EXTENSION_free)
NOTAR_AUTO_FOREIGN(evp_md_ctx, EVP_MD_CTX, EVP_MD_CTX_free)

static EVP_PKEY *
key_of_file(const char *name)
{
	char path[96];

	(void)snprintf(path, sizeof(path), OPENSSL_KEYS "%s.key", name);
	NOTAR_AUTO_OF(buf) pem = fixture_bytes(path);
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	BIO_free(bio);
	return key;
}

static EVP_PKEY *
key_of(const char *wanted)
{
	EVP_PKEY *key;

	if (wanted == NULL)
		key = EVP_EC_gen("P-256");
	else if (strncmp(wanted, "EC:", 3) == 0)
		key = EVP_EC_gen(wanted + 3);
	else if (strncmp(wanted, "RSA:", 4) == 0)
		key = EVP_RSA_gen((unsigned)strtoul(wanted + 4, NULL, 10));
	else
		key = key_of_file(wanted);
	assert_non_null(key);
	return key;
}

static X509_NAME *
name_of(const char *common_name, int type)
{
	X509_NAME *name = X509_NAME_new();

	assert_int_equal(X509_NAME_add_entry_by_NID(name, NID_commonName, type,
						    (const uint8_t *)common_name, -1, -1, 0),
			 1);
	return name;
}

static void
add_extension(X509 *cert, const char *name, const char *value)
{
	if (value == NULL)
		return;
	NOTAR_AUTO_PTR(x509_extension, X509_EXTENSION) *made =
		X509V3_EXT_conf(NULL, NULL, name, value);

	if (made == NULL || X509_add_ext(cert, made, -1) != 1)
		fail_msg("%s = %s", name, value);
}

static void
add_extensions(X509 *cert, const struct cert_recipe *recipe)
{
	const struct {
		const char *name, *value;
	} all[] = {
		{ "basicConstraints", recipe->constraints },
		{ "keyUsage", recipe->usage },
		{ "extendedKeyUsage", recipe->purposes },
		{ recipe->other, recipe->other_value },
	};

	for (size_t i = 0; i < NOTAR_COUNT(all); i++) {
		add_extension(cert, all[i].name, all[i].value);
		if (recipe->twice != NULL && all[i].name != NULL &&
		    strcmp(recipe->twice, all[i].name) == 0)
			add_extension(cert, all[i].name, all[i].value);
	}
}

static void
fill(X509 *cert, const struct cert_recipe *recipe, const struct cert_recipe *issuer, EVP_PKEY *key)
{
	const char *by = recipe->issuer != NULL ? recipe->issuer : issuer->name;
	NOTAR_AUTO_PTR(x509_name, X509_NAME) *subject = name_of(recipe->name, V_ASN1_UTF8STRING);
	NOTAR_AUTO_PTR(x509_name, X509_NAME) *issued_by =
		name_of(by, recipe->printable_issuer ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING);
	int64_t from_s = recipe->from_s != 0 ? recipe->from_s : CERT_FIXTURE_FROM_S;
	int64_t to_s = recipe->to_s != 0 ? recipe->to_s : CERT_FIXTURE_TO_S;

	assert_int_equal(
		X509_set_version(cert, recipe->is_version_1 ? X509_VERSION_1 : X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), 7), 1);
	assert_int_equal(X509_set_subject_name(cert, subject), 1);
	assert_int_equal(X509_set_issuer_name(cert, issued_by), 1);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(cert), from_s));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(cert), to_s));
	assert_int_equal(X509_set_pubkey(cert, key), 1);
	if (!recipe->is_version_1)
		add_extensions(cert, recipe);
}

static void
sign(X509 *cert, const struct cert_recipe *recipe, EVP_PKEY *key)
{
	NOTAR_AUTO_PTR(evp_md_ctx, EVP_MD_CTX) *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *inner = NULL;
	const char *name = recipe->hash != NULL ? recipe->hash : "SHA256";
	const EVP_MD *hash = EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_get_digestbyname(name);

	assert_int_equal(EVP_DigestSignInit(context, &inner, hash, NULL, key), 1);
	if (recipe->is_pss)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING), 1);
	assert_true(X509_sign_ctx(cert, context) > 0);
}

static void
append(X509 *cert, struct cert_list *out)
{
	uint8_t *der = NULL;
	int len = i2d_X509(cert, &der);
	struct notar_error err = { 0 };

	assert_true(len > 0);
	if (cert_list_add(out, span_of(der, (size_t)len), LIMIT_CHAIN_CERTIFICATES, &err) !=
	    NOTAR_OK)
		fail_msg("%s", err.msg);
	OPENSSL_free(der);
}

void
fixture_chain(const struct cert_recipe *recipes, size_t count, struct cert_list *out)
{
	EVP_PKEY *keys[LIMIT_CHAIN_CERTIFICATES];

	ossl_start();
	assert_true(count <= NOTAR_COUNT(keys));
	for (size_t i = 0; i < count; i++)
		keys[i] = key_of(recipes[i].key);
	for (size_t i = 0; i < count; i++) {
		size_t issuer = i + 1 < count ? i + 1 : i;
		NOTAR_AUTO_PTR(x509, X509) *cert = X509_new();
		NOTAR_AUTO_PTR(evp_pkey, EVP_PKEY) *stranger = key_of(NULL);

		fill(cert, &recipes[i], &recipes[issuer], keys[i]);
		sign(cert, &recipes[i], recipes[i].by_stranger ? stranger : keys[issuer]);
		append(cert, out);
	}
	for (size_t i = 0; i < count; i++)
		EVP_PKEY_free(keys[i]);
}
