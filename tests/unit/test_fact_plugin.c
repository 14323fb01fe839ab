/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fact.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/digest.h"

/* A fact by certificates that asks for a plugin, and what its spans borrow from. */
struct sample {
	struct fact fact;
	struct buf links, attributes, row;
};

static void
sample_release(struct sample *s)
{
	buf_release(&s->links);
	buf_release(&s->attributes);
	buf_release(&s->row);
}

static struct sample
sample_of(const char *plugin, const char *least, bool attributes)
{
	static const uint8_t thumbprint[FACT_ID_BYTES] = { 7 };
	const struct fact_link link = { thumbprint, 1, 2, true };
	struct sample s = { .fact = { .format = FACT_JWS,
				      .proof = FACT_BY_X509,
				      .leaf_name = span_str("name"),
				      .subject_size = -1,
				      .plugin = span_str(plugin),
				      .plugin_min_version = span_str(least) } };

	fact_link_append(&s.links, &link);
	if (attributes) {
		fact_annotation_append(&s.attributes, span_str("a"), span_str("\"1\""));
		fact_annotation_append(&s.attributes, span_str("b"), span_str("2"));
	}
	s.fact.subject = digest_of(NOTAR_SHA256, span_str("subject"));
	s.fact.payload = digest_of(NOTAR_SHA256, span_str("payload"));
	s.fact.chain = buf_span(&s.links);
	s.fact.attributes = buf_span(&s.attributes);
	fact_encode(&s.fact, &s.row);
	return s;
}

static void
assert_damaged(const struct sample *s)
{
	struct fact fact = { .expires_s = 77 };
	struct notar_error err = { 0 };

	assert_int_equal(fact_decode(buf_span(&s->row), &fact, &err), NOTAR_E_STORE);
	assert_int_equal(fact.expires_s, 77);
}

static void
what_an_envelope_asks_of_a_plugin_is_read_back(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = sample_of("com.example.p", "1.2.3", true);
	struct fact got;

	assert_int_equal(fact_decode(buf_span(&s.row), &got, NULL), NOTAR_OK);
	assert_true(span_is(got.plugin, "com.example.p"));
	assert_true(span_is(got.plugin_min_version, "1.2.3"));
	assert_true(span_equal(got.attributes, s.fact.attributes));
}

static void
only_the_name_has_to_be_there(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = sample_of("p", "", false);
	struct fact got;

	assert_int_equal(fact_decode(buf_span(&s.row), &got, NULL), NOTAR_OK);
	assert_true(span_is(got.plugin, "p"));
	assert_int_equal(got.plugin_min_version.len + got.attributes.len, 0);
}

/* Rows from before there were plugins have none, and those without one are what they were. */
static void
a_row_without_a_plugin_is_as_it_always_was(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = sample_of("", "", false);
	struct fact got;

	assert_int_equal(fact_decode(buf_span(&s.row), &got, NULL), NOTAR_OK);
	assert_int_equal(got.plugin.len, 0);
	assert_int_equal(s.row.ptr[0], 1);
	/* The end's tag and length, and before it that of the leaf's name. */
	assert_memory_equal(s.row.ptr + s.row.len - 5, "\xff\0\0\0", 5);
	assert_memory_equal(s.row.ptr + s.row.len - 14, "\x13\0\0\0\x04name", 9);
}

static void
attributes_without_a_plugin_are_damage(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) versions = sample_of("", "1.0.0", false);
	NOTAR_AUTO_OF(sample) attributes = sample_of("", "", true);
	NOTAR_AUTO_OF(sample) by_key = sample_of("p", "", false);

	assert_damaged(&versions);
	assert_damaged(&attributes);
	by_key.fact.proof = FACT_BY_KEY;
	buf_clear(&by_key.row);
	fact_encode(&by_key.fact, &by_key.row);
	assert_damaged(&by_key);
}

static void
attributes_that_do_not_add_up_are_damage(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = sample_of("p", "", true);

	s.fact.attributes.len--;
	buf_clear(&s.row);
	fact_encode(&s.fact, &s.row);
	assert_damaged(&s);
}

static void
a_plugins_name_is_no_path(void **state)
{
	static const char *const good[] = { "p",       "com.amazonaws.signer.notation.plugin",
					    "A-b_c.9", "...",
					    "-",       ".p" };
	static const char *const bad[] = { "",  ".",   "..",   "../p", "a/b", "/bin/sh",  "a b",
					   " ", "a\n", "a\\b", "a:b",  "~",   "\xc3\xa4", "a%2f" };
	char long_name[129];

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(good); i++)
		assert_true(fact_is_plugin_name(span_str(good[i])));
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(sample) s = sample_of(bad[i], "", false);

		assert_false(fact_is_plugin_name(span_str(bad[i])));
		if (bad[i][0] != '\0')
			assert_damaged(&s);
	}
	assert_false(fact_is_plugin_name(span_of("a\0", 2)));
	memset(long_name, 'a', sizeof(long_name));
	assert_true(fact_is_plugin_name(span_of(long_name, 128)));
	assert_false(fact_is_plugin_name(span_of(long_name, 129)));
}

static void
a_new_tag_is_a_miss_for_who_does_not_know_it(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = sample_of("p", "", false);

	s.row.ptr[s.row.len - 11] = 27; /* the plugin's own tag was 24 */
	assert_damaged(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_envelope_asks_of_a_plugin_is_read_back),
		cmocka_unit_test(only_the_name_has_to_be_there),
		cmocka_unit_test(a_row_without_a_plugin_is_as_it_always_was),
		cmocka_unit_test(attributes_without_a_plugin_are_damage),
		cmocka_unit_test(attributes_that_do_not_add_up_are_damage),
		cmocka_unit_test(a_plugins_name_is_no_path),
		cmocka_unit_test(a_new_tag_is_a_miss_for_who_does_not_know_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
