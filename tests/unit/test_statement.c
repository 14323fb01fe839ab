/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/statement.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/lib/envelope_fixture.h"

#define HEX "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" /* of "hello" */
#define SUBJECT "{\"digest\":{\"sha256\":\"" HEX "\"}}"
#define STATEMENT(type, subjects)                                                                  \
	"{\"_type\":\"" type "\",\"subject\":[" subjects "],\"predicateType\":\"urn:x\","          \
	"\"predicate\":{}}"

static enum notar_code
read_text(const char *text, struct statement *out, struct notar_error *err)
{
	struct notar_digest digest = fixture_digest("hello");

	return statement_read(span_str(text), &digest, out, err);
}

static void
both_versions_are_read_and_the_subject_found(void **state)
{
	(void)state;
	static const char *const good[] = {
		STATEMENT(STATEMENT_V1, SUBJECT),
		STATEMENT(STATEMENT_V01,
			  "{\"name\":\"x\",\"digest\":{\"sha256\":\"00\"}}," SUBJECT),
	};

	for (size_t i = 0; i < NOTAR_COUNT(good); i++) {
		NOTAR_AUTO_OF(statement) statement = { 0 };
		struct notar_error err = { 0 };

		assert_int_equal(read_text(good[i], &statement, &err), NOTAR_OK);
		assert_true(span_is(statement.predicate_type, "urn:x"));
		assert_non_null(statement.subject.value);
	}
}

static void
damage_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"null",
		STATEMENT("https://in-toto.io/Statement/v2", SUBJECT),
		STATEMENT(STATEMENT_V1, ""),
		STATEMENT(STATEMENT_V1, "7"),
		STATEMENT(STATEMENT_V1, "{}"),
		STATEMENT(STATEMENT_V1, "{\"digest\":7}"),
		STATEMENT(STATEMENT_V1, "{\"digest\":{\"sha256\":7}}"),
		/* Damage behind the subject that fits counts too. */
		STATEMENT(STATEMENT_V1, SUBJECT ",{\"digest\":null}"),
		"{\"_type\":\"" STATEMENT_V1 "\",\"subject\":[" SUBJECT "],\"predicateType\":\"\"}",
		"{\"_type\":\"" STATEMENT_V1 "\",\"subject\":[" SUBJECT "],\"predicateType\":7}",
		"{\"_type\":\"" STATEMENT_V1 "\",\"subject\":[" SUBJECT "]}",
		"{\"subject\":[" SUBJECT "],\"predicateType\":\"urn:x\"}",
		"{\"_type\":\"" STATEMENT_V1 "\",\"_type\":\"" STATEMENT_V1
		"\",\"subject\":[" SUBJECT "],\"predicateType\":\"urn:x\"}",
		STATEMENT(STATEMENT_V1, SUBJECT) "x",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(statement) statement = { 0 };
		struct notar_error err = { 0 };

		assert_int_equal(read_text(bad[i], &statement, &err), NOTAR_E_FORMAT);
		assert_null(statement.root);
		assert_true(err.msg[0] != '\0');
	}
}

/* CVE-2026-31830: the subject check is what decides; nothing but a match is NOTAR_OK. */
static void
cve_2026_31830_another_digest_is_a_mismatch(void **state)
{
	(void)state;
	static const char *const others[] = {
		STATEMENT(STATEMENT_V1, "{\"digest\":{\"sha256\":\"00\"}}"),
		STATEMENT(STATEMENT_V1, "{\"digest\":{\"sha512\":\"" HEX "\"}}"),
		STATEMENT(STATEMENT_V1, "{\"digest\":{\"SHA256\":\"" HEX "\"}}"),
		STATEMENT(STATEMENT_V1, "{\"name\":\"" HEX "\",\"digest\":{}}"),
		STATEMENT(STATEMENT_V1, "{\"digest\":{\"sha256\":\"sha256:" HEX "\"}}"),
	};

	for (size_t i = 0; i < NOTAR_COUNT(others); i++) {
		NOTAR_AUTO_OF(statement) statement = { 0 };
		struct notar_error err = { 0 };

		assert_int_equal(read_text(others[i], &statement, &err), NOTAR_E_DIGEST);
		assert_null(statement.root);
	}
}

static struct buf
many(const char *one, size_t count)
{
	struct buf text = { 0 };

	buf_append_str(&text, "{\"_type\":\"" STATEMENT_V1 "\",\"predicateType\":\"urn:x\","
			      "\"subject\":[");
	for (size_t i = 0; i < count; i++) {
		buf_append_str(&text, i > 0 ? "," : "");
		buf_append_str(&text, one);
	}
	buf_append_str(&text, "]}");
	return text;
}

static void
cve_2024_45395_subjects_and_their_digests_are_bounded(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) fits = many(SUBJECT, LIMIT_STATEMENT_SUBJECTS);
	NOTAR_AUTO_OF(buf) over = many(SUBJECT, LIMIT_STATEMENT_SUBJECTS + 1);
	NOTAR_AUTO_OF(buf) subject = { 0 };
	NOTAR_AUTO_OF(statement) statement = { 0 };
	NOTAR_AUTO_OF(statement) none = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(read_text(buf_cstr(&fits), &statement, &err), NOTAR_OK);
	assert_int_not_equal(read_text(buf_cstr(&over), &none, &err), NOTAR_OK);
	buf_append_str(&subject, "{\"digest\":{\"sha256\":\"" HEX "\"");
	for (int i = 0; i < LIMIT_SUBJECT_DIGESTS; i++)
		buf_printf(&subject, ",\"d%d\":\"x\"", i);
	buf_append_str(&subject, "}}");
	NOTAR_AUTO_OF(buf) digests = many(buf_cstr(&subject), 1);

	assert_int_equal(read_text(buf_cstr(&digests), &none, &err), NOTAR_E_LIMIT);
}

static void
every_truncation_and_flipped_bit_is_refused_or_says_the_same(void **state)
{
	(void)state;
	static const char good[] = STATEMENT(STATEMENT_V1, SUBJECT);
	struct notar_digest digest = fixture_digest("hello");
	char text[sizeof(good)];

	for (size_t len = 0; len < sizeof(good) - 1; len++) {
		NOTAR_AUTO_OF(statement) statement = { 0 };

		assert_int_not_equal(statement_read(span_of(good, len), &digest, &statement, NULL),
				     NOTAR_OK);
	}
	/* In the digest's digits every flip is another digest. */
	size_t start = (size_t)(strstr(good, HEX) - good);

	for (size_t bit = 0; bit < 64 * 8; bit++) {
		NOTAR_AUTO_OF(statement) statement = { 0 };

		memcpy(text, good, sizeof(good));
		text[start + bit / 8] = (char)(text[start + bit / 8] ^ (1 << bit % 8));
		assert_int_not_equal(
			statement_read(span_of(text, sizeof(good) - 1), &digest, &statement, NULL),
			NOTAR_OK);
	}
}

static void
what_we_write_is_what_cosign_writes(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) sign = { 0 };
	NOTAR_AUTO_OF(buf) attest = { 0 };
	struct notar_digest digest = fixture_digest("hello");
	const struct annotation notes[] = { { span_str("env"), span_str("prod") } };

	statement_write_sign(&digest, notes, 1, &sign);
	assert_string_equal(
		buf_cstr(&sign),
		"{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"digest\":"
		"{\"sha256\":\"" HEX "\"},\"annotations\":{\"env\":\"prod\"}}],"
		"\"predicateType\":\"https://sigstore.dev/cosign/sign/v1\","
		"\"predicate\":{}}");
	statement_write_attestation(&digest, "registry.example/app", "urn:x", span_str("{\"a\":1}"),
				    &attest);
	assert_string_equal(
		buf_cstr(&attest),
		"{\"_type\":\"https://in-toto.io/Statement/v0.1\",\"subject\":[{\"name\":"
		"\"registry.example/app\",\"digest\":{\"sha256\":\"" HEX "\"}}],"
		"\"predicateType\":\"urn:x\",\"predicate\":{\"a\":1}}");
}

static void
short_names_are_cosigns_and_unknown_ones_are_none(void **state)
{
	(void)state;
	assert_string_equal(predicate_uri("slsaprovenance1"), "https://slsa.dev/provenance/v1");
	assert_string_equal(predicate_uri("slsaprovenance"), "https://slsa.dev/provenance/v0.2");
	assert_string_equal(predicate_uri("spdx"), "https://spdx.dev/Document");
	assert_string_equal(predicate_uri("cyclonedx"), "https://cyclonedx.org/bom");
	assert_string_equal(predicate_uri("urn:mine"), "urn:mine");
	assert_null(predicate_uri("slsa"));
	assert_null(predicate_uri(""));
	assert_null(predicate_uri("SPDX"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_versions_are_read_and_the_subject_found),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(cve_2026_31830_another_digest_is_a_mismatch),
		cmocka_unit_test(cve_2024_45395_subjects_and_their_digests_are_bounded),
		cmocka_unit_test(every_truncation_and_flipped_bit_is_refused_or_says_the_same),
		cmocka_unit_test(what_we_write_is_what_cosign_writes),
		cmocka_unit_test(short_names_are_cosigns_and_unknown_ones_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
