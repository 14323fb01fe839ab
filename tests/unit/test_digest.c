/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* FIPS 180-4's example message "abc". */
#define ABC_256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC_512                                                                                    \
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"                         \
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

static void
assert_refused(const char *text, size_t len)
{
	struct notar_error err = { 0 };
	struct notar_digest digest = { .alg = NOTAR_SHA512, .bytes = { 7 } };

	if (notar_digest_parse(text, len, &digest, &err) != NOTAR_E_FORMAT)
		fail_msg("accepted \"%.*s\"", (int)len, text);
	assert_int_equal(digest.alg, NOTAR_SHA512);
	assert_int_equal(digest.bytes[0], 7);
	assert_non_null(strstr(err.msg, "digest"));
}

static void
known_messages_hash_to_their_known_digests(void **state)
{
	(void)state;
	char text[NOTAR_DIGEST_TEXT_BYTES];
	struct notar_digest digest = digest_of(NOTAR_SHA256, span_str("abc"));

	assert_string_equal(notar_digest_format(&digest, text), "sha256:" ABC_256);
	digest = digest_of(NOTAR_SHA512, span_str("abc"));
	assert_string_equal(notar_digest_format(&digest, text), "sha512:" ABC_512);
	digest = digest_of(NOTAR_SHA256, (struct span){ 0 });
	assert_string_equal(
		notar_digest_format(&digest, text),
		"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
both_spellings_are_read_back(void **state)
{
	(void)state;
	static const char *const good[] = { "sha256:" ABC_256, "sha512:" ABC_512 };

	for (size_t i = 0; i < 2; i++) {
		struct notar_digest digest;
		char text[NOTAR_DIGEST_TEXT_BYTES];
		assert_int_equal(notar_digest_parse(good[i], strlen(good[i]), &digest, NULL),
				 NOTAR_OK);
		assert_string_equal(notar_digest_format(&digest, text), good[i]);
	}
}

static void
every_other_spelling_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"sha256",
		"sha256:",
		":" ABC_256,
		ABC_256,
		"SHA256:" ABC_256,
		"sha256-" ABC_256,
		"sha256:" ABC_256 " ",
		" sha256:" ABC_256,
		"sha256: " ABC_256,
		"sha256:" ABC_256 "0",
		"sha256:" ABC_256 "00",
		"sha512:" ABC_256,
		"sha256:" ABC_512,
		"sha384:" ABC_256,
		"sha1:a9993e364706816aba3e25717850c26c9cd0d89d",
		"md5:900150983cd24fb0d6963f7d28e17f72",
		"sha256:BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"sha256+b64:" ABC_256,
		"none",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(bad[i], strlen(bad[i]));
	assert_refused("sha256:" ABC_256, strlen("sha256:" ABC_256) + 1); /* its NUL */
}

static void
every_truncated_digest_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < strlen("sha512:" ABC_512); len++)
		assert_refused("sha512:" ABC_512, len);
}

static void
no_digest_equals_no_digest_not_even_itself(void **state)
{
	(void)state;
	struct notar_digest none = { 0 };
	struct notar_digest foreign = { .alg = (enum notar_digest_alg)9 };
	char text[NOTAR_DIGEST_TEXT_BYTES];

	assert_false(notar_digest_equal(&none, &none));
	assert_false(notar_digest_equal(&foreign, &foreign));
	assert_string_equal(notar_digest_format(&none, text), "none");
	assert_string_equal(notar_digest_format(&foreign, text), "none");
	assert_int_equal(notar_digest_len(NOTAR_DIGEST_NONE), 0);
	assert_int_equal(notar_digest_len((enum notar_digest_alg)9), 0);
}

static void
digests_differ_by_algorithm_and_by_any_byte(void **state)
{
	(void)state;
	struct notar_digest a = digest_of(NOTAR_SHA256, span_str("abc"));
	struct notar_digest longer = a;

	assert_true(notar_digest_equal(&a, &a));
	longer.alg = NOTAR_SHA512;
	assert_false(notar_digest_equal(&a, &longer));
	for (size_t i = 0; i < 32; i++) {
		struct notar_digest b = a;
		b.bytes[i] ^= 1;
		assert_false(notar_digest_equal(&a, &b));
	}
}

static void
unknown_algorithms_give_the_empty_digest(void **state)
{
	(void)state;
	struct digest_stream s;
	struct notar_digest digest = digest_of((enum notar_digest_alg)9, span_str("abc"));

	assert_int_equal(digest.alg, NOTAR_DIGEST_NONE);
	digest_start(&s, (enum notar_digest_alg)9);
	digest_add(&s, span_str("abc"));
	digest = digest_end(&s);
	assert_int_equal(digest.alg, NOTAR_DIGEST_NONE);
}

static void
pieces_hash_as_the_whole(void **state)
{
	(void)state;
	static const enum notar_digest_alg algs[] = { NOTAR_SHA256, NOTAR_SHA512 };
	uint8_t bytes[300];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
		struct digest_stream s;
		digest_start(&s, algs[cut % 2]);
		digest_add(&s, span_of(bytes, cut));
		digest_add(&s, (struct span){ 0 });
		digest_add(&s, span_of(bytes + cut, sizeof(bytes) - cut));
		assert_int_equal(s.total, sizeof(bytes));
		struct notar_digest whole = digest_of(algs[cut % 2], span_of(bytes, sizeof(bytes)));
		struct notar_digest pieces = digest_end(&s);
		assert_true(notar_digest_equal(&whole, &pieces));
	}
}

static void
an_ended_stream_gives_no_second_digest(void **state)
{
	(void)state;
	struct digest_stream s;

	digest_start(&s, NOTAR_SHA256);
	(void)digest_end(&s);
	assert_int_equal(digest_end(&s).alg, NOTAR_DIGEST_NONE);
}

static void
other_bytes_fail_the_check_and_both_digests_are_named(void **state)
{
	(void)state;
	struct notar_error err = { 0 };
	struct notar_digest want = digest_of(NOTAR_SHA256, span_str("abc"));
	struct notar_digest none = { 0 };

	assert_int_equal(digest_check(&want, span_str("abc"), "blob", &err), NOTAR_OK);
	assert_int_equal(digest_check(&want, span_str("abd"), "blob", &err), NOTAR_E_DIGEST);
	assert_non_null(strstr(err.msg, "blob"));
	assert_non_null(strstr(err.msg, ABC_256));
	assert_non_null(strstr(err.msg, "sha256:a52d159f"));
	assert_int_equal(digest_check(&none, span_str("abc"), "blob", &err), NOTAR_E_DIGEST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_messages_hash_to_their_known_digests),
		cmocka_unit_test(both_spellings_are_read_back),
		cmocka_unit_test(every_other_spelling_is_refused),
		cmocka_unit_test(every_truncated_digest_is_refused),
		cmocka_unit_test(no_digest_equals_no_digest_not_even_itself),
		cmocka_unit_test(digests_differ_by_algorithm_and_by_any_byte),
		cmocka_unit_test(unknown_algorithms_give_the_empty_digest),
		cmocka_unit_test(pieces_hash_as_the_whole),
		cmocka_unit_test(an_ended_stream_gives_no_second_digest),
		cmocka_unit_test(other_bytes_fail_the_check_and_both_digests_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
