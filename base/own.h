/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_OWN_H
#define BASE_OWN_H

#include <stdlib.h>

#include "notar/error.h"

#ifdef __clang_analyzer__
/* The analyzer cannot see into error.c: these two never return NOTAR_OK. */
#define notar_fail(...) ((void)!notar_fail(__VA_ARGS__), NOTAR_E_INTERNAL)
#define notar_context(...) ((void)!notar_context(__VA_ARGS__), NOTAR_E_INTERNAL)
#endif

/*
 * base/: bytes, errors, JSON, time and limits: what every folder above it is written in.
 *
 * Ownership, and the one way to hand an error up.
 *
 * NOTAR_AUTO(key) *k     a local owner: key_free(k) runs when k leaves scope.
 * NOTAR_AUTO_OF(buf) b   the same for a struct held by value: buf_release(&b).
 * NOTAR_TAKE(k)          gives the pointer away; k becomes NULL.
 */
#define NOTAR_AUTO(type) __attribute__((cleanup(type##_auto_free))) struct type
#define NOTAR_AUTO_OF(type) __attribute__((cleanup(type##_release))) struct type

/* For `struct type` with `void type_free(struct type *)`. */
#define NOTAR_AUTO_DEFINE(type)                                                                    \
	static inline void type##_auto_free(struct type **owner)                                   \
	{                                                                                          \
		type##_free(*owner);                                                               \
	}

/* For foreign types, e.g. NOTAR_AUTO_FOREIGN(evp_pkey, EVP_PKEY, EVP_PKEY_free);
 * a local owner is then NOTAR_AUTO_PTR(evp_pkey, EVP_PKEY) *pkey. */
#define NOTAR_AUTO_FOREIGN(name, type, free_call)                                                  \
	static inline void name##_auto_free(type **owner)                                          \
	{                                                                                          \
		free_call(*owner);                                                                 \
	}
#define NOTAR_AUTO_PTR(name, type) __attribute__((cleanup(name##_auto_free))) type

#define NOTAR_TAKE(pointer)                                                                        \
	__extension__({                                                                            \
		__typeof__(pointer) notar_taken = (pointer);                                       \
		(pointer) = NULL;                                                                  \
		notar_taken;                                                                       \
	})

/* Returns from the caller when call is not NOTAR_OK. The only macro that hides a return. */
#define NOTAR_TRY(call)                                                                            \
	do {                                                                                       \
		enum notar_code notar_try_code = (call);                                           \
		if (notar_try_code != NOTAR_OK)                                                    \
			return notar_try_code;                                                     \
	} while (0)

static inline void
chars_auto_free(char **owner)
{
	free(*owner);
}

/* A heap string that this scope owns. */
#define NOTAR_AUTO_CHARS __attribute__((cleanup(chars_auto_free))) char

#define NOTAR_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
