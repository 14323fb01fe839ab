/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_POLICY_FILE_H
#define VERIFIER_POLICY_FILE_H

#include "base/buf.h"
#include "trust/policy.h"

/* Reads and checks the file. text may be NULL. NOTAR_E_CONFIG, opening with the path. */
NOTAR_MUST_USE enum notar_code
policy_file_read(const char *path, struct buf *text, struct policy **out, struct notar_error *err);

#endif
