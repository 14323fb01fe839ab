/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>
#include <stdlib.h>

#include "base/json_pull.h"
#include "base/json_text.h"
#include "base/utf8.h"

#define FEW_NAMES 12 /* are compared one with another; more go into a table */

struct check {
	struct span text;
	const uint8_t *p, *end;
	unsigned depth, most;
	const char *problem; /* static */
	enum notar_code code;
	char name[48]; /* of what stands twice, cut */
	/* Names of the objects that are open, and the unescaped ones' bytes. */
	struct span *names;
	size_t count, room;
	uint8_t *unescaped;
	size_t unescaped_len;
};

static bool
fail(struct check *c, enum notar_code code, const char *problem)
{
	if (c->problem == NULL) {
		c->problem = problem;
		c->code = code;
	}
	return false;
}

static bool
wrong(struct check *c, const char *problem)
{
	return fail(c, NOTAR_E_FORMAT, problem);
}

static bool
twice(struct check *c, struct span name)
{
	size_t len = name.len < sizeof(c->name) ? name.len : sizeof(c->name) - 1;

	for (size_t i = 0; i < len; i++)
		c->name[i] = (char)(name.ptr[i] >= 0x20 && name.ptr[i] < 0x7f ? name.ptr[i] : '?');
	return wrong(c, "a name that stands twice: ");
}

static void
skip_spaces(struct check *c)
{
	while (c->p < c->end && json_is_space(*c->p))
		c->p++;
}

static bool
check_unicode_escape(struct check *c)
{
	int value = c->end - c->p < 6 ? -1 : json_hex4(c->p + 2);

	if (value < 0)
		return wrong(c, "a broken escape");
	if (value == 0)
		return wrong(c, "a NUL in a string");
	if (value >= 0xdc00 && value < 0xe000)
		return wrong(c, "half of a surrogate pair");
	c->p += 6;
	if (value < 0xd800 || value >= 0xdc00)
		return true;
	value = c->end - c->p < 6 || c->p[0] != '\\' || c->p[1] != 'u' ? -1 : json_hex4(c->p + 2);
	if (value < 0xdc00 || value >= 0xe000)
		return wrong(c, "half of a surrogate pair");
	c->p += 6;
	return true;
}

static bool
check_escape(struct check *c)
{
	if (c->end - c->p < 2)
		return wrong(c, "a string without an end");
	if (c->p[1] == 'u')
		return check_unicode_escape(c);
	if (memchr("\"\\/bfnrt", c->p[1], 8) == NULL)
		return wrong(c, "a broken escape");
	c->p += 2;
	return true;
}

/* At an opening quote; *raw is what is between the quotes. */
static bool
check_string(struct check *c, struct span *raw, bool *escaped)
{
	const uint8_t *first = ++c->p;

	*escaped = false;
	while ((c->p = json_plain(c->p, c->end)) < c->end) {
		uint8_t byte = *c->p;

		if (byte == '"') {
			*raw = (struct span){ first, (size_t)(c->p - first) };
			c->p++;
			return true;
		}
		if (byte == '\\') {
			*escaped = true;
			if (!check_escape(c))
				return false;
		} else if (byte < 0x20) {
			return wrong(c, "a control character in a string");
		} else {
			uint32_t code;
			size_t len =
				utf8_next((struct span){ c->p, (size_t)(c->end - c->p) }, &code);

			if (len == 0)
				return wrong(c, "not UTF-8");
			c->p += len;
		}
	}
	return wrong(c, "a string without an end");
}

static void
skip_digits(struct check *c)
{
	while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		c->p++;
}

static bool
is_digit(const struct check *c)
{
	return c->p < c->end && *c->p >= '0' && *c->p <= '9';
}

static bool
check_number(struct check *c)
{
	const uint8_t *first = c->p;
	bool is_real = false;

	if (*c->p == '-')
		c->p++;
	if (!is_digit(c))
		return wrong(c, "not a value");
	if (*c->p == '0')
		c->p++;
	else
		skip_digits(c);
	if (is_digit(c))
		return wrong(c, "a number that begins with 0");
	if (c->p < c->end && *c->p == '.') {
		is_real = true;
		c->p++;
		if (!is_digit(c))
			return wrong(c, "a broken number");
		skip_digits(c);
	}
	if (c->p < c->end && (*c->p == 'e' || *c->p == 'E')) {
		is_real = true;
		c->p++;
		if (c->p < c->end && (*c->p == '+' || *c->p == '-'))
			c->p++;
		if (!is_digit(c))
			return wrong(c, "a broken number");
		skip_digits(c);
	}
	return json_number_fits((struct span){ first, (size_t)(c->p - first) }, is_real) ?
		       true :
		       wrong(c, "too large a number");
}

static bool
check_word(struct check *c, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(c->end - c->p) < len || memcmp(c->p, word, len) != 0)
		return wrong(c, "not a value");
	c->p += len;
	return true;
}

static bool
push_name(struct check *c, struct span name, bool escaped)
{
	if (c->count == c->room) {
		size_t room = c->room == 0 ? 64 : 2 * c->room;
		struct span *grown = reallocarray(c->names, room, sizeof(*grown));

		if (grown == NULL)
			return fail(c, NOTAR_E_NOMEM, "no memory for names");
		c->names = grown;
		c->room = room;
	}
	if (escaped) {
		/* All of them together are shorter than the text. */
		if (c->unescaped == NULL && (c->unescaped = malloc(c->text.len)) == NULL)
			return fail(c, NOTAR_E_NOMEM, "no memory for names");
		uint8_t *to = c->unescaped + c->unescaped_len;
		size_t len = json_unescape(name, to);

		name = (struct span){ to, len };
		c->unescaped_len += len;
	}
	c->names[c->count++] = name;
	return true;
}

static size_t
hash_of(struct span name, const uint8_t key[crypto_shorthash_KEYBYTES])
{
	uint8_t out[crypto_shorthash_BYTES];
	uint64_t hash;

	(void)crypto_shorthash(out, name.ptr, name.len, key);
	memcpy(&hash, out, sizeof(hash));
	return (size_t)hash;
}

static bool
are_many_distinct(struct check *c, const struct span *names, size_t count)
{
	/* Keyed, so that nobody who writes a document can choose what collides. */
	uint8_t key[crypto_shorthash_KEYBYTES];
	size_t slots = 32;
	bool distinct = true;

	while (slots < 2 * count)
		slots *= 2;
	const struct span **table = calloc(slots, sizeof(struct span *));

	if (table == NULL)
		return fail(c, NOTAR_E_NOMEM, "no memory for names");
	randombytes_buf(key, sizeof(key));
	for (size_t i = 0; distinct && i < count; i++) {
		size_t at = hash_of(names[i], key) & (slots - 1);

		while (table[at] != NULL && !span_equal(*table[at], names[i]))
			at = (at + 1) & (slots - 1);
		if (table[at] != NULL)
			distinct = twice(c, names[i]);
		table[at] = &names[i];
	}
	free(table);
	return distinct;
}

static bool
are_distinct(struct check *c, const struct span *names, size_t count)
{
	if (count > FEW_NAMES)
		return are_many_distinct(c, names, count);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (span_equal(names[i], names[k]))
				return twice(c, names[i]);
	return true;
}

static bool check_value(struct check *c);

static bool
check_member(struct check *c)
{
	struct span name;
	bool escaped;

	if (c->p == c->end || *c->p != '"')
		return wrong(c, "not a name");
	if (!check_string(c, &name, &escaped) || !push_name(c, name, escaped))
		return false;
	skip_spaces(c);
	if (c->p == c->end || *c->p != ':')
		return wrong(c, "no colon behind a name");
	c->p++;
	skip_spaces(c);
	return check_value(c);
}

/* What is between two brackets; p is behind the opening one. */
static bool
check_entries(struct check *c, uint8_t closing, bool (*check_entry)(struct check *))
{
	skip_spaces(c);
	if (c->p < c->end && *c->p == closing) {
		c->p++;
		return true;
	}
	for (;;) {
		if (!check_entry(c))
			return false;
		skip_spaces(c);
		if (c->p == c->end)
			return wrong(c, "a document without an end");
		if (*c->p == closing) {
			c->p++;
			return true;
		}
		if (*c->p != ',')
			return wrong(c, "no comma between values");
		c->p++;
		skip_spaces(c);
	}
}

static bool
check_container(struct check *c)
{
	bool is_object = *c->p++ == '{';
	size_t before = c->count;

	if (++c->depth > c->most)
		return fail(c, NOTAR_E_LIMIT, "too deep");
	if (!check_entries(c, is_object ? '}' : ']', is_object ? check_member : check_value) ||
	    (c->count > before && !are_distinct(c, &c->names[before], c->count - before)))
		return false;
	c->count = before;
	c->depth--;
	return true;
}

static bool
check_value(struct check *c)
{
	struct span raw;
	bool escaped;

	if (c->p == c->end)
		return wrong(c, "a document without an end");
	switch (*c->p) {
	case '{':
	case '[':
		return check_container(c);
	case '"':
		return check_string(c, &raw, &escaped);
	case 't':
		return check_word(c, "true");
	case 'f':
		return check_word(c, "false");
	case 'n':
		return check_word(c, "null");
	default:
		return check_number(c);
	}
}

static bool
check_document(struct check *c, struct span *top)
{
	skip_spaces(c);
	if (c->p == c->end || (*c->p != '{' && *c->p != '['))
		return wrong(c, "neither an object nor an array");
	*top = (struct span){ c->p, (size_t)(c->end - c->p) };
	if (!check_value(c))
		return false;
	skip_spaces(c);
	return c->p == c->end ? true : wrong(c, "something behind the document");
}

enum notar_code
pull_check(struct span text, struct json_limits limits, const char *what, struct span *top,
	   struct notar_error *err)
{
	struct check c = { .text = text, .p = text.ptr, .most = limits.depth };
	struct span found = { 0 };

	if (text.len > limits.bytes)
		return notar_fail(err, NOTAR_E_LIMIT, "%s: over %zu bytes", what, limits.bytes);
	if (text.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", what);
	c.end = text.ptr + text.len;
	bool good = check_document(&c, &found);

	free(c.names);
	free(c.unescaped);
	if (good) {
		*top = found;
		return NOTAR_OK;
	}
	if (c.code == NOTAR_E_LIMIT)
		return notar_fail(err, NOTAR_E_LIMIT, "%s: nested deeper than %u", what,
				  limits.depth);
	if (c.code == NOTAR_E_NOMEM)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for %s", what);
	return notar_fail(err, NOTAR_E_FORMAT, "%s: not strict JSON: byte %zu: %s%s", what,
			  (size_t)(c.p - text.ptr), c.problem, c.name);
}
