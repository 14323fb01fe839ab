/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/key.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "tests/lib/key_fixture.h"

static const struct {
	const char *path;
	size_t raw_bytes;
	bool has_two_forms;
} keys[] = {
	{ OPENSSL_KEYS "p256.key", 64, true },     { OPENSSL_KEYS "p384.key", 96, true },
	{ OPENSSL_KEYS "p521.key", 132, true },    { OPENSSL_KEYS "rsa2048.key", 256, true },
	{ OPENSSL_KEYS "rsa3072.key", 384, true }, { OPENSSL_KEYS "rsa4096.key", 512, true },
	{ OPENSSL_KEYS "ed25519.key", 64, false },
};

static void
each_kind_signs_in_both_forms_and_the_signature_holds(void **state)
{
	(void)state;
	static const uint8_t zeros[100000] = { 0 };
	const struct span messages[] = { { 0 }, span_str("x"), { zeros, sizeof(zeros) } };
	for (size_t k = 0; k < NOTAR_COUNT(keys); k++) {
		NOTAR_AUTO(key) *key = fixture_key(keys[k].path);
		for (size_t m = 0; m < NOTAR_COUNT(messages); m++) {
			NOTAR_AUTO_OF(buf) der = { 0 };
			NOTAR_AUTO_OF(buf) raw = { 0 };

			assert_int_equal(key_sign(key, messages[m], SIG_DER, &der, NULL), NOTAR_OK);
			assert_int_equal(key_sign(key, messages[m], SIG_RAW, &raw, NULL), NOTAR_OK);
			assert_int_equal(raw.len, keys[k].raw_bytes);
			assert_int_equal(
				key_verify(key, messages[m], buf_span(&der), SIG_DER, NULL),
				NOTAR_OK);
			assert_int_equal(
				key_verify(key, messages[m], buf_span(&raw), SIG_RAW, NULL),
				NOTAR_OK);
			if (!keys[k].has_two_forms) {
				assert_true(span_equal(buf_span(&der), buf_span(&raw)));
				continue;
			}
			assert_int_equal(
				key_verify(key, messages[m], buf_span(&der), SIG_RAW, NULL),
				NOTAR_E_SIGNATURE);
			assert_int_equal(
				key_verify(key, messages[m], buf_span(&raw), SIG_DER, NULL),
				NOTAR_E_SIGNATURE);
		}
	}
	assert_int_equal(ERR_peek_error(), 0);
}

static void
a_signature_is_appended(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_key(OPENSSL_KEYS "ed25519.key");
	NOTAR_AUTO_OF(buf) out = { 0 };

	buf_append_str(&out, "abc");
	assert_int_equal(key_sign(key, span_str("x"), SIG_DER, &out, NULL), NOTAR_OK);
	assert_int_equal(out.len, 3 + 64);
	assert_memory_equal(out.ptr, "abc", 3);
}

static void
rsa_and_ed25519_sign_what_openssl_signed(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{ OPENSSL_KEYS "rsa2048.key", OPENSSL_KEYS "rsa2048.sha256.sig" },
		{ OPENSSL_KEYS "ed25519.key", OPENSSL_KEYS "ed25519.pure.sig" },
	};
	for (size_t i = 0; i < NOTAR_COUNT(pairs); i++) {
		NOTAR_AUTO(key) *key = fixture_key(pairs[i][0]);
		NOTAR_AUTO_OF(buf) want = fixture_bytes(pairs[i][1]);
		NOTAR_AUTO_OF(buf) sig = { 0 };

		assert_int_equal(key_sign(key, span_str(FIXTURE_MESSAGE), SIG_DER, &sig, NULL),
				 NOTAR_OK);
		assert_true(span_equal(buf_span(&sig), buf_span(&want)));
	}
}

static void
a_public_key_cannot_sign(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_key(OPENSSL_KEYS "p256.pub");
	NOTAR_AUTO_OF(buf) out = { 0 };

	assert_int_equal(key_sign(key, span_str("x"), SIG_DER, &out, NULL), NOTAR_E_KEY);
	assert_int_equal(out.len, 0);
}

static void
an_output_without_room_is_an_error(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_key(OPENSSL_KEYS "ed25519.key");
	NOTAR_AUTO_OF(buf) out = { .cap = 63 };

	assert_int_equal(key_sign(key, span_str("x"), SIG_DER, &out, NULL), NOTAR_E_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_signs_in_both_forms_and_the_signature_holds),
		cmocka_unit_test(a_signature_is_appended),
		cmocka_unit_test(rsa_and_ed25519_sign_what_openssl_signed),
		cmocka_unit_test(a_public_key_cannot_sign),
		cmocka_unit_test(an_output_without_room_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
