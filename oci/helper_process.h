/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_HELPER_PROCESS_H
#define OCI_HELPER_PROCESS_H

#include "base/secret.h"

/*
 * Runs program (found in PATH) with one argument, input on its standard input, in a process
 * group of its own, and collects at most LIMIT_HELPER_OUTPUT_BYTES of its standard output; its
 * standard error goes nowhere. Blocks until it has ended or limit_ms have passed; then the
 * whole group is killed. *status is the exit status, 128 + signal for a signal.
 * NOTAR_E_AUTH when it cannot be started, says too much or takes too long.
 */
NOTAR_MUST_USE enum notar_code
helper_process_run(const char *program, const char *argument, struct span input, int64_t limit_ms,
		   struct secret *out, int *status, struct notar_error *err);

#endif
