/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/request.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/codec.h"
#include "pki/chain.h"
#include "pki/subject.h"
#include "tests/lib/key_fixture.h"

#define NOW_S 1800000000

static struct key *keys[6];

static int
make_keys(void **state)
{
	(void)state;
	static const struct {
		enum key_kind kind;
		unsigned bits;
	} kinds[] = { { KEY_P256, 0 },   { KEY_P384, 0 },   { KEY_P521, 0 },
		      { KEY_RSA, 2048 }, { KEY_RSA, 3072 }, { KEY_RSA, 4096 } };

	for (size_t i = 0; i < NOTAR_COUNT(kinds); i++)
		if (key_generate(kinds[i].kind, kinds[i].bits, &keys[i], NULL) != NOTAR_OK)
			return -1;
	return 0;
}

static int
free_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(keys); i++)
		key_free(keys[i]);
	return 0;
}

static void
a_test_certificate_of_every_kind_signs_code_for_a_day(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(keys); i++) {
		NOTAR_AUTO_OF(buf) pem = { 0 };
		NOTAR_AUTO_OF(cert_list) chain = { 0 };
		const struct key *leaf = NULL;
		char name[CERT_NAME_TEXT_BYTES];

		assert_int_equal(request_make_test(keys[i], "a b", NOW_S, &pem, NULL), NOTAR_OK);
		assert_int_equal(cert_list_add_file(&chain, buf_span(&pem), 1, NULL), NOTAR_OK);
		assert_int_equal(chain_check(&chain, CHAIN_CODE_SIGNING, NULL), NOTAR_OK);
		assert_int_equal(chain_check_validity(&chain, NOW_S, NOW_S + 86400, NULL),
				 NOTAR_OK);
		assert_int_equal(chain_check_validity(&chain, NOW_S - 1, NOW_S, NULL), NOTAR_E_KEY);
		assert_int_equal(chain_check_validity(&chain, NOW_S, NOW_S + 86401, NULL),
				 NOTAR_E_KEY);
		assert_int_equal(cert_key(chain.certs[0], &leaf, NULL), NOTAR_OK);
		assert_memory_equal(key_id(leaf), key_id(keys[i]), KEY_ID_BYTES);
		assert_string_equal(cert_name_text(chain.certs[0], name),
				    "CN=a b,O=Notary,L=Seattle,ST=WA,C=US");
	}
}

static void
two_test_certificates_have_two_serials(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) pem = { 0 };
	NOTAR_AUTO_OF(cert_list) both = { 0 };

	for (int i = 0; i < 2; i++)
		assert_int_equal(request_make_test(keys[0], "x", NOW_S, &pem, NULL), NOTAR_OK);
	assert_int_equal(cert_list_add_file(&both, buf_span(&pem), 2, NULL), NOTAR_OK);
	assert_false(span_equal(both.certs[0]->serial, both.certs[1]->serial));
	assert_true(both.certs[0]->serial.len == 16);
}

static void
a_test_name_that_no_certificate_takes_is_refused(void **state)
{
	(void)state;
	static const char *const names[] = {
		"",
		"\n",
		"a\x1b[31m",
		"\xff",
		"12345678901234567890123456789012345678901234567890123456789012345", /* 65 */
		"a\xe2\x80\xae"
		"b", /* turns the text around */
	};

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		NOTAR_AUTO_OF(buf) pem = { 0 };

		assert_int_equal(request_make_test(keys[0], names[i], NOW_S, &pem, NULL),
				 NOTAR_E_USAGE);
		assert_int_equal(pem.len, 0);
	}
}

static void
a_request_of_every_kind_is_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(keys); i++) {
		NOTAR_AUTO_OF(buf) pem = { 0 };
		NOTAR_AUTO_OF(buf) der = { 0 };
		struct span label;

		assert_int_equal(
			request_make(keys[i], "C=US,ST=WA,L=Seattle,O=Notary,CN=x", &pem, NULL),
			NOTAR_OK);
		assert_int_equal(pem_decode(buf_span(&pem), &label, &der, NULL, NULL), NOTAR_OK);
		assert_true(span_is(label, "CERTIFICATE REQUEST"));
	}
}

static void
a_bare_request_names_nobody_and_proves_its_key(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) pem = { 0 };
	NOTAR_AUTO_OF(buf) der = { 0 };
	struct span label, rest;

	assert_int_equal(request_make_bare(keys[0], &pem, NULL), NOTAR_OK);
	assert_int_equal(pem_decode(buf_span(&pem), &label, &der, &rest, NULL), NOTAR_OK);
	assert_true(span_is(label, "CERTIFICATE REQUEST"));
	const uint8_t *at = der.ptr;
	X509_REQ *request = d2i_X509_REQ(NULL, &at, (long)der.len);

	assert_non_null(request);
	assert_int_equal(X509_NAME_entry_count(X509_REQ_get_subject_name(request)), 0);
	assert_int_equal(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
	X509_REQ_free(request);
}

static void
keys_that_sign_no_images_get_no_certificate(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *ed25519 = NULL;
	NOTAR_AUTO(key) *public = fixture_key(OPENSSL_KEYS "p256.pub");
	NOTAR_AUTO_OF(buf) out = { 0 };

	assert_int_equal(key_generate(KEY_ED25519, 0, &ed25519, NULL), NOTAR_OK);
	assert_int_equal(request_make(ed25519, "CN=x", &out, NULL), NOTAR_E_KEY);
	assert_int_equal(request_make(public, "CN=x", &out, NULL), NOTAR_E_KEY);
	assert_int_equal(request_make_test(ed25519, "x", NOW_S, &out, NULL), NOTAR_E_KEY);
	assert_int_equal(request_make_test(public, "x", NOW_S, &out, NULL), NOTAR_E_KEY);
	assert_int_equal(out.len, 0);
}

static void
subjects_are_read_with_escapes_and_spaces(void **state)
{
	(void)state;
	static const struct {
		const char *text, *name;
	} good[] = {
		{ "CN=x", "CN=x" },
		{ "C=US, O = wrong", NULL }, /* the type is "O " */
		{ "C=US,  O=  a b  ,CN=c ", "CN=c,O=a b,C=US" },
		{ "O=a\\, Inc.,CN=x", "CN=x,O=a\\, Inc." },
		{ "O=a\\\\b\\+c\\\"d", "O=a\\\\b\\+c\\\"d" },
		{ "O=a\\ ,CN=\\ b", "CN=\\ b,O=a\\ " },
		{ "CN=a=b#c", "CN=a=b#c" },
		{ "OU=\xc3\xa4", "OU=\xc3\xa4" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(good); i++) {
		NOTAR_AUTO_PTR(x509_name, X509_NAME) *name = NULL;
		struct notar_error err = { 0 };
		enum notar_code code = subject_parse(good[i].text, &name, &err);
		char text[256] = "";

		if (good[i].name == NULL) {
			assert_int_equal(code, NOTAR_E_USAGE);
			continue;
		}
		assert_int_equal(code, NOTAR_OK);
		BIO *bio = BIO_new(BIO_s_mem());

		assert_true(X509_NAME_print_ex(bio, name, 0,
					       XN_FLAG_RFC2253 &
						       ~(unsigned long)ASN1_STRFLGS_ESC_MSB) > 0);
		assert_true(BIO_read(bio, text, sizeof(text) - 1) > 0);
		BIO_free(bio);
		assert_string_equal(text, good[i].name);
	}
}

static void
subjects_that_can_be_misread_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"CN",
		"CN=",
		"=x",
		"CN= ",
		"CN=x,",
		",CN=x",
		"CN=x,,O=y",
		"cn=x",
		"XX=y",
		"2.5.4.3=x",
		"CN=x,CN=y",
		"O=a,O=a",
		"CN=a+O=b",
		"CN=\"a\"",
		"CN=<a>",
		"CN=a;O=b",
		"CN=a\\",
		"CN=a\\zb",
		"CN=\\41",
		"C=USA",
		"C=U",
		"C=\xc3\xa4x",
		"CN=\xff",
		"CN=a\tb",
		"CN=a\nb",
		"CN=x,O",
		"CN=\x7f",
		"CN=\xe2\x80\xae",
		"CN=12345678901234567890123456789012345678901234567890123456789012345",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		X509_NAME *name = NULL;
		struct notar_error err = { 0 };

		if (subject_parse(bad[i], &name, &err) != NOTAR_E_USAGE)
			fail_msg("%s", bad[i]);
		assert_null(name);
		assert_non_null(strstr(err.msg, "subject"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_test_certificate_of_every_kind_signs_code_for_a_day),
		cmocka_unit_test(two_test_certificates_have_two_serials),
		cmocka_unit_test(a_test_name_that_no_certificate_takes_is_refused),
		cmocka_unit_test(a_request_of_every_kind_is_made),
		cmocka_unit_test(a_bare_request_names_nobody_and_proves_its_key),
		cmocka_unit_test(keys_that_sign_no_images_get_no_certificate),
		cmocka_unit_test(subjects_are_read_with_escapes_and_spaces),
		cmocka_unit_test(subjects_that_can_be_misread_are_refused),
	};
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
