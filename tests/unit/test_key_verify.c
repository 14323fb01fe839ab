/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/key.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <sodium.h>

#include "tests/lib/key_fixture.h"

static const struct {
	const char *name;
	const char *sig; /* by the key's own algorithm */
} pairs[] = {
	{ "p256", "p256.sha256" },       { "p384", "p384.sha384" },     { "p521", "p521.sha512" },
	{ "rsa2048", "rsa2048.sha256" }, { "ed25519", "ed25519.pure" },
};

static struct key *
public_key(const char *name)
{
	char path[200];
	(void)snprintf(path, sizeof(path), "%s%s.pub", OPENSSL_KEYS, name);
	return fixture_key(path);
}

static struct buf
signature(const char *name)
{
	char path[200];
	(void)snprintf(path, sizeof(path), "%s%s.sig", OPENSSL_KEYS, name);
	return fixture_bytes(path);
}

static void
each_key_accepts_its_own_signatures_and_no_other_keys(void **state)
{
	(void)state;
	struct span message = span_str(FIXTURE_MESSAGE);
	for (size_t k = 0; k < NOTAR_COUNT(pairs); k++) {
		NOTAR_AUTO(key) *key = public_key(pairs[k].name);
		for (size_t s = 0; s < NOTAR_COUNT(pairs); s++) {
			NOTAR_AUTO_OF(buf) sig = signature(pairs[s].sig);
			enum notar_code want = k == s ? NOTAR_OK : NOTAR_E_SIGNATURE;

			assert_int_equal(key_verify(key, message, buf_span(&sig), SIG_DER, NULL),
					 want);
			assert_int_equal(key_verify_sigstore(key, message, buf_span(&sig), NULL),
					 want);
		}
	}
	assert_int_equal(ERR_peek_error(), 0);
}

static void
another_key_of_the_same_kind_is_a_mismatch(void **state)
{
	(void)state;
	static const char *const peers[] = { "p256", "rsa2048", "ed25519" };
	static const char *const sigs[] = { "p256.sha256", "rsa2048.sha256", "ed25519.pure" };
	for (size_t i = 0; i < NOTAR_COUNT(peers); i++) {
		char path[200];
		(void)snprintf(path, sizeof(path), "%s%s.pub", PEERS_KEYS, peers[i]);
		NOTAR_AUTO(key) *key = fixture_key(path);
		NOTAR_AUTO_OF(buf) sig = signature(sigs[i]);
		struct notar_error err = { 0 };

		assert_int_equal(
			key_verify_sigstore(key, span_str(FIXTURE_MESSAGE), buf_span(&sig), &err),
			NOTAR_E_SIGNATURE);
		assert_int_equal(err.code, NOTAR_E_SIGNATURE);
	}
}

static void
no_single_bit_of_a_signature_can_change(void **state)
{
	(void)state;
	struct span message = span_str(FIXTURE_MESSAGE);
	for (size_t i = 0; i < NOTAR_COUNT(pairs); i++) {
		NOTAR_AUTO(key) *key = public_key(pairs[i].name);
		NOTAR_AUTO_OF(buf) sig = signature(pairs[i].sig);
		for (size_t bit = 0; bit < sig.len * 8; bit++) {
			sig.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
			assert_int_equal(key_verify_sigstore(key, message, buf_span(&sig), NULL),
					 NOTAR_E_SIGNATURE);
			sig.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
		}
	}
	assert_int_equal(ERR_peek_error(), 0);
}

static void
no_truncation_or_extension_of_a_signature_holds(void **state)
{
	(void)state;
	struct span message = span_str(FIXTURE_MESSAGE);
	for (size_t i = 0; i < NOTAR_COUNT(pairs); i++) {
		NOTAR_AUTO(key) *key = public_key(pairs[i].name);
		NOTAR_AUTO_OF(buf) sig = signature(pairs[i].sig);

		for (size_t len = 0; len < sig.len; len++)
			assert_int_equal(
				key_verify_sigstore(key, message, span_of(sig.ptr, len), NULL),
				NOTAR_E_SIGNATURE);
		buf_append_byte(&sig, 0);
		assert_int_equal(key_verify_sigstore(key, message, buf_span(&sig), NULL),
				 NOTAR_E_SIGNATURE);
	}
}

static void
another_message_is_a_mismatch(void **state)
{
	(void)state;
	static const char *const others[] = { "", "a messag", "a message ", "A message" };
	for (size_t i = 0; i < NOTAR_COUNT(pairs); i++) {
		NOTAR_AUTO(key) *key = public_key(pairs[i].name);
		NOTAR_AUTO_OF(buf) sig = signature(pairs[i].sig);
		for (size_t m = 0; m < NOTAR_COUNT(others); m++)
			assert_int_equal(
				key_verify_sigstore(key, span_str(others[m]), buf_span(&sig), NULL),
				NOTAR_E_SIGNATURE);
	}
}

static void
the_hash_comes_from_the_key(void **state)
{
	(void)state;
	static const struct {
		const char *key;
		const char *sig;
		enum notar_code sigstore; /* what key_verify_sigstore says */
	} cases[] = {
		{ "p256", "p256.sha384", NOTAR_E_SIGNATURE },
		{ "p256", "p256.sha512", NOTAR_E_SIGNATURE },
		{ "p384", "p384.sha256", NOTAR_OK }, /* old clients of Sigstore */
		{ "p384", "p384.sha512", NOTAR_E_SIGNATURE },
		{ "p521", "p521.sha256", NOTAR_OK },
		{ "p521", "p521.sha384", NOTAR_E_SIGNATURE },
		{ "rsa2048", "rsa2048.sha384", NOTAR_E_SIGNATURE },
		{ "rsa2048", "rsa2048.sha512", NOTAR_E_SIGNATURE },
		{ "rsa2048", "rsa2048.pss", NOTAR_E_SIGNATURE },
	};
	struct span message = span_str(FIXTURE_MESSAGE);
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO(key) *key = public_key(cases[i].key);
		NOTAR_AUTO_OF(buf) sig = signature(cases[i].sig);

		assert_int_equal(key_verify(key, message, buf_span(&sig), SIG_DER, NULL),
				 NOTAR_E_SIGNATURE);
		assert_int_equal(key_verify_sigstore(key, message, buf_span(&sig), NULL),
				 cases[i].sigstore);
	}
}

static void
der_and_raw_are_never_taken_for_each_other(void **state)
{
	(void)state;
	struct span message = span_str(FIXTURE_MESSAGE);
	for (size_t i = 0; i < 3; i++) {
		char path[200];
		(void)snprintf(path, sizeof(path), "%s%s.key", OPENSSL_KEYS, pairs[i].name);
		NOTAR_AUTO(key) *key = fixture_key(path);
		NOTAR_AUTO_OF(buf) der = signature(pairs[i].sig);
		NOTAR_AUTO_OF(buf) raw = { 0 };

		assert_int_equal(key_verify(key, message, buf_span(&der), SIG_RAW, NULL),
				 NOTAR_E_SIGNATURE);
		assert_int_equal(key_sign(key, message, SIG_RAW, &raw, NULL), NOTAR_OK);
		assert_int_equal(key_verify(key, message, buf_span(&raw), SIG_RAW, NULL), NOTAR_OK);
		assert_int_equal(key_verify(key, message, buf_span(&raw), SIG_DER, NULL),
				 NOTAR_E_SIGNATURE);
		assert_int_equal(key_verify_sigstore(key, message, buf_span(&raw), NULL),
				 NOTAR_E_SIGNATURE);
	}
}

/* The same r and s in a longer spelling would verify in a lenient decoder, and make two
 * signatures of one. */
static void
padded_numbers_in_der_are_refused(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = public_key("p256");
	NOTAR_AUTO_OF(buf) sig = signature("p256.sha256");
	NOTAR_AUTO_OF(buf) padded = { 0 };

	buf_append_byte(&padded, sig.ptr[0]);
	buf_append_byte(&padded, (uint8_t)(sig.ptr[1] + 1));
	buf_append_byte(&padded, sig.ptr[2]);
	buf_append_byte(&padded, (uint8_t)(sig.ptr[3] + 1));
	buf_append_byte(&padded, 0);
	buf_append_span(&padded, span_from(buf_span(&sig), 4));
	assert_int_equal(
		key_verify(key, span_str(FIXTURE_MESSAGE), buf_span(&padded), SIG_DER, NULL),
		NOTAR_E_SIGNATURE);
}

static void
ed25519_s_above_the_order_is_refused(void **state)
{
	(void)state;
	static const uint8_t order[32] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
		0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
		0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10,
	};
	NOTAR_AUTO(key) *key = public_key("ed25519");
	NOTAR_AUTO_OF(buf) sig = signature("ed25519.pure");
	unsigned carry = 0;

	for (size_t i = 0; i < sizeof(order); i++) {
		carry += sig.ptr[32 + i] + order[i];
		sig.ptr[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_int_equal(key_verify_sigstore(key, span_str(FIXTURE_MESSAGE), buf_span(&sig), NULL),
			 NOTAR_E_SIGNATURE);
}

static void
ed25519ph_holds_for_sigstore_and_nowhere_else(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_key(OPENSSL_KEYS "ed25519.key");
	NOTAR_AUTO_OF(secret) der = { 0 };
	struct span message = span_str(FIXTURE_MESSAGE);
	uint8_t public[32];
	uint8_t expanded[64];
	uint8_t sig[64];
	crypto_sign_state ph;

	assert_int_equal(key_pkcs8(key, &der, NULL), NOTAR_OK);
	(void)crypto_sign_seed_keypair(public, expanded, der.ptr + der.len - 32);
	(void)crypto_sign_init(&ph);
	(void)crypto_sign_update(&ph, message.ptr, message.len);
	(void)crypto_sign_final_create(&ph, sig, NULL, expanded);
	assert_int_equal(key_verify(key, message, span_of(sig, 64), SIG_DER, NULL),
			 NOTAR_E_SIGNATURE);
	assert_int_equal(key_verify_sigstore(key, message, span_of(sig, 64), NULL), NOTAR_OK);
	assert_int_equal(key_verify_sigstore(key, span_str("b message"), span_of(sig, 64), NULL),
			 NOTAR_E_SIGNATURE);
	sig[0] ^= 1;
	assert_int_equal(key_verify_sigstore(key, message, span_of(sig, 64), NULL),
			 NOTAR_E_SIGNATURE);
}

static void
signatures_over_the_limit_are_refused_unread(void **state)
{
	(void)state;
	static const uint8_t large[4096] = { 0 };
	for (size_t i = 0; i < NOTAR_COUNT(pairs); i++) {
		NOTAR_AUTO(key) *key = public_key(pairs[i].name);
		struct span sig = span_of(large, sizeof(large));
		assert_int_equal(key_verify_sigstore(key, span_str(""), sig, NULL),
				 NOTAR_E_SIGNATURE);
	}
}

struct crowd {
	const struct key *key;
	struct span sig;
	size_t wrong;
};

static void *
verify_often(void *context)
{
	struct crowd *crowd = context;
	for (size_t i = 0; i < 200; i++) {
		bool good = i % 2 == 0;
		struct span message = span_str(good ? FIXTURE_MESSAGE : "another");
		enum notar_code code = key_verify_sigstore(crowd->key, message, crowd->sig, NULL);
		crowd->wrong += code != (good ? NOTAR_OK : NOTAR_E_SIGNATURE);
	}
	return NULL;
}

static void
threads_may_share_a_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(pairs); i++) {
		NOTAR_AUTO(key) *key = public_key(pairs[i].name);
		NOTAR_AUTO_OF(buf) sig = signature(pairs[i].sig);
		struct crowd crowds[4];
		pthread_t threads[4];

		for (size_t t = 0; t < NOTAR_COUNT(threads); t++) {
			crowds[t] = (struct crowd){ key, buf_span(&sig), 0 };
			assert_int_equal(
				pthread_create(&threads[t], NULL, verify_often, &crowds[t]), 0);
		}
		for (size_t t = 0; t < NOTAR_COUNT(threads); t++) {
			assert_int_equal(pthread_join(threads[t], NULL), 0);
			assert_int_equal(crowds[t].wrong, 0);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_accepts_its_own_signatures_and_no_other_keys),
		cmocka_unit_test(another_key_of_the_same_kind_is_a_mismatch),
		cmocka_unit_test(no_single_bit_of_a_signature_can_change),
		cmocka_unit_test(no_truncation_or_extension_of_a_signature_holds),
		cmocka_unit_test(another_message_is_a_mismatch),
		cmocka_unit_test(the_hash_comes_from_the_key),
		cmocka_unit_test(der_and_raw_are_never_taken_for_each_other),
		cmocka_unit_test(padded_numbers_in_der_are_refused),
		cmocka_unit_test(ed25519_s_above_the_order_is_refused),
		cmocka_unit_test(ed25519ph_holds_for_sigstore_and_nowhere_else),
		cmocka_unit_test(signatures_over_the_limit_are_refused_unread),
		cmocka_unit_test(threads_may_share_a_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
