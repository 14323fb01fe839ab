/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/keyfile.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "base/limits.h"
#include "tests/lib/key_fixture.h"

static enum notar_code
decode(struct span text, struct passphrase_source *source, enum keyfile_form *form,
       struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) file = fixture_secret_of(text);
	NOTAR_AUTO(key) *key = NULL;

	return keyfile_decode(&file, source, &key, form, err);
}

static void
each_form_is_told_from_its_label(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		enum keyfile_form form;
		unsigned asked;
	} files[] = {
		{ PEERS_KEYS "p256.key", KEYFILE_SIGSTORE, 1 },
		{ OPENSSL_KEYS "p256.key", KEYFILE_PKCS8, 0 },
		{ OPENSSL_KEYS "p256.scrypt.key", KEYFILE_PKCS8_ENCRYPTED, 1 },
		{ OPENSSL_KEYS "p256.pbkdf2.key", KEYFILE_PKCS8_ENCRYPTED, 1 },
		{ OPENSSL_KEYS "rsa2048.pbkdf2.key", KEYFILE_PKCS8_ENCRYPTED, 1 },
		{ OPENSSL_KEYS "p256.sec1.key", KEYFILE_SEC1, 0 },
		{ OPENSSL_KEYS "p256.ecparam.key", KEYFILE_SEC1, 0 },
		{ OPENSSL_KEYS "rsa2048.pkcs1.key", KEYFILE_PKCS1, 0 },
	};
	for (size_t i = 0; i < NOTAR_COUNT(files); i++) {
		NOTAR_AUTO_OF(buf) text = fixture_bytes(files[i].path);
		enum keyfile_form form = 0;
		struct fixture_word word;

		fixture_word_init(&word, "pw");
		assert_true(keyfile_is_private(buf_span(&text)));
		assert_int_equal(decode(buf_span(&text), &word.source, &form, NULL), NOTAR_OK);
		assert_int_equal(form, files[i].form);
		assert_int_equal(word.asked, files[i].asked);
	}
}

static void
every_container_of_one_key_gives_that_key(void **state)
{
	(void)state;
	static const char *const files[] = {
		OPENSSL_KEYS "p256.key",         OPENSSL_KEYS "p256.scrypt.key",
		OPENSSL_KEYS "p256.pbkdf2.key",  OPENSSL_KEYS "p256.sec1.key",
		OPENSSL_KEYS "p256.ecparam.key",
	};
	NOTAR_AUTO(key) *public = fixture_key(OPENSSL_KEYS "p256.pub");
	for (size_t i = 0; i < NOTAR_COUNT(files); i++) {
		NOTAR_AUTO(key) *key = fixture_key(files[i]);
		assert_memory_equal(key_id(key), key_id(public), KEY_ID_BYTES);
	}
}

static void
a_wrong_passphrase_says_so(void **state)
{
	(void)state;
	static const char *const files[] = {
		PEERS_KEYS "p256.key",
		OPENSSL_KEYS "p256.scrypt.key",
		OPENSSL_KEYS "p256.pbkdf2.key",
	};
	static const char *const words[] = { "", "px", "pw\n", "PW" };
	for (size_t i = 0; i < NOTAR_COUNT(files); i++) {
		NOTAR_AUTO_OF(buf) text = fixture_bytes(files[i]);
		for (size_t w = 0; w < NOTAR_COUNT(words); w++) {
			struct notar_error err = { 0 };
			struct fixture_word word;

			fixture_word_init(&word, words[w]);
			assert_int_equal(decode(buf_span(&text), &word.source, NULL, &err),
					 NOTAR_E_KEY);
			assert_string_equal(err.msg, "wrong passphrase, or the file is damaged");
		}
	}
	assert_int_equal(ERR_peek_error(), 0);
}

static void
no_padding_that_is_right_by_chance_passes_for_a_key(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = fixture_bytes(OPENSSL_KEYS "p256.pbkdf2.key");
	for (unsigned i = 0; i < 1500; i++) { /* 1 in 256 has good padding */
		struct fixture_word word;
		char guess[16];

		(void)snprintf(guess, sizeof(guess), "guess %u", i);
		fixture_word_init(&word, guess);
		assert_int_equal(decode(buf_span(&text), &word.source, NULL, NULL), NOTAR_E_KEY);
	}
}

static void
an_encrypted_file_without_a_passphrase_is_an_error(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = fixture_bytes(PEERS_KEYS "p256.key");
	struct passphrase_source none = { NULL, NULL };
	struct fixture_word word;

	assert_int_equal(decode(buf_span(&text), NULL, NULL, NULL), NOTAR_E_KEY);
	assert_int_equal(decode(buf_span(&text), &none, NULL, NULL), NOTAR_E_KEY);
	fixture_word_init(&word, NULL);
	assert_int_equal(decode(buf_span(&text), &word.source, NULL, NULL), NOTAR_E_AUTH);
	assert_int_equal(word.asked, 1);
}

static void
a_passphrase_over_the_limit_is_refused_before_the_work(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = fixture_bytes(PEERS_KEYS "p256.key");
	static char large[LIMIT_PASSPHRASE_BYTES + 2];
	struct fixture_word word;

	memset(large, 'x', sizeof(large) - 1);
	fixture_word_init(&word, large);
	assert_int_equal(decode(buf_span(&text), &word.source, NULL, NULL), NOTAR_E_LIMIT);
}

static void
old_encrypted_pem_is_refused_by_name(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = fixture_bytes(OPENSSL_KEYS "p256.proctype.key");
	struct notar_error err = { 0 };

	assert_int_equal(decode(buf_span(&text), NULL, NULL, &err), NOTAR_E_FORMAT);
	assert_non_null(strstr(err.msg, "Proc-Type"));
}

static void
what_is_no_key_file_is_a_format_error(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		"\n",
		"junk",
		"-----BEGIN PRIVATE KEY-----",
		"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
		"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
		"-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n",
		"-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n",
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE "
		"KEY-----\n",
		"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
		"-----BEGIN OPENSSH PRIVATE KEY-----\nMAA=\n-----END OPENSSH PRIVATE KEY-----\n",
		"-----BEGIN EC PARAMETERS-----\nMAA=\n",
	};
	for (size_t i = 0; i < NOTAR_COUNT(texts); i++)
		assert_int_equal(decode(span_str(texts[i]), NULL, NULL, NULL), NOTAR_E_FORMAT);
}

static void
a_second_block_or_text_around_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) key = fixture_bytes(OPENSSL_KEYS "p256.key");
	NOTAR_AUTO_OF(buf) twice = { 0 };
	NOTAR_AUTO_OF(buf) before = { 0 };

	buf_append_span(&twice, buf_span(&key));
	buf_append_span(&twice, buf_span(&key));
	assert_int_equal(decode(buf_span(&twice), NULL, NULL, NULL), NOTAR_E_FORMAT);
	buf_append_str(&before, "Bag Attributes\n");
	buf_append_span(&before, buf_span(&key));
	assert_int_equal(decode(buf_span(&before), NULL, NULL, NULL), NOTAR_E_FORMAT);
	assert_false(keyfile_is_private(buf_span(&before)));
}

static void
no_truncation_of_a_plain_file_loads(void **state)
{
	(void)state;
	static const char *const files[] = {
		OPENSSL_KEYS "p256.key",
		OPENSSL_KEYS "p256.ecparam.key",
		OPENSSL_KEYS "rsa2048.pkcs1.key",
	};
	for (size_t i = 0; i < NOTAR_COUNT(files); i++) {
		NOTAR_AUTO_OF(buf) text = fixture_bytes(files[i]);
		for (size_t len = 0; len + 1 < text.len; len++)
			assert_int_equal(decode(span_of(text.ptr, len), NULL, NULL, NULL),
					 NOTAR_E_FORMAT);
	}
}

static void
a_file_over_the_limit_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = { 0 };

	for (size_t i = 0; i <= LIMIT_KEY_FILE_BYTES; i++)
		buf_append_byte(&text, '\n');
	assert_int_equal(decode(buf_span(&text), NULL, NULL, NULL), NOTAR_E_LIMIT);
}

static void
each_written_form_reads_back_as_the_same_key(void **state)
{
	(void)state;
	static const char *const names[] = {
		OPENSSL_KEYS "p256.key",
		OPENSSL_KEYS "p521.key",
		OPENSSL_KEYS "rsa4096.key",
		OPENSSL_KEYS "ed25519.key",
	};
	static const enum keyfile_form forms[] = {
		KEYFILE_PKCS8,
		KEYFILE_SIGSTORE,
		KEYFILE_PKCS8_ENCRYPTED,
	};
	NOTAR_AUTO_OF(secret) phrase = fixture_secret_of(span_str("pw"));
	for (size_t i = 0; i < NOTAR_COUNT(names) * NOTAR_COUNT(forms); i++) {
		NOTAR_AUTO(key) *key = fixture_key(names[i / NOTAR_COUNT(forms)]);
		NOTAR_AUTO(key) *again = NULL;
		NOTAR_AUTO_OF(secret) file = { 0 };
		enum keyfile_form form = forms[i % NOTAR_COUNT(forms)];
		enum keyfile_form found = 0;
		struct fixture_word word;

		fixture_word_init(&word, "pw");
		assert_int_equal(keyfile_encode(key, form, &phrase, &file, NULL), NOTAR_OK);
		assert_true(keyfile_is_private(secret_borrow(&file)));
		assert_int_equal(keyfile_decode(&file, &word.source, &again, &found, NULL),
				 NOTAR_OK);
		assert_int_equal(found, form);
		assert_memory_equal(key_id(key), key_id(again), KEY_ID_BYTES);
	}
}

static void
plain_pkcs8_is_written_as_openssl_writes_it(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) want = fixture_bytes(OPENSSL_KEYS "rsa2048.key");
	NOTAR_AUTO(key) *key = fixture_key(OPENSSL_KEYS "rsa2048.key");
	NOTAR_AUTO_OF(secret) file = { 0 };

	assert_int_equal(keyfile_encode(key, KEYFILE_PKCS8, NULL, &file, NULL), NOTAR_OK);
	assert_true(span_equal(secret_borrow(&file), buf_span(&want)));
}

static void
two_writings_share_no_salt_and_no_nonce(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_key(OPENSSL_KEYS "p256.key");
	NOTAR_AUTO_OF(secret) phrase = fixture_secret_of(span_str("pw"));
	NOTAR_AUTO_OF(secret) a = { 0 };
	NOTAR_AUTO_OF(secret) b = { 0 };

	assert_int_equal(keyfile_encode(key, KEYFILE_SIGSTORE, &phrase, &a, NULL), NOTAR_OK);
	assert_int_equal(keyfile_encode(key, KEYFILE_SIGSTORE, &phrase, &b, NULL), NOTAR_OK);
	assert_int_equal(a.len, b.len);
	size_t same = 0;
	for (size_t i = 0; i < a.len; i++)
		same += a.ptr[i] == b.ptr[i];
	assert_true(same < a.len * 3 / 4); /* names and parameters only */
}

static void
an_empty_passphrase_is_valid_in_cosigns_form_only(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_key(OPENSSL_KEYS "p256.key");
	NOTAR_AUTO_OF(secret) empty = fixture_secret_of(span_str(""));
	NOTAR_AUTO_OF(secret) file = { 0 };
	NOTAR_AUTO_OF(secret) other = { 0 };
	NOTAR_AUTO(key) *again = NULL;
	struct fixture_word word;

	fixture_word_init(&word, "");
	assert_int_equal(keyfile_encode(key, KEYFILE_SIGSTORE, &empty, &file, NULL), NOTAR_OK);
	assert_int_equal(keyfile_decode(&file, &word.source, &again, NULL, NULL), NOTAR_OK);
	assert_int_equal(keyfile_encode(key, KEYFILE_PKCS8_ENCRYPTED, &empty, &other, NULL),
			 NOTAR_E_USAGE);
	assert_null(other.ptr);
}

static void
forms_that_are_only_read_are_not_written(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_key(OPENSSL_KEYS "p256.key");
	NOTAR_AUTO(key) *public = fixture_key(OPENSSL_KEYS "p256.pub");
	struct secret out = { 0 };

	assert_int_equal(keyfile_encode(key, KEYFILE_SEC1, NULL, &out, NULL), NOTAR_E_USAGE);
	assert_int_equal(keyfile_encode(key, KEYFILE_PKCS1, NULL, &out, NULL), NOTAR_E_USAGE);
	assert_int_equal(keyfile_encode(key, KEYFILE_SIGSTORE, NULL, &out, NULL), NOTAR_E_USAGE);
	assert_int_equal(keyfile_encode(public, KEYFILE_PKCS8, NULL, &out, NULL), NOTAR_E_KEY);
	assert_null(out.ptr);
}

static void
loading_names_the_file_that_failed(void **state)
{
	(void)state;
	struct notar_error err = { 0 };
	struct key *key = NULL;

	assert_int_equal(keyfile_load("tests/vectors/absent.key", NULL, &key, &err),
			 NOTAR_E_NOT_FOUND);
	assert_non_null(strstr(err.msg, "absent.key"));
	assert_int_equal(keyfile_load(PEERS_KEYS "README.md", NULL, &key, &err), NOTAR_E_FORMAT);
	assert_non_null(strstr(err.msg, "README.md"));
	assert_null(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_told_from_its_label),
		cmocka_unit_test(every_container_of_one_key_gives_that_key),
		cmocka_unit_test(a_wrong_passphrase_says_so),
		cmocka_unit_test(no_padding_that_is_right_by_chance_passes_for_a_key),
		cmocka_unit_test(an_encrypted_file_without_a_passphrase_is_an_error),
		cmocka_unit_test(a_passphrase_over_the_limit_is_refused_before_the_work),
		cmocka_unit_test(old_encrypted_pem_is_refused_by_name),
		cmocka_unit_test(what_is_no_key_file_is_a_format_error),
		cmocka_unit_test(a_second_block_or_text_around_is_refused),
		cmocka_unit_test(no_truncation_of_a_plain_file_loads),
		cmocka_unit_test(a_file_over_the_limit_is_refused),
		cmocka_unit_test(each_written_form_reads_back_as_the_same_key),
		cmocka_unit_test(plain_pkcs8_is_written_as_openssl_writes_it),
		cmocka_unit_test(two_writings_share_no_salt_and_no_nonce),
		cmocka_unit_test(an_empty_passphrase_is_valid_in_cosigns_form_only),
		cmocka_unit_test(forms_that_are_only_read_are_not_written),
		cmocka_unit_test(loading_names_the_file_that_failed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
