/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/own.h"
#include "base/span.h"

/*
 * Bytes that must not leak: private keys, passphrases, tokens. Kept in libsodium's guarded
 * memory (locked, fenced by unreadable pages, wiped when freed). A secret never turns into a
 * span except through secret_borrow, whose callers can be found by grep.
 */
struct secret {
	uint8_t *ptr; /* guarded memory with a NUL behind len */
	size_t len;
};

/* len bytes of zeros to fill. NOTAR_E_NOMEM when memory cannot be guarded. */
NOTAR_MUST_USE enum notar_code
secret_alloc(size_t len, struct secret *out, struct notar_error *err);

/* A guarded copy. */
NOTAR_MUST_USE enum notar_code
secret_copy(struct span bytes, struct secret *out, struct notar_error *err);

/* A guarded copy of bytes, which are then wiped where they stood. */
NOTAR_MUST_USE enum notar_code
secret_absorb(uint8_t *bytes, size_t len, struct secret *out, struct notar_error *err);

/* Wipes and frees; a zeroed secret is allowed. */
void secret_release(struct secret *secret);

/* The bytes, for the one call that needs them. Do not store the span. */
static inline struct span
secret_borrow(const struct secret *secret)
{
	return (struct span){ secret->ptr, secret->len };
}

/* In constant time for equal lengths. */
bool secret_equal(const struct secret *a, const struct secret *b);

/* Core dumps off and, where the kernel has it, no ptrace. Call once at start of a program. */
void secret_harden_process(void);

#endif
