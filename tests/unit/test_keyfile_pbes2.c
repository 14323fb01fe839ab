/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "keys/der.h"
#include "keys/keyfile_internal.h"
#include "tests/lib/key_fixture.h"

#define SCRYPT OPENSSL_KEYS "p256.scrypt.key"
#define PBKDF2 OPENSSL_KEYS "p256.pbkdf2.key"

/* Opens with a source that fails: asked tells whether the parameters were accepted. */
static enum notar_code
open_der(struct span der, unsigned *asked, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) out = { 0 };
	struct fixture_word word;

	fixture_word_init(&word, NULL);
	enum notar_code code = pbes2_open(der, &word.source, &out, err);
	*asked = word.asked;
	return code;
}

static void
older_and_weaker_encryptions_are_refused_with_advice(void **state)
{
	(void)state;
	static const char *const files[] = {
		OPENSSL_KEYS "p256.sha1.key",
		OPENSSL_KEYS "p256.des3.key",
		OPENSSL_KEYS "p256.pbe1.key",
	};
	for (size_t i = 0; i < NOTAR_COUNT(files); i++) {
		NOTAR_AUTO_OF(buf) der = fixture_der(files[i]);
		struct notar_error err = { 0 };
		unsigned asked = 9;

		assert_int_equal(open_der(buf_span(&der), &asked, &err), NOTAR_E_KEY);
		assert_int_equal(asked, 0);
		assert_non_null(strstr(err.msg, "openssl pkcs8"));
	}
}

static void
ten_million_iterations_are_the_most(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) der = fixture_der(OPENSSL_KEYS "p256.iterations.key");
	struct notar_error err = { 0 };
	unsigned asked = 9;

	assert_int_equal(open_der(buf_span(&der), &asked, &err), NOTAR_E_LIMIT);
	assert_non_null(strstr(err.msg, "10000001"));
	assert_int_equal(asked, 0);
	uint8_t *count = memmem(der.ptr, der.len, "\x02\x04\x00\x98\x96\x81", 6);
	assert_non_null(count);
	count[5] = 0x80;
	assert_int_equal(open_der(buf_span(&der), &asked, NULL), NOTAR_E_AUTH);
	assert_int_equal(asked, 1);
}

static void
put_number(struct buf *out, uint64_t number)
{
	uint8_t bytes[8];
	size_t zeros = 0;
	for (size_t i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(number >> (8 * (7 - i)));
	while (zeros < 7 && bytes[zeros] == 0)
		zeros++;
	der_put_unsigned(out, span_of(bytes + zeros, 8 - zeros));
}

static void
put_in(struct buf *out, enum der_tag tag, struct buf *contents)
{
	der_put(out, tag, buf_span(contents));
	buf_release(contents);
}

/* EncryptedPrivateKeyInfo with scrypt parameters of the caller's choosing. */
static struct buf
with_scrypt(size_t salt_bytes, uint64_t n, uint64_t r, uint64_t p, uint64_t key_bytes)
{
	static const uint8_t zeros[256] = { 0 };
	static const char pbes2[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
	static const char scrypt[] = "\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x04\x0b";
	static const char aes256[] = "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a";
	struct buf numbers = { 0 }, kdf = { 0 }, cipher = { 0 }, both = { 0 }, alg = { 0 };
	struct buf info = { 0 }, der = { 0 };

	der_put(&numbers, DER_OCTET_STRING, span_of(zeros, salt_bytes));
	put_number(&numbers, n);
	put_number(&numbers, r);
	put_number(&numbers, p);
	if (key_bytes > 0)
		put_number(&numbers, key_bytes);
	buf_append_str(&kdf, scrypt);
	put_in(&kdf, DER_SEQUENCE, &numbers);
	buf_append_str(&cipher, aes256);
	der_put(&cipher, DER_OCTET_STRING, span_of(zeros, 16));
	put_in(&both, DER_SEQUENCE, &kdf);
	put_in(&both, DER_SEQUENCE, &cipher);
	buf_append_str(&alg, pbes2);
	put_in(&alg, DER_SEQUENCE, &both);
	put_in(&info, DER_SEQUENCE, &alg);
	der_put(&info, DER_OCTET_STRING, span_of(zeros, 160));
	put_in(&der, DER_SEQUENCE, &info);
	return der;
}

static void
scrypt_is_bounded_in_memory_and_time_before_any_work(void **state)
{
	(void)state;
	static const struct {
		uint64_t n, r, p, key_bytes;
		enum notar_code code; /* NOTAR_E_AUTH: accepted, and the passphrase asked for */
	} cases[] = {
		{ 16384, 8, 1, 0, NOTAR_E_AUTH },
		{ 16384, 8, 4, 32, NOTAR_E_AUTH },
		{ 131072, 8, 8, 0, NOTAR_E_AUTH }, /* 128 MiB, eight times */
		{ 131072, 8, 9, 0, NOTAR_E_LIMIT },
		{ 262144, 8, 1, 0, NOTAR_E_LIMIT },
		{ 131072, 16, 1, 0, NOTAR_E_LIMIT },
		{ 16384, 8, 65, 0, NOTAR_E_LIMIT },
		{ 2, 65, 1, 0, NOTAR_E_LIMIT },
		{ 16383, 8, 1, 0, NOTAR_E_LIMIT }, /* no power of two */
		{ 0, 8, 1, 0, NOTAR_E_LIMIT },
		{ 1, 8, 1, 0, NOTAR_E_LIMIT },
		{ 16384, 0, 1, 0, NOTAR_E_LIMIT },
		{ 16384, 8, 0, 0, NOTAR_E_LIMIT },
		{ (uint64_t)1 << 63, 8, 1, 0, NOTAR_E_LIMIT },
		{ (uint64_t)1 << 57, 1, 1, 0, NOTAR_E_LIMIT }, /* 128 * N wraps to 0 */
		{ 16384, (uint64_t)1 << 61, 1, 0, NOTAR_E_LIMIT },
		{ 16384, 8, (uint64_t)1 << 61, 0, NOTAR_E_LIMIT },
		{ 16384, 8, 1, 16, NOTAR_E_FORMAT }, /* another key length */
		{ 16384, 8, 1, 33, NOTAR_E_FORMAT },
	};
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(buf)
		der = with_scrypt(16, cases[i].n, cases[i].r, cases[i].p, cases[i].key_bytes);
		unsigned asked = 9;

		assert_int_equal(open_der(buf_span(&der), &asked, NULL), cases[i].code);
		assert_int_equal(asked, cases[i].code == NOTAR_E_AUTH);
	}
}

static void
salts_have_8_to_64_bytes(void **state)
{
	(void)state;
	static const size_t bad[] = { 0, 7, 65, 127 };
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(buf) der = with_scrypt(bad[i], 16384, 8, 1, 0);
		unsigned asked = 9;
		assert_int_equal(open_der(buf_span(&der), &asked, NULL), NOTAR_E_FORMAT);
		assert_int_equal(asked, 0);
	}
}

static void
every_truncation_is_refused_before_the_passphrase(void **state)
{
	(void)state;
	static const char *const files[] = { SCRYPT, PBKDF2 };
	for (size_t i = 0; i < NOTAR_COUNT(files); i++) {
		NOTAR_AUTO_OF(buf) der = fixture_der(files[i]);
		for (size_t len = 0; len < der.len; len++) {
			unsigned asked = 9;
			assert_int_equal(open_der(span_of(der.ptr, len), &asked, NULL),
					 NOTAR_E_FORMAT);
			assert_int_equal(asked, 0);
		}
	}
}

static void
a_flipped_bit_never_opens(void **state)
{
	(void)state;
	static const char *const files[] = { SCRYPT, PBKDF2 };
	for (size_t i = 0; i < NOTAR_COUNT(files); i++) {
		NOTAR_AUTO_OF(buf) der = fixture_der(files[i]);
		for (size_t bit = 0; bit < der.len * 8; bit++) {
			unsigned asked = 9;

			der.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
			enum notar_code code = open_der(buf_span(&der), &asked, NULL);
			assert_int_not_equal(code, NOTAR_OK);
			assert_int_equal(asked, code == NOTAR_E_AUTH);
			der.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
		}
	}
	assert_int_equal(ERR_peek_error(), 0);
}

static void
a_damaged_ciphertext_gives_no_key(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) der = fixture_der(PBKDF2);
	for (size_t i = 1; i <= 150; i++) {
		NOTAR_AUTO_OF(secret) pkcs8 = { 0 };
		NOTAR_AUTO(key) *key = NULL;
		struct fixture_word word;

		fixture_word_init(&word, "pw");
		der.ptr[der.len - i] ^= 1;
		/* CBC is not authenticated: what decrypts must still be refused as a key */
		if (pbes2_open(buf_span(&der), &word.source, &pkcs8, NULL) == NOTAR_OK)
			assert_int_not_equal(key_load_pkcs8(&pkcs8, &key, NULL), NOTAR_OK);
		der.ptr[der.len - i] ^= 1;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(older_and_weaker_encryptions_are_refused_with_advice),
		cmocka_unit_test(ten_million_iterations_are_the_most),
		cmocka_unit_test(scrypt_is_bounded_in_memory_and_time_before_any_work),
		cmocka_unit_test(salts_have_8_to_64_bytes),
		cmocka_unit_test(every_truncation_is_refused_before_the_passphrase),
		cmocka_unit_test(a_flipped_bit_never_opens),
		cmocka_unit_test(a_damaged_ciphertext_gives_no_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
