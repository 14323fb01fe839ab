/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/key.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "base/digest.h"
#include "tests/lib/key_fixture.h"

static const struct {
	const char *name;
	enum key_kind kind;
	const char *description;
} kinds[] = {
	{ "p256", KEY_P256, "ECDSA P-256" },   { "p384", KEY_P384, "ECDSA P-384" },
	{ "p521", KEY_P521, "ECDSA P-521" },   { "rsa2048", KEY_RSA, "RSA 2048" },
	{ "rsa3072", KEY_RSA, "RSA 3072" },    { "rsa4096", KEY_RSA, "RSA 4096" },
	{ "ed25519", KEY_ED25519, "Ed25519" },
};

static const char *
path_of(const char *name, const char *ending)
{
	static char path[200];
	(void)snprintf(path, sizeof(path), "%s%s%s", OPENSSL_KEYS, name, ending);
	return path;
}

static void
each_public_key_keeps_its_bytes_and_is_named_by_their_hash(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(kinds); i++) {
		NOTAR_AUTO_OF(buf) pem = fixture_bytes(path_of(kinds[i].name, ".pub"));
		NOTAR_AUTO_OF(buf) der = fixture_der(path_of(kinds[i].name, ".pub"));
		NOTAR_AUTO_OF(buf) again = { 0 };
		NOTAR_AUTO(key) *key = NULL;
		uint8_t id[SHA256_BYTES];

		assert_int_equal(key_load_public(buf_span(&pem), &key, NULL), NOTAR_OK);
		assert_true(span_equal(key_spki(key), buf_span(&der)));
		sha256_of(buf_span(&der), id);
		assert_memory_equal(key_id(key), id, sizeof(id));
		assert_int_equal(key_kind_of(key), kinds[i].kind);
		assert_string_equal(key_describe(key), kinds[i].description);
		assert_false(key_is_private(key));
		key_public_pem(key, &again);
		assert_true(span_equal(buf_span(&again), buf_span(&pem)));
	}
}

static void
der_and_pem_give_the_same_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(kinds); i++) {
		NOTAR_AUTO_OF(buf) der = fixture_der(path_of(kinds[i].name, ".pub"));
		NOTAR_AUTO(key) *a = fixture_key(path_of(kinds[i].name, ".pub"));
		NOTAR_AUTO(key) *b = NULL;

		assert_int_equal(key_load_public(buf_span(&der), &b, NULL), NOTAR_OK);
		assert_memory_equal(key_id(a), key_id(b), KEY_ID_BYTES);
	}
}

static void
a_private_key_has_the_id_of_its_public_half(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(kinds); i++) {
		NOTAR_AUTO(key) *public = fixture_key(path_of(kinds[i].name, ".pub"));
		NOTAR_AUTO(key) *private = fixture_key(path_of(kinds[i].name, ".key"));

		assert_true(key_is_private(private));
		assert_memory_equal(key_id(public), key_id(private), KEY_ID_BYTES);
	}
}

static void
refused_keys_say_what_they_are(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *says;
	} refused[] = {
		{ "p224", "secp224r1" },
		{ "secp256k1", "secp256k1" },
		{ "brainpool", "brainpoolP256r1" },
		{ "rsa1024", "1024 bits" },
		{ "rsa4104", "4104 bits" },
		{ "rsa-e3", "exponent of 3" },
		{ "rsa-pss", "rsassaPss" },
		{ "x25519", "X25519" },
		{ "ed448", "ED448" },
		{ "explicit", "explicit curve parameters" },
	};
	for (size_t i = 0; i < NOTAR_COUNT(refused); i++) {
		static const char *const endings[] = { ".pub", ".key" };
		for (size_t e = 0; e < 2; e++) {
			char name[64];
			struct notar_error err = { 0 };
			struct key *key = NULL;

			(void)snprintf(name, sizeof(name), "refused/%s", refused[i].name);
			assert_int_equal(keyfile_load(path_of(name, endings[e]), NULL, &key, &err),
					 NOTAR_E_KEY);
			assert_null(key);
			if (strstr(err.msg, refused[i].says) == NULL)
				fail_msg("\"%s\" does not say \"%s\"", err.msg, refused[i].says);
			assert_int_equal(ERR_peek_error(), 0);
		}
	}
}

static void
a_compressed_point_is_refused(void **state)
{
	(void)state;
	struct notar_error err = { 0 };
	struct key *key = NULL;

	assert_int_equal(keyfile_load(OPENSSL_KEYS "refused/compressed.pub", NULL, &key, &err),
			 NOTAR_E_KEY);
	assert_non_null(strstr(err.msg, "compressed"));
}

static void
no_truncation_of_a_public_key_loads(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(kinds); i++) {
		NOTAR_AUTO_OF(buf) der = fixture_der(path_of(kinds[i].name, ".pub"));
		NOTAR_AUTO_OF(buf) pem = fixture_bytes(path_of(kinds[i].name, ".pub"));
		struct key *key = NULL;

		for (size_t len = 0; len < der.len; len++)
			assert_int_not_equal(key_load_public(span_of(der.ptr, len), &key, NULL),
					     NOTAR_OK);
		/* the last line break of the text is not needed */
		for (size_t len = 0; len + 1 < pem.len; len++)
			assert_int_not_equal(key_load_public(span_of(pem.ptr, len), &key, NULL),
					     NOTAR_OK);
		assert_null(key);
	}
}

static void
a_flipped_bit_never_loads_as_other_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(kinds); i++) {
		NOTAR_AUTO_OF(buf) der = fixture_der(path_of(kinds[i].name, ".pub"));
		for (size_t bit = 0; bit < der.len * 8; bit++) {
			NOTAR_AUTO(key) *key = NULL;

			der.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
			if (key_load_public(buf_span(&der), &key, NULL) == NOTAR_OK) {
				/* another RSA modulus, or the rare other point of Ed25519 */
				assert_true(key_kind_of(key) == KEY_RSA ||
					    key_kind_of(key) == KEY_ED25519);
				assert_true(span_equal(key_spki(key), buf_span(&der)));
			}
			der.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
		}
	}
	assert_int_equal(ERR_peek_error(), 0);
}

static void
bytes_behind_or_inside_are_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) der = fixture_der(OPENSSL_KEYS "p256.pub");
	struct key *key = NULL;

	buf_append_byte(&der, 0);
	assert_int_equal(key_load_public(buf_span(&der), &key, NULL), NOTAR_E_FORMAT);
	der.ptr[1]++; /* now the zero is inside the outer SEQUENCE */
	assert_int_equal(key_load_public(buf_span(&der), &key, NULL), NOTAR_E_FORMAT);
}

static void
only_one_pem_block_with_white_space_around_is_taken(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) pem = fixture_bytes(OPENSSL_KEYS "p256.pub");
	static const struct {
		const char *before;
		const char *after;
		enum notar_code code;
	} cases[] = {
		{ "", "", NOTAR_OK },
		{ "\n \t\r\n", "\n\n  ", NOTAR_OK },
		{ "# my key\n", "", NOTAR_E_FORMAT },
		{ "", "x", NOTAR_E_FORMAT },
		{ "", "-----BEGIN PUBLIC KEY-----\n", NOTAR_E_FORMAT },
	};
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(buf) text = { 0 };
		NOTAR_AUTO(key) *key = NULL;

		buf_append_str(&text, cases[i].before);
		buf_append_span(&text, buf_span(&pem));
		buf_append_str(&text, cases[i].after);
		assert_int_equal(key_load_public(buf_span(&text), &key, NULL), cases[i].code);
	}
	NOTAR_AUTO_OF(buf) twice = { 0 };
	struct key *key = NULL;
	buf_append_span(&twice, buf_span(&pem));
	buf_append_span(&twice, buf_span(&pem));
	assert_int_equal(key_load_public(buf_span(&twice), &key, NULL), NOTAR_E_FORMAT);
}

static void
other_pem_labels_and_junk_are_no_public_key(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) private = fixture_bytes(OPENSSL_KEYS "p256.key");
	struct notar_error err = { 0 };
	struct key *key = NULL;

	assert_int_equal(key_load_public(buf_span(&private), &key, &err), NOTAR_E_FORMAT);
	assert_non_null(strstr(err.msg, "\"PRIVATE KEY\""));
	assert_int_equal(key_load_public(span_str(""), &key, NULL), NOTAR_E_FORMAT);
	assert_int_equal(key_load_public(span_str("junk"), &key, NULL), NOTAR_E_FORMAT);
	assert_int_equal(key_load_public(span_str("0"), &key, NULL), NOTAR_E_FORMAT);
}

static void
ed25519_points_of_small_order_are_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) der = fixture_der(OPENSSL_KEYS "ed25519.pub");
	uint8_t *point = der.ptr + der.len - 32;
	struct key *key = NULL;

	memset(point, 0, 32); /* order 4 */
	assert_int_equal(key_load_public(buf_span(&der), &key, NULL), NOTAR_E_KEY);
	point[0] = 1; /* the neutral element */
	assert_int_equal(key_load_public(buf_span(&der), &key, NULL), NOTAR_E_KEY);
	memset(point, 0xff, 32); /* not canonical */
	assert_int_equal(key_load_public(buf_span(&der), &key, NULL), NOTAR_E_KEY);
}

static void
generated_keys_sign_and_reload(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(kinds); i++) {
		if (kinds[i].kind == KEY_RSA && i != 3)
			continue; /* the larger ones take seconds */
		NOTAR_AUTO(key) *key = NULL;
		NOTAR_AUTO(key) *again = NULL;
		NOTAR_AUTO_OF(secret) der = { 0 };
		NOTAR_AUTO_OF(secret) der_again = { 0 };

		assert_int_equal(key_generate(kinds[i].kind, 2048, &key, NULL), NOTAR_OK);
		assert_true(key_is_private(key));
		assert_string_equal(key_describe(key), kinds[i].description);
		assert_int_equal(key_pkcs8(key, &der, NULL), NOTAR_OK);
		assert_int_equal(key_load_pkcs8(&der, &again, NULL), NOTAR_OK);
		assert_memory_equal(key_id(key), key_id(again), KEY_ID_BYTES);
		assert_int_equal(key_pkcs8(again, &der_again, NULL), NOTAR_OK);
		assert_true(secret_equal(&der, &der_again));
	}
}

static void
no_two_generated_keys_are_equal(void **state)
{
	(void)state;
	static const enum key_kind quick[] = { KEY_P256, KEY_ED25519 };
	for (size_t i = 0; i < NOTAR_COUNT(quick); i++) {
		NOTAR_AUTO(key) *a = NULL;
		NOTAR_AUTO(key) *b = NULL;

		assert_int_equal(key_generate(quick[i], 0, &a, NULL), NOTAR_OK);
		assert_int_equal(key_generate(quick[i], 0, &b, NULL), NOTAR_OK);
		assert_memory_not_equal(key_id(a), key_id(b), KEY_ID_BYTES);
	}
}

static void
unknown_kinds_and_sizes_are_not_generated(void **state)
{
	(void)state;
	static const unsigned sizes[] = { 0, 1024, 2047, 2049, 8192, 1U << 31 };
	struct key *key = NULL;

	for (size_t i = 0; i < NOTAR_COUNT(sizes); i++)
		assert_int_equal(key_generate(KEY_RSA, sizes[i], &key, NULL), NOTAR_E_USAGE);
	assert_int_equal(key_generate((enum key_kind)0, 0, &key, NULL), NOTAR_E_USAGE);
	assert_int_equal(key_generate((enum key_kind)99, 0, &key, NULL), NOTAR_E_USAGE);
	assert_null(key);
}

static void
a_public_key_gives_no_private_bytes(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_key(OPENSSL_KEYS "p256.pub");
	struct secret out = { 0 };

	assert_int_equal(key_pkcs8(key, &out, NULL), NOTAR_E_KEY);
	assert_null(out.ptr);
}

static void
ids_are_64_lower_case_hex_digits(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_key(PEERS_KEYS "p256.pub");
	char text[KEY_ID_TEXT_BYTES];
	uint8_t id[KEY_ID_BYTES];
	uint8_t untouched[KEY_ID_BYTES] = { 0 };

	assert_string_equal(key_id_text(key_id(key), text),
			    "ed7ff1ff850cea704372fa11747aaf185e2c49119b3e40bfef172669bd0d6af9");
	assert_int_equal(key_id_parse(span_str(text), id, NULL), NOTAR_OK);
	assert_memory_equal(id, key_id(key), sizeof(id));
	text[63] = 'g';
	assert_int_equal(key_id_parse(span_str(text), untouched, NULL), NOTAR_E_FORMAT);
	text[63] = 'A';
	assert_int_equal(key_id_parse(span_str(text), untouched, NULL), NOTAR_E_FORMAT);
	assert_int_equal(key_id_parse(span_of(text, 63), untouched, NULL), NOTAR_E_FORMAT);
	assert_int_equal(untouched[0], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_public_key_keeps_its_bytes_and_is_named_by_their_hash),
		cmocka_unit_test(der_and_pem_give_the_same_key),
		cmocka_unit_test(a_private_key_has_the_id_of_its_public_half),
		cmocka_unit_test(refused_keys_say_what_they_are),
		cmocka_unit_test(a_compressed_point_is_refused),
		cmocka_unit_test(no_truncation_of_a_public_key_loads),
		cmocka_unit_test(a_flipped_bit_never_loads_as_other_bytes),
		cmocka_unit_test(bytes_behind_or_inside_are_refused),
		cmocka_unit_test(only_one_pem_block_with_white_space_around_is_taken),
		cmocka_unit_test(other_pem_labels_and_junk_are_no_public_key),
		cmocka_unit_test(ed25519_points_of_small_order_are_refused),
		cmocka_unit_test(generated_keys_sign_and_reload),
		cmocka_unit_test(no_two_generated_keys_are_equal),
		cmocka_unit_test(unknown_kinds_and_sizes_are_not_generated),
		cmocka_unit_test(a_public_key_gives_no_private_bytes),
		cmocka_unit_test(ids_are_64_lower_case_hex_digits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
