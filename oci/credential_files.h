/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_CREDENTIAL_FILES_H
#define OCI_CREDENTIAL_FILES_H

#include <stddef.h>

#include "notar/error.h"

/* Where other tools keep credentials, in the order of asking. */
#define CREDENTIAL_FILES 5

/* The i-th file's path; *out is NULL when the environment does not lead to one. */
NOTAR_MUST_USE enum notar_code credential_file_path(size_t i, char **out, struct notar_error *err);

#endif
