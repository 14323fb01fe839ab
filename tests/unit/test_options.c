/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/own.h"

/* Parses one word after the other; the words are literals that nobody changes. */
static enum notar_code
parse(unsigned command, const char *const *words, size_t count, struct options *out)
{
	char *argv[8];
	struct notar_error err = { 0 };

	*out = (struct options){ 0 };
	for (size_t i = 0; i < count; i++)
		argv[i] = strdup(words[i]);
	enum notar_code code = options_parse(command, (int)count, argv, out, &err);

	/* Values borrow from argv: good until the test has ended. */
	if (code != NOTAR_OK)
		for (size_t i = 0; i < count; i++)
			free(argv[i]);
	return code;
}

#define PARSE(command, out, ...)                                                                   \
	parse(command, (const char *const[]){ __VA_ARGS__ },                                       \
	      sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *), out)

static void
both_spellings_and_lists_are_taken(void **state)
{
	(void)state;
	struct options o;

	assert_int_equal(PARSE(CMD_VERIFY, &o, "--key", "a", "--key=b", "--json", "image", "other"),
			 NOTAR_OK);
	assert_int_equal(o.keys.count, 2);
	assert_string_equal(o.keys.values[1], "b");
	assert_true(o.json);
	assert_int_equal(o.operands.count, 2);
}

static void
two_dashes_end_the_options_and_one_is_a_name(void **state)
{
	(void)state;
	struct options o;

	assert_int_equal(PARSE(CMD_SIGN_BLOB, &o, "--key", "k", "--", "--force", "-"), NOTAR_OK);
	assert_false(o.force);
	assert_int_equal(o.operands.count, 2);
	assert_string_equal(o.operands.values[0], "--force");
}

static void
what_is_no_option_of_the_command_is_refused(void **state)
{
	(void)state;
	struct options o;

	assert_int_equal(PARSE(CMD_SIGN, &o, "--policy", "p"), NOTAR_E_USAGE);
	assert_int_equal(PARSE(CMD_SIGN, &o, "--nothing"), NOTAR_E_USAGE);
	assert_int_equal(PARSE(CMD_SIGN, &o, "-k", "p"), NOTAR_E_USAGE);
	assert_int_equal(PARSE(CMD_SIGN, &o, "--ke", "p"), NOTAR_E_USAGE);
	assert_int_equal(PARSE(CMD_SIGN, &o, "--key"), NOTAR_E_USAGE);
	assert_int_equal(PARSE(CMD_SIGN, &o, "--key="), NOTAR_E_USAGE);
	assert_int_equal(PARSE(CMD_SIGN, &o, "--json=yes"), NOTAR_E_USAGE);
	assert_int_equal(PARSE(CMD_SIGN, &o, "--format", "a", "--format", "b"), NOTAR_E_USAGE);
	assert_int_equal(PARSE(CMD_SIGN, &o, ""), NOTAR_E_USAGE);
}

static void
timeouts_are_bounded(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"0", "0s", "-1", "1x", "2d", "86401", "s", "1e3", " 1"
	};
	int64_t ms;
	struct notar_error err = { 0 };

	for (size_t i = 0; i < NOTAR_COUNT(wrong); i++) {
		const struct options o = { .timeout = wrong[i] };

		assert_int_equal(options_timeout(&o, &ms, &err), NOTAR_E_USAGE);
		assert_non_null(strstr(err.msg, "--timeout"));
	}
	assert_int_equal(options_timeout(&(struct options){ .timeout = "2m" }, &ms, &err),
			 NOTAR_OK);
	assert_int_equal(ms, 120000);
	assert_int_equal(options_timeout(&(struct options){ .timeout = "5" }, &ms, &err), NOTAR_OK);
	assert_int_equal(ms, 5000);
}

static void
annotations_are_pairs(void **state)
{
	(void)state;
	struct notar_annotation out[OPTIONS_MAX_VALUES];
	const struct options good = { .annotations = { { "a=b", "c==d", "e=" }, 3 } };
	static const char *const wrong[] = { "", "=b", "ab" };
	struct notar_error err = { 0 };
	NOTAR_AUTO_CHARS *storage = NULL;

	assert_int_equal(options_pairs(&good.annotations, "annotation", out, &storage, &err),
			 NOTAR_OK);
	assert_string_equal(out[1].name, "c");
	assert_string_equal(out[1].value, "=d");
	assert_string_equal(out[2].value, "");
	for (size_t i = 0; i < NOTAR_COUNT(wrong); i++) {
		const struct options bad = { .annotations = { { wrong[i] }, 1 } };
		NOTAR_AUTO_CHARS *other = NULL;

		assert_int_equal(options_pairs(&bad.annotations, "annotation", out, &other, &err),
				 NOTAR_E_USAGE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_spellings_and_lists_are_taken),
		cmocka_unit_test(two_dashes_end_the_options_and_one_is_a_name),
		cmocka_unit_test(what_is_no_option_of_the_command_is_refused),
		cmocka_unit_test(timeouts_are_bounded),
		cmocka_unit_test(annotations_are_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
