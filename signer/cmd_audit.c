/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/audit_files.h"

/* `notar audit`: checks and shows the audit log of notard, notar-audit(5). */

/* What the first line claims, damaged or not: this only puts files in order. */
static uint64_t
claimed_seq(struct span line)
{
	static const char opens[] = "{\"seq\":";
	uint64_t seq = 0;

	if (!span_starts_with(line, opens))
		return 0;
	for (size_t i = strlen(opens); i < line.len && i < strlen(opens) + 19; i++) {
		if (line.ptr[i] < '0' || line.ptr[i] > '9')
			break;
		seq = seq * 10 + (uint64_t)(line.ptr[i] - '0');
	}
	return seq;
}

static enum notar_code
first_seq(const char *path, uint64_t *out, struct notar_error *err)
{
	NOTAR_AUTO(audit_lines) *lines = NULL;
	struct span line = { 0 };

	*out = 0;
	NOTAR_TRY(audit_lines_open(path, &lines, err));
	enum notar_code code = audit_lines_next(lines, &line, err);

	if (code == NOTAR_E_IO)
		return notar_context(err, "%s", path);
	if (code == NOTAR_OK && line.ptr != NULL)
		*out = claimed_seq(line);
	return NOTAR_OK;
}

enum notar_code
audit_files_from(const struct options *options, struct audit_files *out, struct notar_error *err)
{
	out->count = 0;
	if (options->operands.count < 2)
		return notar_fail(err, NOTAR_E_USAGE, "audit %s: which file?",
				  options->operands.values[0]);
	for (size_t i = 1; i < options->operands.count; i++) {
		const char *path = options->operands.values[i];
		uint64_t seq;
		size_t at = out->count;

		NOTAR_TRY(first_seq(path, &seq, err));
		for (; at > 0 && out->files[at - 1].first_seq > seq; at--)
			out->files[at] = out->files[at - 1];
		out->files[at].path = path;
		out->files[at].first_seq = seq;
		out->count++;
	}
	return NOTAR_OK;
}

enum notar_code
audit_number(const char *option, const char *text, uint64_t most, uint64_t fallback, uint64_t *out,
	     struct notar_error *err)
{
	uint64_t number = 0;

	*out = fallback;
	if (text == NULL)
		return NOTAR_OK;
	if (strspn(text, "0123456789") == strlen(text) && strlen(text) < 20)
		number = strtoull(text, NULL, 10);
	if (number < 1 || number > most)
		return notar_fail(err, NOTAR_E_USAGE, "--%s: not a number from 1 to %llu: %.40s",
				  option, (unsigned long long)most, text);
	*out = number;
	return NOTAR_OK;
}

int
cmd_audit(const struct options *options, struct notar_error *err)
{
	const char *verb = options->operands.count > 0 ? options->operands.values[0] : "";

	if (strcmp(verb, "verify") == 0)
		return audit_verify(options, err);
	if (strcmp(verb, "show") == 0)
		return audit_show(options, err);
	return command_fail(err, NOTAR_E_USAGE, "audit: not verify or show: %.40s", verb);
}
