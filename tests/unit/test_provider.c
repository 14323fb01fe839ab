/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/key_fixture.h"

static void
a_file_opens_signs_and_shows_its_public_half(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *public = fixture_key(OPENSSL_KEYS "p256.pub");
	NOTAR_AUTO(signing_key) *signing = NULL;
	NOTAR_AUTO_OF(buf) sig = { 0 };

	assert_int_equal(signing_key_open(OPENSSL_KEYS "p256.key", NULL, &signing, NULL), NOTAR_OK);
	assert_memory_equal(key_id(signing_key_public(signing)), key_id(public), KEY_ID_BYTES);
	assert_int_equal(signing_key_sign(signing, span_str("x"), SIG_RAW, &sig, NULL), NOTAR_OK);
	assert_int_equal(key_verify(public, span_str("x"), buf_span(&sig), SIG_RAW, NULL),
			 NOTAR_OK);
}

static void
an_encrypted_file_asks_once(void **state)
{
	(void)state;
	NOTAR_AUTO(signing_key) *signing = NULL;
	struct fixture_word word;

	fixture_word_init(&word, "pw");
	assert_int_equal(signing_key_open(PEERS_KEYS "ed25519.key", &word.source, &signing, NULL),
			 NOTAR_OK);
	assert_int_equal(word.asked, 1);
}

static void
a_public_key_alone_is_refused(void **state)
{
	(void)state;
	struct signing_key *signing = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(signing_key_open(OPENSSL_KEYS "p256.pub", NULL, &signing, &err),
			 NOTAR_E_KEY);
	assert_non_null(strstr(err.msg, "p256.pub"));
	assert_null(signing);
}

static void
schemes_without_a_provider_are_named(void **state)
{
	(void)state;
	static const char *const names[] = {
		"pkcs11:token=x", "awskms:///alias/x", "gcpkms://x", "k8s://ns/name", "a.b+c-1:x",
		"file:x",         "HTTPS://x",
	};
	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		struct signing_key *signing = NULL;
		struct notar_error err = { 0 };
		char scheme[32];

		(void)snprintf(scheme, sizeof(scheme), "\"%.*s\"",
			       (int)(strchr(names[i], ':') - names[i] + 1), names[i]);
		assert_int_equal(signing_key_open(names[i], NULL, &signing, &err),
				 NOTAR_E_UNSUPPORTED);
		assert_non_null(strstr(err.msg, scheme));
		assert_null(signing);
	}
}

static void
a_plugin_is_for_notary_project_signatures_alone(void **state)
{
	(void)state;
	static const char *const names[] = { "plugin://a/b", "plugin://", "plugin:///../x" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		struct signing_key *signing = NULL;
		struct notar_error err = { 0 };

		assert_int_equal(signing_key_open(names[i], NULL, &signing, &err), NOTAR_E_USAGE);
		assert_non_null(strstr(err.msg, "jws or cose"));
		assert_null(signing);
	}
}

static void
paths_with_a_colon_behind_a_slash_are_files(void **state)
{
	(void)state;
	static const char *const names[] = {
		"./pkcs11:x", "/absent/pkcs11:x", "absent/a:b", ":x", "1:x", "no colon", "",
	};
	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		struct signing_key *signing = NULL;
		assert_int_equal(signing_key_open(names[i], NULL, &signing, NULL),
				 NOTAR_E_NOT_FOUND);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_opens_signs_and_shows_its_public_half),
		cmocka_unit_test(an_encrypted_file_asks_once),
		cmocka_unit_test(a_public_key_alone_is_refused),
		cmocka_unit_test(schemes_without_a_provider_are_named),
		cmocka_unit_test(a_plugin_is_for_notary_project_signatures_alone),
		cmocka_unit_test(paths_with_a_colon_behind_a_slash_are_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
