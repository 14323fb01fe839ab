/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTAR_ERROR_H
#define NOTAR_ERROR_H

/*
 * Errors: why a call has no answer.
 *
 * A verdict is not an error. "This image is not trusted" is an answer (notar/verdict.h);
 * an error means that there is no answer, and so never allows anything. The library
 * never prints, never ends the process and never asserts on input.
 */

#ifdef __cplusplus
extern "C" {
#endif

#define NOTAR_MUST_USE __attribute__((warn_unused_result))
#define NOTAR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define NOTAR_API __attribute__((visibility("default")))

/* base/error.c maps each code to its name, exit status and HTTP status. */
enum notar_code {
	NOTAR_OK = 0,
	NOTAR_E_USAGE,       /* the operator asked for something impossible */
	NOTAR_E_CONFIG,      /* a configuration or policy document is wrong */
	NOTAR_E_FORMAT,      /* bytes break the format they claim to have */
	NOTAR_E_LIMIT,       /* well formed, but over a bound in base/limits.h */
	NOTAR_E_DIGEST,      /* bytes do not hash to the digest they were named by */
	NOTAR_E_SIGNATURE,   /* the mathematics said no */
	NOTAR_E_KEY,         /* a key cannot be used: kind, size, passphrase */
	NOTAR_E_NOT_FOUND,   /* positively absent: a peer or the disk said so */
	NOTAR_E_EXISTS,      /* refusing to overwrite */
	NOTAR_E_AUTH,        /* a peer wants other credentials, or forbids */
	NOTAR_E_NET,         /* a peer failed; the same call may work later */
	NOTAR_E_THROTTLED,   /* a peer asks for fewer requests */
	NOTAR_E_TIMEOUT,     /* the deadline came first */
	NOTAR_E_UNSUPPORTED, /* a peer or format lacks what is needed */
	NOTAR_E_STORE,       /* the LMDB store is damaged, full or foreign */
	NOTAR_E_IO,          /* the operating system failed a call */
	NOTAR_E_NOMEM,
	NOTAR_E_INTERNAL,
	NOTAR_E_LAST = NOTAR_E_INTERNAL,
};

/* Lives on the caller's stack; failing never allocates. Zero it before first use. */
struct notar_error {
	enum notar_code code;
	char msg[512]; /* one line, no trailing newline, never a secret */
};

/* Fills *err (NULL is allowed) and returns code, so that a failure is one statement.
 * Control characters in the text, which may come from a peer, are replaced. */
NOTAR_MUST_USE NOTAR_PRINTF(3, 4) NOTAR_API enum notar_code
	notar_fail(struct notar_error *err, enum notar_code code, const char *fmt, ...);

/* Puts "prefix: " before the message and returns err->code unchanged. */
NOTAR_MUST_USE NOTAR_PRINTF(2, 3) NOTAR_API enum notar_code
	notar_context(struct notar_error *err, const char *fmt, ...);

/* A stable lower-case name for a code, e.g. "not_found". Static memory. */
NOTAR_API const char *notar_code_name(enum notar_code code);

/* The exit status of the programs: 0 yes, 1 no, 2 wrong usage, 3 could not decide. */
NOTAR_API int notar_code_exit(enum notar_code code);

/* The HTTP status notard answers with when a request ends in this code. */
NOTAR_API int notar_code_http(enum notar_code code);

#ifdef __cplusplus
}
#endif
#endif
