/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "envelope/statement.h"
#include "signer/command.h"
#include "signer/trust_files.h"

NOTAR_AUTO_FOREIGN(report, struct notar_report, notar_report_free)

static enum notar_code
read_threshold(const struct options *options, unsigned *out, struct notar_error *err)
{
	const char *text = options->threshold;

	*out = 1;
	if (text == NULL)
		return NOTAR_OK;
	if (strlen(text) > 4 || strspn(text, "0123456789") != strlen(text) ||
	    strtoul(text, NULL, 10) == 0)
		return notar_fail(err, NOTAR_E_USAGE, "--threshold: not a positive number: %.20s",
				  text);
	*out = (unsigned)strtoul(text, NULL, 10);
	return NOTAR_OK;
}

static enum notar_code
json_report(const char *image, const struct notar_report *report, struct buf *out,
	    struct notar_error *err)
{
	NOTAR_AUTO_CHARS *line = NULL;

	NOTAR_TRY(notar_report_json(image, report, &line, err));
	buf_append_str(out, line);
	buf_append_str(out, "\n");
	return NOTAR_OK;
}

static void
text_report(const struct options *options, const char *image, const struct notar_report *r,
	    struct buf *out)
{
	char digest[NOTAR_DIGEST_TEXT_BYTES];

	buf_printf(out, "%s %s %s %s\n", notar_verdict_name(r->verdict), image,
		   notar_digest_format(&r->digest, digest), notar_reason_name(r->reason));
	if (!options->quiet && r->verdict != NOTAR_ALLOW)
		fprintf(stderr, "%s: %s\n", image, r->message);
	for (size_t i = 0; options->explain && i < r->signature_count; i++) {
		const struct notar_signature *s = &r->signatures[i];

		buf_printf(out, "  %s %s in %s: %s%s%s (%s)\n", s->format,
			   notar_digest_format(&s->artifact, digest), s->place,
			   notar_reason_name(s->reason), s->key_id[0] != '\0' ? " key " : "",
			   s->key_id, s->message);
	}
}

/* The worst of several: no beats unknown beats yes, so that a script sees the refusal. */
static int
worse(int a, int b)
{
	if (a == 1 || b == 1)
		return 1;
	return a > b ? a : b;
}

static enum notar_code
ask_all(const struct options *options, const struct notar_verify_options *ask, int *status,
	struct buf *out, struct notar_error *err)
{
	for (size_t i = 0; i < options->operands.count; i++) {
		const char *image = options->operands.values[i];
		NOTAR_AUTO_PTR(report, struct notar_report) *report = NULL;

		NOTAR_TRY(notar_verify(image, ask, &report, err));
		if (options->json)
			NOTAR_TRY(json_report(image, report, out, err));
		else if (!options->quiet)
			text_report(options, image, report, out);
		*status = worse(*status, notar_verdict_exit(report->verdict));
	}
	return NOTAR_OK;
}

static int
verify(const struct options *options, const char *predicate_type, struct notar_error *err)
{
	struct notar_verify_options ask = { .predicate_type = predicate_type,
					    .everything = options->explain };
	struct notar_annotation annotations[OPTIONS_MAX_VALUES];
	NOTAR_AUTO_OF(trust_files) files = { 0 };
	NOTAR_AUTO_CHARS *storage = NULL;
	NOTAR_AUTO_OF(buf) out = { 0 };
	int status = 0;

	if (options->operands.count == 0)
		return command_fail(err, NOTAR_E_USAGE, "no image given");
	if (read_threshold(options, &ask.threshold, err) != NOTAR_OK ||
	    access_from(options, &ask.access, err) != NOTAR_OK ||
	    options_pairs(&options->annotations, "annotation", annotations, &storage, err) !=
		    NOTAR_OK ||
	    trust_files_read(options, NOTATION_OCI, &files, &ask, err) != NOTAR_OK)
		return -1;
	ask.annotations = annotations;
	ask.annotation_count = options->annotations.count;
	if (ask_all(options, &ask, &status, &out, err) != NOTAR_OK)
		return -1;
	return output_flush(&out, err) < 0 ? -1 : status;
}

int
cmd_verify(const struct options *options, struct notar_error *err)
{
	return verify(options, NULL, err);
}

int
cmd_verify_attestation(const struct options *options, struct notar_error *err)
{
	const char *type = options->type == NULL ? NULL : predicate_uri(options->type);

	if (type == NULL)
		return command_fail(err, NOTAR_E_USAGE, "--type: not a known name or a URI: %.60s",
				    options->type == NULL ? "(absent)" : options->type);
	return verify(options, type, err);
}
