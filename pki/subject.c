/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/subject.h"

#include "base/limits.h"
#include "base/utf8.h"

/* What a subject is made of (specs/notary-project.md section 13 compares these). */
static const struct {
	const char *name;
	int nid;
} types[] = {
	{ "C", NID_countryName },
	{ "ST", NID_stateOrProvinceName },
	{ "L", NID_localityName },
	{ "O", NID_organizationName },
	{ "OU", NID_organizationalUnitName },
	{ "CN", NID_commonName },
};

static int
nid_of(struct span type)
{
	for (size_t i = 0; i < NOTAR_COUNT(types); i++)
		if (span_is(type, types[i].name))
			return types[i].nid;
	return NID_undef;
}

static bool
can_be_shown(struct span text)
{
	uint32_t code;

	for (size_t n; text.len > 0; text = span_from(text, n)) {
		n = utf8_next(text, &code);
		if (n == 0 || !utf8_is_shown(code))
			return false;
	}
	return true;
}

static enum notar_code
add(X509_NAME *name, struct span type, struct span value, struct notar_error *err)
{
	int nid = nid_of(type), shown = (int)(type.len < 40 ? type.len : 40);
	const char *text = (const char *)type.ptr;

	if (nid == NID_undef)
		return notar_fail(err, NOTAR_E_USAGE,
				  "subject: neither C, ST, L, O, OU nor CN: \"%.*s\"", shown, text);
	if (X509_NAME_get_index_by_NID(name, nid, -1) >= 0)
		return notar_fail(err, NOTAR_E_USAGE, "subject: %.*s twice", shown, text);
	if (value.len == 0 || value.len > LIMIT_ANNOTATION_BYTES || !can_be_shown(value))
		return notar_fail(err, NOTAR_E_USAGE, "subject: %.*s is empty or no text", shown,
				  text);
	/* OpenSSL knows how long each may be, and what letters C takes. */
	if (X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, value.ptr, (int)value.len, -1,
				       0) != 1)
		return ossl_fail(err, NOTAR_E_USAGE,
				 nid == NID_countryName ? "subject: C has two letters" :
							  "subject: an attribute is too long");
	return NOTAR_OK;
}

enum notar_code
subject_add(X509_NAME *name, const char *type, struct span value, struct notar_error *err)
{
	return add(name, span_str(type), value, err);
}

/* The value up to an unescaped comma or the end, without the spaces around it. *rest is behind
 * the comma; *more: there was one. */
static enum notar_code
take_value(struct span *rest, struct buf *value, bool *more, struct notar_error *err)
{
	size_t i = 0, kept = 0;

	*more = false;
	for (; i < rest->len && !*more; i++) {
		uint8_t c = rest->ptr[i];
		bool escaped = c == '\\' && i + 1 < rest->len;

		c = escaped ? rest->ptr[++i] : c;
		bool special = strchr(",+\"\\<>;=#", c) != NULL && c != '\0';

		if (escaped && !special && c != ' ')
			return notar_fail(err, NOTAR_E_USAGE,
					  "subject: a backslash before what needs none");
		if (!escaped && c == ',')
			*more = true;
		else if (!escaped && special && c != '=' && c != '#')
			return notar_fail(err, NOTAR_E_USAGE,
					  "subject: '%c' needs a backslash in front", c);
		else if (escaped || c != ' ' || value->len > 0)
			buf_append_byte(value, c);
		if (!*more && (escaped || c != ' '))
			kept = value->len;
	}
	buf_cut(value, kept);
	*rest = span_from(*rest, i);
	return buf_finish(value, "subject", err);
}

static struct span
trim_front(struct span text)
{
	while (text.len > 0 && text.ptr[0] == ' ')
		text = span_from(text, 1);
	return text;
}

enum notar_code
subject_parse(const char *text, X509_NAME **out, struct notar_error *err)
{
	struct span rest = span_str(text);
	NOTAR_AUTO_PTR(x509_name, X509_NAME) *name = X509_NAME_new();
	bool more = true;

	if (name == NULL)
		return ossl_fail(err, NOTAR_E_NOMEM, "no memory for a subject");
	while (more) {
		NOTAR_AUTO_OF(buf) value = { .cap = LIMIT_ANNOTATION_BYTES };

		rest = trim_front(rest);
		size_t equals = span_find(rest, '=');

		if (equals == rest.len)
			return notar_fail(err, NOTAR_E_USAGE,
					  "subject: \"C=..,ST=..,L=..,O=..,CN=..\" is wanted: "
					  "%.80s",
					  text);
		struct span type = span_of(rest.ptr, equals);

		rest = span_from(rest, equals + 1);
		NOTAR_TRY(take_value(&rest, &value, &more, err));
		NOTAR_TRY(add(name, type, buf_span(&value), err));
	}
	*out = NOTAR_TAKE(name);
	return NOTAR_OK;
}
