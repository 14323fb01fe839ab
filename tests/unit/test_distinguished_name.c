/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/distinguished_name.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "keys/der.h"

#define NAMED "C=US,ST=WA,O=notar"

enum number { CN = 3, SERIAL = 5, C = 6, L = 7, ST = 8, STREET = 9, O = 10, OU = 11, POSTAL = 17 };
enum { UTF8 = 0x0c, PRINTABLE = 0x13, T61 = 0x14, IA5 = 0x16, UNIVERSAL = 0x1c, BMP = 0x1e };

/* One AttributeTypeAndValue of type 2.5.4.number; number 0 is an e-mail address. */
static void
put_pair(struct buf *out, enum number number, int tag, struct span value)
{
	static const uint8_t mail[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01 };
	const uint8_t id_at[] = { 0x55, 0x04, (uint8_t)number };
	NOTAR_AUTO_OF(buf) pair = { 0 };

	der_put(&pair, DER_OID,
		number == 0 ? span_of(mail, sizeof(mail)) : span_of(id_at, sizeof(id_at)));
	der_put(&pair, (enum der_tag)tag, value);
	der_put(out, DER_SEQUENCE, buf_span(&pair));
}

static void
put_set(struct buf *out, enum number number, int tag, struct span value)
{
	NOTAR_AUTO_OF(buf) set = { 0 };

	put_pair(&set, number, tag, value);
	der_put(out, DER_SET, buf_span(&set));
}

/* C=US, ST=WA, O=notar without the header around it. */
static struct buf
usual(void)
{
	struct buf sets = { 0 };

	put_set(&sets, C, PRINTABLE, span_str("US"));
	put_set(&sets, ST, UTF8, span_str("WA"));
	put_set(&sets, O, UTF8, span_str("notar"));
	return sets;
}

static bool
matches(const char *identity, const struct buf *sets, char why[160])
{
	NOTAR_AUTO(distinguished_name) *name = NULL;
	NOTAR_AUTO_OF(buf) subject = { 0 };
	struct notar_error err = { 0 };

	der_put(&subject, DER_SEQUENCE, buf_span(sets));
	assert_int_equal(distinguished_name_parse(span_str(identity), &name, &err), NOTAR_OK);
	return distinguished_name_matches(name, buf_span(&subject), why);
}

static void
names_are_read_as_people_write_them(void **state)
{
	(void)state;
	static const char *const same[] = {
		"C=US,ST=WA,O=notar",    " C = US , ST = WA , O = notar ", "O=notar;S=WA;C=US",
		"C=US,ST=WA,O=n\\6ftar", "C=\\55\\53,S=WA,O=\\6Eotar",
	};

	for (size_t i = 0; i < NOTAR_COUNT(same); i++) {
		NOTAR_AUTO_OF(buf) sets = usual();

		assert_true(matches(same[i], &sets, NULL));
	}
}

static void
escapes_yield_the_character(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) sets = usual();

	put_set(&sets, CN, UTF8, span_str(" a\"#+,;<=>\\b\xc3\xa9 "));
	assert_true(
		matches(NAMED ",CN=\\ a\\\"\\#\\+\\,\\;\\<\\=\\>\\\\b\\c3\\A9\\ ", &sets, NULL));
	assert_true(
		matches(NAMED ",CN=\\ a\\\"\\#\\+\\,\\;\\<=\\>\\\\b\xc3\xa9\\20  ", &sets, NULL));
	assert_false(matches(NAMED ",CN=a\\\"\\#\\+\\,\\;\\<\\=\\>\\\\b\xc3\xa9", &sets, NULL));
}

static void
a_slash_escaped_at_the_end_does_not_keep_the_space(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) sets = usual();

	put_set(&sets, CN, UTF8, span_str("a\\"));
	assert_true(matches(NAMED ",CN=a\\\\ ", &sets, NULL));
}

static void
refuse(struct span text)
{
	struct distinguished_name *name = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(distinguished_name_parse(text, &name, &err), NOTAR_E_FORMAT);
	assert_null(name);
	assert_true(err.msg[0] != '\0');
}

/* Hexadecimal BER made another reader allocate without bound. */
static void
cve_2023_25656_values_in_ber_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"=#",
		"C=#04024869",
		NAMED ",CN=#048488ffffff",
		NAMED ",1.2.3=#0484FFFFFFFF",
		NAMED ",CN=a=#b",
		NAMED ",CN= #0401",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		refuse(span_str(bad[i]));
}

static void
what_is_no_name_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		" ",
		",",
		"*",
		"C",
		"C=US",
		"C=US,ST=WA",
		"C=US,O=notar",
		"ST=WA,O=notar",
		"C=,ST=WA,O=notar",
		"C= ,ST=WA,O=notar",
		NAMED ",",
		"," NAMED,
		"C=US,,ST=WA,O=notar",
		NAMED ",OU",
		NAMED ",=x",
		NAMED ",OU=",
		NAMED ",O U=x",
		NAMED ",O\\U=x",
		NAMED ",O_U=x",
		/* one value per set */
		"C=US+ST=WA,O=notar",
		NAMED ",OU=a+CN=b",
		NAMED "+OU=a",
		/* types stand once */
		NAMED ",C=US",
		NAMED ",S=WA",
		NAMED ",OU=a,OU=b",
		/* types are what they are */
		"c=US,ST=WA,O=notar",
		"C=US,st=WA,O=notar",
		"C=US,ST=WA,o=notar",
		/* escapes */
		NAMED ",OU=a\"b",
		NAMED ",OU=a<b",
		NAMED ",OU=a>b",
		NAMED ",OU=a;b",
		NAMED ",OU=a\\",
		NAMED ",OU=\\",
		NAMED ",OU=a\\g0",
		NAMED ",OU=a\\0",
		NAMED ",OU=a\\0g",
		NAMED ",OU=a\\n",
		NAMED ",OU=a\\00b",
		NAMED ",OU=a\\ff",
		NAMED ",OU=a\xff",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		refuse(span_str(bad[i]));
	refuse(span_of(NAMED ",OU=a\0b", sizeof(NAMED ",OU=a\0b") - 1));
}

static void
more_attributes_than_anybody_has_are_refused(void **state)
{
	(void)state;
	NOTAR_AUTO(distinguished_name) *name = NULL;
	NOTAR_AUTO_OF(buf) text = { 0 };
	struct notar_error err = { 0 };

	buf_append_str(&text, NAMED);
	for (int i = 0; i < 30; i++)
		buf_printf(&text, ",x%d=y", i);
	assert_int_equal(distinguished_name_parse(buf_span(&text), &name, &err), NOTAR_E_LIMIT);
}

static void
a_subject_may_have_more_than_is_named(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) sets = usual();

	put_set(&sets, (enum number)0, IA5, span_str("a@example"));
	put_set(&sets, (enum number)0, IA5, span_str("b@example"));
	put_set(&sets, OU, UTF8, span_str("x"));
	put_set(&sets, CN, 0x02, span_str("a tag that is no string"));
	assert_true(matches(NAMED, &sets, NULL));
	assert_true(matches(NAMED ",OU=x", &sets, NULL));
}

static void
a_difference_is_no_match_and_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *identity, *says;
	} cases[] = {
		{ "C=DE,ST=WA,O=notar", "another C" },
		{ "C=us,ST=WA,O=notar", "another C" },
		{ "C=US,ST=W,O=notar", "another ST" },
		{ "C=US,ST=WAX,O=notar", "another ST" },
		{ "C=US,ST=WA,O=notary", "another O" },
		{ "C=US,ST=WA,O=nota", "another O" },
		{ NAMED ",OU=x", "no OU" },
		{ NAMED ",CN=x", "no CN" },
		{ NAMED ",L=x", "no L" },
		{ NAMED ",SERIALNUMBER=1", "no SERIALN" },
		{ NAMED ",STREET=x", "no STREET" },
		{ NAMED ",POSTALCODE=x", "no POSTALC" },
		{ NAMED ",emailAddress=x", "no emailA" },
		{ NAMED ",DC=x", "no DC" },
		{ NAMED ",2.5.4.6=US", "no 2.5.4.6" },
		{ NAMED ",ou=x", "no ou" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(buf) sets = usual();
		char why[160] = "";

		assert_false(matches(cases[i].identity, &sets, why));
		if (strstr(why, cases[i].says) == NULL)
			fail_msg("%s: says %s", cases[i].identity, why);
	}
}

static void
a_named_type_that_stands_twice_is_no_match(void **state)
{
	(void)state;
	static const enum number numbers[] = { C, ST, O };

	for (size_t i = 0; i < NOTAR_COUNT(numbers); i++) {
		NOTAR_AUTO_OF(buf) sets = usual();
		char why[160] = "";

		put_set(&sets, numbers[i], UTF8, span_str("US"));
		assert_false(matches(NAMED, &sets, why));
		assert_non_null(strstr(why, "more than one"));
	}
	NOTAR_AUTO_OF(buf) sets = usual();

	/* Also one that the identity does not ask for. */
	put_set(&sets, OU, UTF8, span_str("a"));
	put_set(&sets, OU, UTF8, span_str("b"));
	assert_false(matches(NAMED, &sets, NULL));
}

static void
a_set_of_several_with_a_named_type_is_no_match(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) sets = usual();
	NOTAR_AUTO_OF(buf) set = { 0 };
	char why[160] = "";

	put_pair(&set, OU, UTF8, span_str("x"));
	put_pair(&set, (enum number)0, IA5, span_str("a@example"));
	der_put(&sets, DER_SET, buf_span(&set));
	assert_false(matches(NAMED ",OU=x", &sets, why));
	assert_non_null(strstr(why, "joins"));
	assert_false(matches(NAMED, &sets, NULL));
}

static void
each_kind_of_string_is_compared_by_its_characters(void **state)
{
	(void)state;
	static const struct {
		int tag;
		const char *bytes;
		size_t len;
		bool same; /* as "h\xc3\xa9" */
	} cases[] = {
		{ UTF8, "h\xc3\xa9", 3, true },
		{ BMP, "\0h\0\xe9", 4, true },
		{ UNIVERSAL, "\0\0\0h\0\0\0\xe9", 8, true },
		{ T61, "h\xe9", 2, true },
		{ PRINTABLE, "h\xe9", 2, false },
		{ IA5, "h\xc3\xa9", 3, false },
		{ T61, "h\xc3\xa9", 3, false },
		{ UTF8, "h\xe9", 2, false },
		{ UTF8, "h\xc3\xa9\0", 4, false },
		{ UTF8, "\0h\xc3\xa9", 4, false },
		{ UTF8, "h\0\xc3\xa9", 4, false },
		{ UTF8, "h\xc3", 2, false },
		{ UTF8, "he\xcc\x81", 4, false },
		{ BMP, "\0h\0\xe9\0", 5, false },
		{ BMP, "\0h\0\xe9\0\0", 6, false },
		{ BMP, "h\0\xe9\0", 4, false },
		{ UNIVERSAL, "\0\0\0h\0\0\0", 7, false },
		{ UNIVERSAL, "\1\0\0h\0\0\0\xe9", 8, false },
		{ 0x04, "h\xc3\xa9", 3, false },
		{ 0x12, "h\xc3\xa9", 3, false },
		{ UTF8, "", 0, false },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(buf) sets = usual();

		put_set(&sets, CN, cases[i].tag, span_of(cases[i].bytes, cases[i].len));
		if (matches(NAMED ",CN=h\xc3\xa9", &sets, NULL) != cases[i].same)
			fail_msg("case %zu", i);
	}
}

static void
a_subject_that_is_no_der_is_no_match(void **state)
{
	(void)state;
	NOTAR_AUTO(distinguished_name) *name = NULL;
	NOTAR_AUTO_OF(buf) sets = usual(), subject = { 0 };
	struct notar_error err = { 0 };

	der_put(&subject, DER_SEQUENCE, buf_span(&sets));
	assert_int_equal(distinguished_name_parse(span_str(NAMED), &name, &err), NOTAR_OK);
	for (size_t len = 0; len < subject.len; len++)
		assert_false(distinguished_name_matches(name, span_of(subject.ptr, len), NULL));
	buf_append_byte(&subject, 0);
	assert_false(distinguished_name_matches(name, buf_span(&subject), NULL));

	NOTAR_AUTO_OF(buf) empty_set = usual();
	char why[160] = "";

	der_put(&empty_set, DER_SET, (struct span){ 0 });
	assert_false(matches(NAMED, &empty_set, why));
	assert_non_null(strstr(why, "malformed"));
}

static bool
is_part(const char *one, const char *other)
{
	NOTAR_AUTO(distinguished_name) *a = NULL, *b = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(distinguished_name_parse(span_str(one), &a, &err), NOTAR_OK);
	assert_int_equal(distinguished_name_parse(span_str(other), &b, &err), NOTAR_OK);
	return distinguished_name_is_part_of(a, b);
}

static void
one_name_is_part_of_another(void **state)
{
	(void)state;
	assert_true(is_part(NAMED, NAMED));
	assert_true(is_part(NAMED, "CN=x," NAMED));
	assert_true(is_part("O=notar,C=US,S=WA", NAMED));
	assert_false(is_part(NAMED ",CN=x", NAMED));
	assert_false(is_part(NAMED ",CN=x", NAMED ",CN=y"));
	assert_false(is_part(NAMED ",CN=x", NAMED ",CN=X"));
	assert_false(is_part(NAMED ",CN=x", NAMED ",OU=x"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_as_people_write_them),
		cmocka_unit_test(escapes_yield_the_character),
		cmocka_unit_test(a_slash_escaped_at_the_end_does_not_keep_the_space),
		cmocka_unit_test(cve_2023_25656_values_in_ber_are_refused),
		cmocka_unit_test(what_is_no_name_is_refused),
		cmocka_unit_test(more_attributes_than_anybody_has_are_refused),
		cmocka_unit_test(a_subject_may_have_more_than_is_named),
		cmocka_unit_test(a_difference_is_no_match_and_is_named),
		cmocka_unit_test(a_named_type_that_stands_twice_is_no_match),
		cmocka_unit_test(a_set_of_several_with_a_named_type_is_no_match),
		cmocka_unit_test(each_kind_of_string_is_compared_by_its_characters),
		cmocka_unit_test(a_subject_that_is_no_der_is_no_match),
		cmocka_unit_test(one_name_is_part_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
