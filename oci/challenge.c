/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/challenge.h"

#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"

static void
challenge_release(struct challenge *c)
{
	free(c->realm);
	free(c->service);
	free(c->scope);
	free(c->error);
	*c = (struct challenge){ 0 };
}

void
challenges_release(struct challenges *list)
{
	for (size_t i = 0; i < list->count; i++)
		challenge_release(&list->items[i]);
	list->count = 0;
}

const struct challenge *
challenges_pick(const struct challenges *list)
{
	const struct challenge *best = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct challenge *c = &list->items[i];
		if (c->scheme != CHALLENGE_OTHER && (best == NULL || c->scheme > best->scheme))
			best = c;
	}
	return best;
}

static bool
is_tchar(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static struct span
take_token(struct span *rest)
{
	size_t n = 0;

	while (n < rest->len && is_tchar(rest->ptr[n]))
		n++;
	struct span token = span_of(rest->ptr, n);
	*rest = span_from(*rest, n);
	return token;
}

static void
skip(struct span *rest, const char *set)
{
	while (rest->len > 0 && rest->ptr[0] != 0 && strchr(set, rest->ptr[0]) != NULL)
		*rest = span_from(*rest, 1);
}

static enum notar_code
bad(const char *what, struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_FORMAT, "WWW-Authenticate: %s", what);
}

/* rest stands behind the opening quote. */
static enum notar_code
take_quoted(struct span *rest, struct buf *out, struct notar_error *err)
{
	while (rest->len > 0 && rest->ptr[0] != '"') {
		if (rest->ptr[0] == '\\')
			*rest = span_from(*rest, 1);
		if (rest->len == 0)
			break;
		if ((rest->ptr[0] < 0x20 && rest->ptr[0] != '\t') || rest->ptr[0] == 0x7f)
			return bad("a control character", err);
		buf_append_byte(out, rest->ptr[0]);
		*rest = span_from(*rest, 1);
	}
	if (rest->len == 0)
		return bad("a quoted string without its end", err);
	*rest = span_from(*rest, 1);
	return NOTAR_OK;
}

/* rest stands behind the equals sign. */
static enum notar_code
take_value(struct span *rest, char **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) value = { .cap = LIMIT_CHALLENGE_BYTES };

	skip(rest, " \t");
	if (rest->len > 0 && rest->ptr[0] == '"') {
		*rest = span_from(*rest, 1);
		NOTAR_TRY(take_quoted(rest, &value, err));
	} else {
		struct span token = take_token(rest);
		if (token.len == 0)
			return bad("a parameter without a value", err);
		buf_append_span(&value, token);
	}
	*out = buf_take_cstr(&value);
	return *out != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory");
}

static bool
is_name(struct span a, const char *name)
{
	return a.len == strlen(name) && strncasecmp((const char *)a.ptr, name, a.len) == 0;
}

/* Where the parameter is kept, or NULL when nobody asks for it. */
static char **
slot(struct challenge *c, struct span name)
{
	if (is_name(name, "realm"))
		return &c->realm;
	if (is_name(name, "service"))
		return &c->service;
	if (is_name(name, "scope"))
		return &c->scope;
	return is_name(name, "error") ? &c->error : NULL;
}

static enum notar_code
take_param(struct span *rest, struct span name, struct challenge *c, struct notar_error *err)
{
	NOTAR_AUTO_CHARS *value = NULL;
	char **keep = slot(c, name);

	*rest = span_from(*rest, 1); /* the equals sign */
	NOTAR_TRY(take_value(rest, &value, err));
	if (keep == NULL)
		return NOTAR_OK;
	if (*keep != NULL)
		return bad("a parameter twice", err);
	*keep = NOTAR_TAKE(value);
	return NOTAR_OK;
}

static enum challenge_scheme
scheme_of(struct span name)
{
	if (is_name(name, "Bearer"))
		return CHALLENGE_BEARER;
	return is_name(name, "Basic") ? CHALLENGE_BASIC : CHALLENGE_OTHER;
}

/* "Negotiate YII==": one opaque word where parameters could be. Skips it. */
static void
skip_token68(struct span *rest)
{
	struct span look = *rest;
	struct span word;

	do {
		word = take_token(&look);
		size_t before = look.len;
		skip(&look, "/");
		if (before == look.len)
			break;
	} while (look.len > 0);
	(void)word;
	skip(&look, "=");
	struct span end = look;
	skip(&end, " \t");
	if (end.len == 0 || end.ptr[0] == ',')
		*rest = look;
}

static enum notar_code
take_scheme(struct span *rest, struct span name, struct challenges *list, struct notar_error *err)
{
	if (list->count == CHALLENGES_MOST)
		return notar_fail(err, NOTAR_E_LIMIT, "WWW-Authenticate: too many challenges");
	list->items[list->count++] = (struct challenge){ .scheme = scheme_of(name) };
	if (rest->len > 0 && rest->ptr[0] != ' ' && rest->ptr[0] != ',')
		return bad("no space behind a scheme", err);
	skip(rest, " ");
	if (scheme_of(name) == CHALLENGE_OTHER)
		skip_token68(rest);
	return NOTAR_OK;
}

/* One list element: a parameter of the challenge before it, or a scheme that starts one. */
static enum notar_code
take_element(struct span *rest, size_t first, struct challenges *list, struct notar_error *err)
{
	struct span name = take_token(rest);
	struct span look = *rest;

	if (name.len == 0)
		return bad("not a scheme or parameter", err);
	skip(&look, " \t");
	if (look.len == 0 || look.ptr[0] != '=')
		return take_scheme(rest, name, list, err);
	if (list->count == first)
		return bad("a parameter before any scheme", err);
	*rest = look;
	return take_param(rest, name, &list->items[list->count - 1], err);
}

enum notar_code
challenges_add(struct span header, struct challenges *list, struct notar_error *err)
{
	struct span rest = header;
	size_t first = list->count;

	if (header.len > LIMIT_CHALLENGE_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "WWW-Authenticate: over %u bytes",
				  LIMIT_CHALLENGE_BYTES);
	skip(&rest, " \t,");
	while (rest.len > 0) {
		NOTAR_TRY(take_element(&rest, first, list, err));
		skip(&rest, " \t,");
	}
	return list->count > first ? NOTAR_OK : bad("empty", err);
}
