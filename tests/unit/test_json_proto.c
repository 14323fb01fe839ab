/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_proto.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static enum notar_code
look(const char *text, const char *name, bool must, bool *found)
{
	const struct json_limits limits = { 1000, 8 };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top, value = { 0 };
	struct notar_error err;

	assert_int_equal(json_parse(span_str(text), limits, "text", &root, &top, &err), NOTAR_OK);
	enum notar_code code = must ? json_proto_member(&top, name, &value, &err) :
				      json_proto_optional(&top, name, &value, &err);

	*found = value.value != NULL;
	return code;
}

static void
either_spelling_is_read(void **state)
{
	(void)state;
	bool found;

	assert_int_equal(look("{\"logIndex\":1}", "logIndex", true, &found), NOTAR_OK);
	assert_true(found);
	assert_int_equal(look("{\"log_index\":1}", "logIndex", true, &found), NOTAR_OK);
	assert_true(found);
	assert_int_equal(
		look("{\"x509_certificate_chain\":1}", "x509CertificateChain", true, &found),
		NOTAR_OK);
	assert_true(found);
}

static void
null_is_absent_and_both_spellings_are_one_too_many(void **state)
{
	(void)state;
	bool found;

	assert_int_equal(look("{\"logIndex\":null}", "logIndex", false, &found), NOTAR_OK);
	assert_false(found);
	assert_int_equal(look("{\"log_index\":null}", "logIndex", false, &found), NOTAR_OK);
	assert_false(found);
	assert_int_equal(look("{\"logIndex\":null,\"log_index\":1}", "logIndex", false, &found),
			 NOTAR_E_FORMAT);
	assert_int_equal(look("{\"logIndex\":1,\"log_index\":1}", "logIndex", false, &found),
			 NOTAR_E_FORMAT);
	assert_int_equal(look("{}", "logIndex", true, &found), NOTAR_E_FORMAT);
	assert_int_equal(look("{\"LogIndex\":1}", "logIndex", true, &found), NOTAR_E_FORMAT);
}

static void
what_is_not_known_is_refused_in_any_spelling(void **state)
{
	(void)state;
	static const char *const names[] = { "logIndex", "body" };
	static const struct {
		const char *text;
		enum notar_code code;
	} cases[] = {
		{ "{\"log_index\":1,\"body\":2}", NOTAR_OK }, { "{}", NOTAR_OK },
		{ "{\"log_Index\":1}", NOTAR_E_FORMAT },      { "{\"_body\":1}", NOTAR_E_FORMAT },
		{ "{\"bodyx\":1}", NOTAR_E_FORMAT },          { "[]", NOTAR_E_FORMAT },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		const struct json_limits limits = { 1000, 8 };
		NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
		struct notar_error err;
		struct json top;

		assert_int_equal(
			json_parse(span_str(cases[i].text), limits, "text", &root, &top, &err),
			NOTAR_OK);
		assert_int_equal(json_proto_only(&top, names, NOTAR_COUNT(names), &err),
				 cases[i].code);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(either_spelling_is_read),
		cmocka_unit_test(null_is_absent_and_both_spellings_are_one_too_many),
		cmocka_unit_test(what_is_not_known_is_refused_in_any_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
