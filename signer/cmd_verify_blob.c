/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "envelope/statement.h"
#include "signer/command.h"
#include "signer/trust_files.h"

#define BLOB_BYTES (1U << 30)

NOTAR_AUTO_FOREIGN(report, struct notar_report, notar_report_free)

/* A digest, unless there is a file of that name. */
static bool
is_digest(const char *name)
{
	struct notar_digest digest;

	return access(name, F_OK) != 0 &&
	       notar_digest_parse(name, strlen(name), &digest, NULL) == NOTAR_OK;
}

/* A statement about a file is asked for by its type, as an image's is; "any" takes the signature of
 * the file itself, too. */
static enum notar_code
read_type(const struct options *options, const char **out, struct notar_error *err)
{
	*out = NULL;
	if (options->type == NULL)
		return NOTAR_OK;
	*out = strcmp(options->type, "any") == 0 ? POLICY_ANY_TYPE : predicate_uri(options->type);
	return *out != NULL ? NOTAR_OK :
			      notar_fail(err, NOTAR_E_USAGE,
					 "--type: not \"any\", a known name or a URI: %.60s",
					 options->type);
}

static enum notar_code
ask(const struct options *options, struct notar_report **out, struct notar_error *err)
{
	const char *name = options->operands.values[0];
	NOTAR_AUTO_OF(trust_files) files = { 0 };
	NOTAR_AUTO_OF(buf) blob = { .cap = BLOB_BYTES };
	NOTAR_AUTO_OF(buf) signature = { .cap = LIMIT_ENVELOPE_BYTES };
	struct notar_verify_options how = { 0 };
	struct notar_blob asked = { .scope = options->scope };

	NOTAR_TRY(read_type(options, &how.predicate_type, err));
	NOTAR_TRY(trust_files_read(options, NOTATION_BLOB, &files, &how, err));
	NOTAR_TRY(file_read(options->bundle, LIMIT_ENVELOPE_BYTES, &signature, err));
	if (is_digest(name)) {
		asked.digest = name;
	} else {
		NOTAR_TRY(file_read(name, BLOB_BYTES, &blob, err));
		asked.bytes = blob.len > 0 ? blob.ptr : (const uint8_t *)"";
	}
	asked.size = blob.len;
	asked.signature = signature.ptr;
	asked.signature_size = signature.len;
	return notar_verify_blob(&asked, &how, out, err);
}

static enum notar_code
check_arguments(const struct options *options, struct notar_error *err)
{
	if (options->bundle == NULL)
		return notar_fail(err, NOTAR_E_USAGE, "--bundle: needed");
	if (options->operands.count != 1)
		return notar_fail(err, NOTAR_E_USAGE, "exactly one file or digest is needed");
	if (options->keys.count > 1)
		return notar_fail(err, NOTAR_E_USAGE, "--key: only one");
	return NOTAR_OK;
}

int
cmd_verify_blob(const struct options *options, struct notar_error *err)
{
	NOTAR_AUTO_PTR(report, struct notar_report) *report = NULL;
	const char *name = options->operands.count > 0 ? options->operands.values[0] : "";

	if (check_arguments(options, err) != NOTAR_OK || ask(options, &report, err) != NOTAR_OK)
		return -1;
	if (!options->quiet)
		printf("%s %s %s\n", notar_verdict_name(report->verdict), name,
		       notar_reason_name(report->reason));
	if (!options->quiet && report->verdict != NOTAR_ALLOW)
		fprintf(stderr, "%s: %s\n", name,
			report->signature_count > 0 ? report->signatures[0].message :
						      report->message);
	return notar_verdict_exit(report->verdict);
}
