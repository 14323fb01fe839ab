/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_AUDIT_FIXTURE_H
#define TESTS_LIB_AUDIT_FIXTURE_H

#include <sys/types.h>

#include "base/audit_file.h"

/* An audit log named "log" in a folder of the test's own, which the test is in. */

int audit_folder_enter(void **state);
int audit_folder_leave(void **state);

struct audit *audit_log_open(uint64_t max_file_bytes);
void audit_log_append(struct audit *audit, int64_t number);
void audit_log_flush(struct audit *audit);

/* Writes records from..to by one opening of the log. */
void audit_log_write(int64_t from, int64_t to, uint64_t max_file_bytes);

/* Bytes at the end that no writer wrote. */
void audit_log_spoil(const char *path, const void *bytes, size_t len);
off_t audit_log_size(const char *path);

#endif
