/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_STATEMENT_H
#define ENVELOPE_STATEMENT_H

#include "base/json.h"
#include "notar/digest.h"

/*
 * in-toto statements: what a DSSE envelope says about an image (in-toto Statement v1 and v0.1;
 * specs/sigstore.md sections 2.1, 2.5 and 4.11). Pure. Only ever parse bytes whose signature
 * has been checked, and the very same bytes.
 */
#define STATEMENT_V1 "https://in-toto.io/Statement/v1"
#define STATEMENT_V01 "https://in-toto.io/Statement/v0.1"

struct statement {
	struct json_t *root;
	struct span predicate_type; /* borrowed from root, never empty */
	struct json subject;        /* the first subject that has the digest asked for */
	struct json predicate;      /* value NULL when absent */
};

void statement_release(struct statement *statement);

/*
 * Parses payload and finds the subject with this digest. NOTAR_E_DIGEST when it speaks of
 * other digests only, NOTAR_E_FORMAT for everything malformed, no subject at all included.
 */
NOTAR_MUST_USE enum notar_code
statement_read(struct span payload, const struct notar_digest *digest, struct statement *out,
	       struct notar_error *err);

/* Of a statement that somebody is about to sign: the SHA-256 of its first subject that has one.
 * NOTAR_E_FORMAT. */
NOTAR_MUST_USE enum notar_code
statement_first_digest(struct span payload, struct notar_digest *out, struct notar_error *err);

/* One "k=v" of the command line, split. */
struct annotation {
	struct span name;
	struct span value;
};

/* Appends cosign's signing statement for a digest. */
void statement_write_sign(const struct notar_digest *digest, const struct annotation *annotations,
			  size_t count, struct buf *out);

/* Appends an attestation statement; predicate is a JSON document, name the repository. */
void
statement_write_attestation(const struct notar_digest *digest, const char *name,
			    const char *predicate_type, struct span predicate, struct buf *out);

/* The URI for a short name ("slsaprovenance1"), the text itself when it holds a ':', or NULL. */
const char *predicate_uri(const char *type);

#endif
