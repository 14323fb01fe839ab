/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/pkcs8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "tests/lib/key_fixture.h"

static enum notar_code
load(struct span der, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) secret = fixture_secret_of(der);
	NOTAR_AUTO(key) *key = NULL;

	return key_load_pkcs8(&secret, &key, err);
}

static const char *const files[] = {
	OPENSSL_KEYS "p256.key",    OPENSSL_KEYS "p384.key",    OPENSSL_KEYS "p521.key",
	OPENSSL_KEYS "rsa2048.key", OPENSSL_KEYS "ed25519.key",
};

static void
what_openssl_writes_is_the_one_spelling(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(files); i++) {
		NOTAR_AUTO_OF(buf) der = fixture_der(files[i]);
		NOTAR_AUTO(key) *key = fixture_key(files[i]);
		NOTAR_AUTO_OF(secret) again = { 0 };

		assert_int_equal(key_pkcs8(key, &again, NULL), NOTAR_OK);
		assert_true(span_equal(secret_borrow(&again), buf_span(&der)));
	}
}

static void
no_truncation_loads(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(files); i++) {
		NOTAR_AUTO_OF(buf) der = fixture_der(files[i]);
		for (size_t len = 0; len < der.len; len++)
			assert_int_equal(load(span_of(der.ptr, len), NULL), NOTAR_E_FORMAT);
	}
}

/* A changed scalar no longer fits the public point; Ed25519 has none to compare with. */
static void
a_flipped_bit_is_no_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(files); i++) {
		NOTAR_AUTO_OF(buf) der = fixture_der(files[i]);
		bool is_ed25519 = der.len == 48;
		/* RSA tries a signature each time: every byte is enough there */
		size_t step = der.len > 1000 ? 8 : 1;
		for (size_t bit = 0; bit < der.len * 8; bit += step) {
			der.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
			enum notar_code code = load(buf_span(&der), NULL);
			if (!is_ed25519 && step == 1)
				assert_int_not_equal(code, NOTAR_OK);
			if (is_ed25519 && bit / 8 < 16)
				assert_int_not_equal(code, NOTAR_OK);
			der.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
		}
	}
	assert_int_equal(ERR_peek_error(), 0);
}

static void
a_byte_behind_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(files); i++) {
		NOTAR_AUTO_OF(buf) der = fixture_der(files[i]);
		buf_append_byte(&der, 0);
		assert_int_equal(load(buf_span(&der), NULL), NOTAR_E_FORMAT);
	}
}

static void
an_rsa_key_with_another_keys_number_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) der = fixture_der(OPENSSL_KEYS "rsa2048.key");
	struct private_numbers numbers;
	assert_int_equal(pkcs8_parse(buf_span(&der), &numbers, NULL), NOTAR_OK);
	static const enum rsa_number changed[] = { RSA_N, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ };

	for (size_t i = 0; i < NOTAR_COUNT(changed); i++) {
		struct notar_error err = { 0 };
		struct span number = numbers.rsa[changed[i]];
		uint8_t *middle = der.ptr + (number.ptr - der.ptr) + number.len / 2;
		*middle ^= 0x10;
		assert_int_equal(load(buf_span(&der), &err), NOTAR_E_KEY);
		*middle ^= 0x10;
	}
}

static void
ec_scalars_outside_the_order_are_refused(void **state)
{
	(void)state;
	static const char *const ec[] = {
		OPENSSL_KEYS "p256.key",
		OPENSSL_KEYS "p384.key",
		OPENSSL_KEYS "p521.key",
	};
	for (size_t i = 0; i < NOTAR_COUNT(ec); i++) {
		NOTAR_AUTO_OF(buf) der = fixture_der(ec[i]);
		struct private_numbers numbers;
		assert_int_equal(pkcs8_parse(buf_span(&der), &numbers, NULL), NOTAR_OK);
		uint8_t *scalar = der.ptr + (numbers.scalar.ptr - der.ptr);

		memset(scalar, 0, numbers.scalar.len);
		assert_int_equal(load(buf_span(&der), NULL), NOTAR_E_KEY);
		memset(scalar, 0xff, numbers.scalar.len);
		assert_int_equal(load(buf_span(&der), NULL), NOTAR_E_KEY);
	}
}

static void
a_point_of_another_key_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) der = fixture_der(OPENSSL_KEYS "p256.key");
	NOTAR_AUTO_OF(buf) other = fixture_der(PEERS_KEYS "p256.pub");
	struct notar_error err = { 0 };

	memcpy(der.ptr + der.len - 64, other.ptr + other.len - 64, 64);
	assert_int_equal(load(buf_span(&der), &err), NOTAR_E_KEY);
	assert_non_null(strstr(err.msg, "do not match"));
}

static void
a_key_without_its_point_loads_and_gets_it_back(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *whole = fixture_key(OPENSSL_KEYS "p256.key");
	NOTAR_AUTO(key) *bare = fixture_key(OPENSSL_KEYS "p256.nopublic.key");
	NOTAR_AUTO_OF(secret) a = { 0 };
	NOTAR_AUTO_OF(secret) b = { 0 };

	assert_int_equal(key_pkcs8(whole, &a, NULL), NOTAR_OK);
	assert_int_equal(key_pkcs8(bare, &b, NULL), NOTAR_OK);
	assert_true(secret_equal(&a, &b));
	assert_int_equal(a.len, 138); /* what cosign encrypts, specs/sigstore.md section 3.1 */
}

static void
a_curve_must_be_named_and_named_once(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) sec1 = fixture_der(OPENSSL_KEYS "p256.sec1.key");
	struct private_numbers numbers = { 0 };

	assert_int_equal(sec1_parse(buf_span(&sec1), &numbers, NULL), NOTAR_OK);
	/* P-256's OBJECT IDENTIFIER ends in 07; 06 is another curve */
	uint8_t *oid = memmem(sec1.ptr, sec1.len, "\x2a\x86\x48\xce\x3d\x03\x01\x07", 8);
	assert_non_null(oid);
	oid[7] = 6;
	assert_int_equal(sec1_parse(buf_span(&sec1), &numbers, NULL), NOTAR_E_KEY);
	/* the inner key of PKCS#8, which leaves the curve to the outside */
	NOTAR_AUTO_OF(buf) pkcs8 = fixture_der(OPENSSL_KEYS "p256.key");
	struct span inner = span_from(buf_span(&pkcs8), pkcs8.len - 109);
	assert_int_equal(sec1_parse(inner, &numbers, NULL), NOTAR_E_KEY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_openssl_writes_is_the_one_spelling),
		cmocka_unit_test(no_truncation_loads),
		cmocka_unit_test(a_flipped_bit_is_no_key),
		cmocka_unit_test(a_byte_behind_is_refused),
		cmocka_unit_test(an_rsa_key_with_another_keys_number_is_refused),
		cmocka_unit_test(ec_scalars_outside_the_order_are_refused),
		cmocka_unit_test(a_point_of_another_key_is_refused),
		cmocka_unit_test(a_key_without_its_point_loads_and_gets_it_back),
		cmocka_unit_test(a_curve_must_be_named_and_named_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
