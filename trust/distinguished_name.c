/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/distinguished_name.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "keys/der.h"

struct attribute {
	char *type; /* as the policy spells it; S has become ST */
	char *value;
};

struct distinguished_name {
	struct attribute attributes[LIMIT_NAME_ATTRIBUTES];
	size_t count;
};

void
distinguished_name_free(struct distinguished_name *name)
{
	if (name == NULL)
		return;
	for (size_t i = 0; i < name->count; i++) {
		free(name->attributes[i].type);
		free(name->attributes[i].value);
	}
	free(name);
}

static const char *
value_of(const struct distinguished_name *name, const char *type)
{
	for (size_t i = 0; i < name->count; i++)
		if (strcmp(name->attributes[i].type, type) == 0)
			return name->attributes[i].value;
	return NULL;
}

/* --- the policy's side: text --- */

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The space behind an odd number of backslashes is a value's own. */
static bool
is_escaped(struct span text, size_t at)
{
	size_t slashes = 0;

	while (slashes < at && text.ptr[at - 1 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 1;
}

static struct span
trim(struct span text)
{
	while (text.len > 0 && is_blank(text.ptr[0]))
		text = span_from(text, 1);
	while (text.len > 0 && is_blank(text.ptr[text.len - 1]) && !is_escaped(text, text.len - 1))
		text.len--;
	return text;
}

static bool
is_type(struct span type)
{
	for (size_t i = 0; i < type.len; i++) {
		uint8_t c = type.ptr[i];
		bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!is_letter && !(c >= '0' && c <= '9') && c != '-' && c != '.')
			return false;
	}
	return type.len > 0;
}

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* What stands behind a backslash: bytes used, 0 when it is no escape. */
static size_t
unescape(struct span text, uint8_t *out)
{
	if (text.len > 0 && text.ptr[0] != '\0' && strchr(" \"#+,;<=>\\", text.ptr[0]) != NULL) {
		*out = text.ptr[0];
		return 1;
	}
	int high = text.len > 1 ? hex_digit(text.ptr[0]) : -1;
	int low = text.len > 1 ? hex_digit(text.ptr[1]) : -1;

	if (high < 0 || low < 0)
		return 0;
	*out = (uint8_t)(high << 4 | low);
	return 2;
}

static bool
is_utf8(struct span text)
{
	uint32_t code = 1;

	while (text.len > 0) {
		size_t n = utf8_next(text, &code);

		if (n == 0 || code == 0)
			return false;
		text = span_from(text, n);
	}
	return true;
}

static enum notar_code
decode_value(struct span text, char **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) value = { 0 };

	if (text.len > 0 && text.ptr[0] == '#')
		return notar_fail(err, NOTAR_E_FORMAT, "a value that starts with '#'");
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];

		if (c == '"' || c == '<' || c == '>')
			return notar_fail(err, NOTAR_E_FORMAT, "'%c' without a backslash", c);
		if (c == '\\') {
			size_t used = unescape(span_from(text, i + 1), &c);

			if (used == 0)
				return notar_fail(err, NOTAR_E_FORMAT,
						  "a backslash that escapes nothing");
			i += used;
		}
		buf_append_byte(&value, c);
	}
	if (value.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "an attribute without a value");
	if (!is_utf8(buf_span(&value)))
		return notar_fail(err, NOTAR_E_FORMAT, "a value with a NUL or that is not UTF-8");
	*out = buf_take_cstr(&value);
	return *out != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory for a name");
}

/* One "type=value". */
static enum notar_code
read_attribute(struct span pair, struct distinguished_name *name, struct notar_error *err)
{
	size_t equals = span_find(pair, '=');
	struct span type = trim(span_of(pair.ptr, equals));
	NOTAR_AUTO_CHARS *value = NULL, *known = NULL;

	if (equals == pair.len || !is_type(type))
		return notar_fail(err, NOTAR_E_FORMAT, "not a list of type=value");
	if (name->count == LIMIT_NAME_ATTRIBUTES)
		return notar_fail(err, NOTAR_E_LIMIT, "over %d attributes", LIMIT_NAME_ATTRIBUTES);
	known = span_dup(span_is(type, "S") ? span_str("ST") : type);
	if (known == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a name");
	if (decode_value(trim(span_from(pair, equals + 1)), &value, err) != NOTAR_OK)
		return notar_context(err, "%.40s", known);
	if (value_of(name, known) != NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "%.40s stands twice", known);
	name->attributes[name->count++] =
		(struct attribute){ NOTAR_TAKE(known), NOTAR_TAKE(value) };
	return NOTAR_OK;
}

/* Where the attribute that text begins with ends: its separator, or text.len. */
static size_t
attribute_len(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\\')
			i++;
		else if (text.ptr[i] == ',' || text.ptr[i] == ';' || text.ptr[i] == '+')
			return i;
	}
	return text.len;
}

static enum notar_code
read_attributes(struct span text, struct distinguished_name *name, struct notar_error *err)
{
	for (bool more = true; more;) {
		size_t len = attribute_len(text);

		more = len < text.len;
		if (more && text.ptr[len] == '+')
			return notar_fail(err, NOTAR_E_FORMAT,
					  "several attributes joined by '+' are not supported");
		NOTAR_TRY(read_attribute(span_of(text.ptr, len), name, err));
		text = span_from(text, len + 1);
	}
	return NOTAR_OK;
}

/* CVE-2023-25656: values in hexadecimal BER are refused before anything else is looked at. */
static bool
has_ber_value(struct span text)
{
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.ptr[i] == '=' && text.ptr[i + 1] == '#')
			return true;
	return false;
}

enum notar_code
distinguished_name_parse(struct span text, struct distinguished_name **out, struct notar_error *err)
{
	static const char *const required[] = { "C", "ST", "O" };
	NOTAR_AUTO(distinguished_name) *name = NULL;

	if (has_ber_value(text))
		return notar_fail(err, NOTAR_E_FORMAT, "a name with \"=#\" is not supported");
	if (!is_utf8(text))
		return notar_fail(err, NOTAR_E_FORMAT, "a name with a NUL or that is not UTF-8");
	name = calloc(1, sizeof(*name));
	if (name == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a name");
	NOTAR_TRY(read_attributes(text, name, err));
	for (size_t i = 0; i < NOTAR_COUNT(required); i++)
		if (value_of(name, required[i]) == NULL)
			return notar_fail(err, NOTAR_E_FORMAT, "no %s; C, ST and O are required",
					  required[i]);
	*out = NOTAR_TAKE(name);
	return NOTAR_OK;
}

bool
distinguished_name_is_part_of(const struct distinguished_name *name,
			      const struct distinguished_name *whole)
{
	for (size_t i = 0; i < name->count; i++) {
		const char *other = value_of(whole, name->attributes[i].type);

		if (other == NULL || strcmp(other, name->attributes[i].value) != 0)
			return false;
	}
	return true;
}

/* --- the certificate's side: DER --- */

/* The types that identities can name: id-at (2.5.4) and a number. */
static const struct named_type {
	const char *text;
	uint8_t number;
} named_types[] = {
	{ "C", 6 }, { "O", 10 }, { "OU", 11 },    { "CN", 3 },          { "SERIALNUMBER", 5 },
	{ "L", 7 }, { "ST", 8 }, { "STREET", 9 }, { "POSTALCODE", 17 },
};

struct found {
	uint8_t tag; /* 0: the subject has none */
	struct span value;
};

enum string_tag {
	STRING_UTF8 = 0x0c,
	STRING_PRINTABLE = 0x13,
	STRING_T61 = 0x14, /* read as Latin-1, as everybody does */
	STRING_IA5 = 0x16,
	STRING_UNIVERSAL = 0x1c,
	STRING_BMP = 0x1e,
};

static size_t
named_index(struct span oid)
{
	static const uint8_t id_at[] = { 0x55, 0x04 };

	for (size_t i = 0; i < NOTAR_COUNT(named_types); i++)
		if (oid.len == sizeof(id_at) + 1 && memcmp(oid.ptr, id_at, sizeof(id_at)) == 0 &&
		    oid.ptr[sizeof(id_at)] == named_types[i].number)
			return i;
	return NOTAR_COUNT(named_types);
}

/* One AttributeTypeAndValue; *index is NOTAR_COUNT(named_types) for a type of no interest. */
static bool
take_attribute(struct reader *set, size_t *index, struct found *out)
{
	struct reader pair = der_enter(set, DER_SEQUENCE);

	*index = named_index(der_take(&pair, DER_OID));
	if (pair.failed || pair.rest.len == 0)
		return false;
	out->tag = pair.rest.ptr[0];
	out->value = der_take(&pair, (enum der_tag)out->tag);
	return !pair.failed && pair.rest.len == 0 && out->tag != 0;
}

static bool
say(char why[160], const char *what, const char *type)
{
	if (why != NULL)
		(void)snprintf(why, 160, "%s %.80s", what, type);
	return false;
}

/* One RelativeDistinguishedName. */
static bool
collect_set(struct reader *set, struct found *found, char why[160])
{
	size_t members = 0, named = NOTAR_COUNT(named_types);

	while (set->rest.len > 0) {
		struct found one;
		size_t index;

		if (!take_attribute(set, &index, &one))
			return say(why, "the subject is", "malformed");
		members++;
		if (index == NOTAR_COUNT(named_types))
			continue;
		if (found[index].tag != 0)
			return say(why, "the subject has more than one", named_types[index].text);
		found[index] = one;
		named = index;
	}
	if (members == 0)
		return say(why, "the subject is", "malformed");
	if (members > 1 && named != NOTAR_COUNT(named_types))
		return say(why, "the subject joins others with its", named_types[named].text);
	return true;
}

static bool
collect(struct span subject, struct found *found, char why[160])
{
	struct reader r = { .rest = subject };
	struct reader name = der_enter(&r, DER_SEQUENCE);

	while (!name.failed && name.rest.len > 0) {
		struct reader set = der_enter(&name, DER_SET);

		if (!set.failed && !collect_set(&set, found, why))
			return false;
	}
	if (name.failed || r.rest.len > 0)
		return say(why, "the subject is", "malformed");
	return true;
}

/* The next character of a string of this type; 0 bytes for what is not one. */
static size_t
next_character(uint8_t tag, struct span value, uint32_t *code)
{
	struct reader r = { .rest = value };
	size_t width = 1;

	switch ((enum string_tag)tag) {
	case STRING_UTF8:
		return utf8_next(value, code);
	case STRING_PRINTABLE:
	case STRING_IA5:
		*code = (uint32_t)reader_be(&r, 1);
		return r.failed || *code >= 0x80 ? 0 : 1;
	case STRING_T61:
		break;
	case STRING_UNIVERSAL:
		width = 4;
		break;
	case STRING_BMP:
		width = 2;
		break;
	default:
		return 0;
	}
	*code = (uint32_t)reader_be(&r, width);
	return r.failed ? 0 : width;
}

/* Character by character. The policy's text holds no NUL and no surrogate, so neither matches. */
static bool
is_same_text(const struct found *found, const char *text)
{
	struct span value = found->value, want = span_str(text);

	while (value.len > 0 && want.len > 0) {
		uint32_t have = 0, wanted = 0;
		size_t used = next_character(found->tag, value, &have);
		size_t taken = utf8_next(want, &wanted);

		if (used == 0 || taken == 0 || have != wanted)
			return false;
		value = span_from(value, used);
		want = span_from(want, taken);
	}
	return value.len == 0 && want.len == 0;
}

bool
distinguished_name_matches(const struct distinguished_name *name, struct span subject_der,
			   char why[160])
{
	struct found found[NOTAR_COUNT(named_types)] = { 0 };

	if (!collect(subject_der, found, why))
		return false;
	for (size_t i = 0; i < name->count; i++) {
		const struct attribute *want = &name->attributes[i];
		size_t k = 0;

		while (k < NOTAR_COUNT(named_types) && strcmp(named_types[k].text, want->type) != 0)
			k++;
		if (k == NOTAR_COUNT(named_types) || found[k].tag == 0)
			return say(why, "the subject has no", want->type);
		if (!is_same_text(&found[k], want->value))
			return say(why, "the subject has another", want->type);
	}
	return true;
}
