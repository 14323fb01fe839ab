/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/key_pem.h"

#include "base/codec.h"

#define BEGIN "-----BEGIN "

struct span
pem_skip_space(struct span text)
{
	while (text.len > 0 && strchr(" \t\r\n", text.ptr[0]) != NULL && text.ptr[0] != 0)
		text = span_from(text, 1);
	return text;
}

struct span
pem_label(struct span text)
{
	text = pem_skip_space(text);
	if (!span_starts_with(text, BEGIN))
		return (struct span){ 0 };
	struct span label = span_from(text, strlen(BEGIN));
	label.len = span_find(label, '-');
	return label;
}

enum notar_code
pem_decode_only(struct span text, const char *what, struct span *label, struct buf *body,
		struct notar_error *err)
{
	struct span rest = { 0 };

	text = pem_skip_space(text);
	if (!span_starts_with(text, BEGIN))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "this is not %s: it does not start with a "
				  "PEM block",
				  what);
	enum notar_code code = pem_decode(text, label, body, &rest, err);
	if (code != NOTAR_OK)
		return err == NULL ? code : notar_context(err, "reading %s", what);
	if (pem_skip_space(rest).len > 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s with something behind its PEM block",
				  what);
	return NOTAR_OK;
}
