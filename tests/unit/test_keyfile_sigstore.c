/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/keyfile.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/codec.h"
#include "tests/lib/key_fixture.h"

#define TODAY "ENCRYPTED SIGSTORE PRIVATE KEY"
#define OLDER "ENCRYPTED COSIGN PRIVATE KEY"

static struct span
cut(struct span json, const char *from, size_t *at)
{
	uint8_t *hit = memmem(json.ptr, json.len, from, strlen(from));
	assert_non_null(hit);
	*at = (size_t)(hit - json.ptr);
	return span_from(json, *at + strlen(from));
}

/* cosign's own file with one piece of its JSON replaced, under a label. */
static struct secret
changed(const char *label, const char *from, const char *to)
{
	NOTAR_AUTO_OF(buf) json = fixture_der(PEERS_KEYS "p256.key");
	NOTAR_AUTO_OF(buf) body = { 0 };
	NOTAR_AUTO_OF(buf) pem = { 0 };
	size_t at = 0;
	struct span rest = cut(buf_span(&json), from, &at);

	buf_append(&body, json.ptr, at);
	buf_append_str(&body, to);
	buf_append_span(&body, rest);
	pem_append(&pem, label, buf_span(&body));
	return fixture_secret_of(buf_span(&pem));
}

static enum notar_code
open_changed(const char *from, const char *to, unsigned *asked, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) file = changed(TODAY, from, to);
	NOTAR_AUTO(key) *key = NULL;
	struct fixture_word word;

	fixture_word_init(&word, NULL);
	enum notar_code code = keyfile_decode(&file, &word.source, &key, NULL, err);
	*asked = word.asked;
	return code;
}

static void
both_labels_are_read(void **state)
{
	(void)state;
	static const char *const labels[] = { TODAY, OLDER };
	for (size_t i = 0; i < NOTAR_COUNT(labels); i++) {
		NOTAR_AUTO_OF(secret) file = changed(labels[i], "scrypt", "scrypt");
		NOTAR_AUTO(key) *key = NULL;
		struct fixture_word word;

		fixture_word_init(&word, "pw");
		assert_int_equal(keyfile_decode(&file, &word.source, &key, NULL, NULL), NOTAR_OK);
	}
}

/* A file as another writer makes it, with its own N. */
static struct secret
sealed_with(uint64_t n)
{
	NOTAR_AUTO_OF(buf) plain = fixture_der(OPENSSL_KEYS "p256.key");
	NOTAR_AUTO_OF(buf) json = { 0 };
	NOTAR_AUTO_OF(buf) pem = { 0 };
	uint8_t derived[32];
	uint8_t sealed[138 + 16];
	static const uint8_t salt[32] = { 1 };
	static const uint8_t nonce[24] = { 2 };

	assert_int_equal(crypto_pwhash_scryptsalsa208sha256_ll((const uint8_t *)"pw", 2, salt, 32,
							       n, 8, 1, derived, 32),
			 0);
	(void)crypto_secretbox_easy(sealed, plain.ptr, 138, nonce, derived);
	buf_printf(&json,
		   "{\"kdf\":{\"name\":\"scrypt\",\"params\":{\"N\":%llu,\"r\":8,\"p\":1},"
		   "\"salt\":\"",
		   (unsigned long long)n);
	base64_append(&json, span_of(salt, 32));
	buf_append_str(&json, "\"},\"cipher\":{\"name\":\"nacl/secretbox\",\"nonce\":\"");
	base64_append(&json, span_of(nonce, 24));
	buf_append_str(&json, "\"},\"ciphertext\":\"");
	base64_append(&json, span_of(sealed, sizeof(sealed)));
	buf_append_str(&json, "\"}");
	pem_append(&pem, TODAY, buf_span(&json));
	return fixture_secret_of(buf_span(&pem));
}

static void
the_three_known_costs_open_and_no_other(void **state)
{
	(void)state;
	static const struct {
		uint64_t n;
		enum notar_code code;
	} costs[] = {
		{ 32768, NOTAR_OK },       { 65536, NOTAR_OK },   { 131072, NOTAR_OK },
		{ 16384, NOTAR_E_FORMAT }, { 2, NOTAR_E_FORMAT },
	};
	for (size_t i = 0; i < NOTAR_COUNT(costs); i++) {
		NOTAR_AUTO_OF(secret) file = sealed_with(costs[i].n);
		NOTAR_AUTO(key) *key = NULL;
		struct fixture_word word;

		fixture_word_init(&word, "pw");
		assert_int_equal(keyfile_decode(&file, &word.source, &key, NULL, NULL),
				 costs[i].code);
		assert_int_equal(word.asked, costs[i].code == NOTAR_OK);
	}
}

static void
other_names_parameters_and_lengths_are_refused_before_the_passphrase(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "\"N\":65536", "\"N\":65537" },
		{ "\"N\":65536", "\"N\":262144" },
		{ "\"N\":65536", "\"N\":1099511627776" },
		{ "\"N\":65536", "\"N\":0" },
		{ "\"N\":65536", "\"N\":-65536" },
		{ "\"N\":65536", "\"N\":\"65536\"" },
		{ "\"N\":65536", "\"N\":65536.0" },
		{ "\"N\":65536", "\"N\":18446744073709617152" }, /* 2^64 + 65536 */
		{ "\"N\":65536,", "" },
		{ "\"N\":65536", "\"N\":65536,\"N\":65536" },
		{ "\"r\":8", "\"r\":16" },
		{ "\"r\":8", "\"r\":1073741824" },
		{ "\"p\":1", "\"p\":2" },
		{ "\"p\":1", "\"p\":0" },
		{ "\"p\":1", "\"p\":1,\"q\":1" },
		{ "\"scrypt\"", "\"argon2\"" },
		{ "\"scrypt\"", "null" },
		{ "nacl/secretbox", "nacl/box" },
		{ "nacl/secretbox", "NACL/SECRETBOX" },
		{ "\"salt\":\"", "\"salt\":\"AAAA" },
		{ "\"nonce\":\"", "\"nonce\":\"AAAA" },
		{ "\"salt\":\"", "\"salt\":\"*" },
		{ "\"salt\":", "\"pepper\":" },
		{ "\"ciphertext\":\"", "\"ciphertext\":\"A" },
		{ "\"ciphertext\":\"", "\"ciphertext\":\"\",\"more\":\"" },
		{ "\"ciphertext\":", "\"plaintext\":" },
		{ "{\"kdf\"", "[{\"kdf\"" },
		{ "{\"kdf\"", "x{\"kdf\"" },
	};
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		struct notar_error err = { 0 };
		unsigned asked = 9;

		assert_int_equal(open_changed(cases[i][0], cases[i][1], &asked, &err),
				 NOTAR_E_FORMAT);
		assert_int_equal(asked, 0);
		assert_int_not_equal(err.msg[0], 0);
	}
}

static void
a_short_ciphertext_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) json = fixture_der(PEERS_KEYS "p256.key");
	size_t at = 0;
	struct span rest = cut(buf_span(&json), "\"ciphertext\":", &at);
	char whole[512];
	unsigned asked = 9;

	(void)snprintf(whole, sizeof(whole), "%.*s", (int)rest.len, (const char *)rest.ptr);
	assert_int_equal(open_changed(whole, "\"AAAAAAAAAAAAAAAAAAAAAA==\"}", &asked, NULL),
			 NOTAR_E_FORMAT); /* 16 bytes: a tag and nothing behind it */
	assert_int_equal(asked, 0);
}

static void
every_truncation_of_the_json_is_a_format_error(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) json = fixture_der(PEERS_KEYS "p256.key");
	for (size_t len = 1; len < json.len; len++) {
		NOTAR_AUTO_OF(buf) pem = { 0 };
		NOTAR_AUTO(key) *key = NULL;
		struct fixture_word word;

		pem_append(&pem, TODAY, span_of(json.ptr, len));
		NOTAR_AUTO_OF(secret) file = fixture_secret_of(buf_span(&pem));
		fixture_word_init(&word, NULL);
		assert_int_equal(keyfile_decode(&file, &word.source, &key, NULL, NULL),
				 NOTAR_E_FORMAT);
		assert_int_equal(word.asked, 0);
	}
}

/* What still parses asks for the passphrase, and there the test ends it. */
static void
a_flipped_bit_of_the_json_never_opens(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) json = fixture_der(PEERS_KEYS "p256.key");
	for (size_t bit = 0; bit < json.len * 8; bit++) {
		NOTAR_AUTO_OF(buf) pem = { 0 };
		NOTAR_AUTO(key) *key = NULL;
		struct fixture_word word;

		json.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
		pem_append(&pem, TODAY, buf_span(&json));
		json.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
		NOTAR_AUTO_OF(secret) file = fixture_secret_of(buf_span(&pem));
		fixture_word_init(&word, NULL);
		enum notar_code code = keyfile_decode(&file, &word.source, &key, NULL, NULL);
		assert_int_equal(code, word.asked == 0 ? NOTAR_E_FORMAT : NOTAR_E_AUTH);
	}
}

static void
a_damaged_salt_nonce_or_ciphertext_does_not_open(void **state)
{
	(void)state;
	static const char *const names[] = { "\"salt\":\"", "\"nonce\":\"", "\"ciphertext\":\"" };
	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		NOTAR_AUTO_OF(buf) json = fixture_der(PEERS_KEYS "p256.key");
		NOTAR_AUTO_OF(buf) pem = { 0 };
		NOTAR_AUTO(key) *key = NULL;
		struct fixture_word word;
		size_t at = 0;

		(void)cut(buf_span(&json), names[i], &at);
		at += strlen(names[i]) + 4;
		json.ptr[at] = json.ptr[at] == 'A' ? 'B' : 'A';
		pem_append(&pem, TODAY, buf_span(&json));
		NOTAR_AUTO_OF(secret) file = fixture_secret_of(buf_span(&pem));
		fixture_word_init(&word, "pw");
		assert_int_equal(keyfile_decode(&file, &word.source, &key, NULL, NULL),
				 NOTAR_E_KEY);
	}
}

static void
what_is_written_looks_as_cosigns_file(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_key(PEERS_KEYS "p256.key");
	NOTAR_AUTO_OF(buf) theirs = fixture_der(PEERS_KEYS "p256.key");
	NOTAR_AUTO_OF(secret) phrase = fixture_secret_of(span_str("pw"));
	NOTAR_AUTO_OF(secret) file = { 0 };
	NOTAR_AUTO_OF(buf) ours = { 0 };
	struct span label;

	assert_int_equal(keyfile_encode(key, KEYFILE_SIGSTORE, &phrase, &file, NULL), NOTAR_OK);
	assert_int_equal(pem_decode(secret_borrow(&file), &label, &ours, NULL, NULL), NOTAR_OK);
	assert_true(span_is(label, TODAY));
	assert_int_equal(ours.len, theirs.len);
	/* equal but for the three random strings */
	size_t salt = 0;
	(void)cut(buf_span(&ours), "\"salt\":\"", &salt);
	assert_memory_equal(ours.ptr, theirs.ptr, salt + 8);
	size_t cipher = 0;
	(void)cut(buf_span(&ours), "\"},\"cipher\":{\"name\":\"nacl/secretbox\",\"nonce\":\"",
		  &cipher);
	assert_memory_equal(ours.ptr + cipher, theirs.ptr + cipher, 46);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_labels_are_read),
		cmocka_unit_test(the_three_known_costs_open_and_no_other),
		cmocka_unit_test(
			other_names_parameters_and_lengths_are_refused_before_the_passphrase),
		cmocka_unit_test(a_short_ciphertext_is_refused),
		cmocka_unit_test(every_truncation_of_the_json_is_a_format_error),
		cmocka_unit_test(a_flipped_bit_of_the_json_never_opens),
		cmocka_unit_test(a_damaged_salt_nonce_or_ciphertext_does_not_open),
		cmocka_unit_test(what_is_written_looks_as_cosigns_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
