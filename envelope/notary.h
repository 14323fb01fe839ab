/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_NOTARY_H
#define ENVELOPE_NOTARY_H

#include "base/buf.h"
#include "base/fact.h"
#include "pki/cert.h"
#include "pki/suite.h"

/*
 * What the two envelopes of the Notary Project say, whichever they are (specs/notary-project.md
 * sections 3, 5, 6 and 7): envelope/jws.h and envelope/cose.h read into this and write from it.
 */
#define NOTARY_ARTIFACT_TYPE "application/vnd.cncf.notary.signature"
#define NOTARY_PAYLOAD_TYPE "application/vnd.cncf.notary.payload.v1+json"
#define NOTARY_JWS_TYPE "application/jose+json"
#define NOTARY_COSE_TYPE "application/cose"
#define NOTARY_PREFIX "io.cncf.notary"

enum notary_scheme { NOTARY_X509 = 1, NOTARY_X509_AUTHORITY };

/* An attribute that is none of the known ones. */
struct notary_extra {
	struct buf name;  /* text; a COSE integer label as its decimal digits */
	struct buf value; /* as JSON, for a plugin */
	bool critical;
};

struct notary_envelope {
	enum fact_format format; /* FACT_JWS or FACT_COSE */
	const struct suite *suite;
	enum notary_scheme scheme;
	int64_t signed_s;        /* signingTime (claimed) or authenticSigningTime, by the scheme */
	int64_t expires_s;       /* 0: never */
	struct buf to_be_signed; /* the exact bytes that the signature is over */
	struct buf payload;      /* decoded: the bytes that were signed, inside to_be_signed */
	struct buf signature;    /* r||s, or PSS */
	struct cert_list chain;  /* leaf first */
	struct buf timestamp;    /* DER or BER of the RFC 3161 token; empty when absent */
	struct buf agent;        /* free text, never trusted */
	struct buf plugin;       /* verificationPlugin, as text; empty when absent */
	struct buf plugin_min_version;
	struct notary_extra *extras;
	size_t extra_count;
};
void notary_envelope_release(struct notary_envelope *envelope);

/* What a writer needs; spans are borrowed. */
struct notary_draft {
	const struct suite *suite;
	enum notary_scheme scheme;
	int64_t signed_s, expires_s; /* expires_s 0: never */
	struct span payload;         /* JSON object */
};

#endif
