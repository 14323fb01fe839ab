/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNER_AUDIT_FILES_H
#define SIGNER_AUDIT_FILES_H

#include "base/audit_read.h"
#include "signer/command.h"

/* What `notar audit verify` and `notar audit show` have in common. */

/* The operands behind the verb, in the order of the first records they claim to have: a shell
 * gives NAME before NAME.<number>, which came earlier. */
struct audit_files {
	struct {
		const char *path;
		uint64_t first_seq; /* 0 when it is empty, or does not say */
	} files[OPTIONS_MAX_VALUES];
	size_t count;
};

/* NOTAR_E_USAGE without a file, NOTAR_E_IO for one that cannot be read. */
NOTAR_MUST_USE enum notar_code
audit_files_from(const struct options *options, struct audit_files *out, struct notar_error *err);

/* Decimal digits, at least 1 and at most `most`; fallback when text is NULL. */
NOTAR_MUST_USE enum notar_code
audit_number(const char *option, const char *text, uint64_t most, uint64_t fallback, uint64_t *out,
	     struct notar_error *err);

command_call audit_verify, audit_show;

#endif
