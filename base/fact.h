/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FACT_H
#define BASE_FACT_H

#include "base/buf.h"
#include "notar/digest.h"

/*
 * A fact: one signature that was checked and held, whoever trusts it today (design section 2,
 * decisions 1 and 2). Facts never change, so they can be cached; decisions are taken from
 * them each time. Store rows, the pipeline and the evaluation all use the one encoded form,
 * which is why it lives here, below the store and the formats.
 *
 * Encoded: version (1 byte), then TLVs: tag (1), length (4, big-endian), value; tags strictly
 * ascending, each at most once. An unknown tag or version is NOTAR_E_STORE: the row is a miss,
 * never an allow.
 */

#define FACT_ID_BYTES 32

/* Numbers are on disk: never renumber. */
enum fact_format {
	FACT_BUNDLE = 1, /* Sigstore bundle, DSSE inside */
	FACT_SIMPLE = 2, /* cosign simple signing, .sig tag */
	FACT_DSSE = 3,   /* cosign classic attestation, .att tag */
	FACT_JWS = 4,
	FACT_COSE = 5,
	FACT_FORMAT_LAST = FACT_COSE,
};

enum fact_proof {
	FACT_BY_KEY = 1,
	FACT_BY_FULCIO = 2,
	FACT_BY_X509 = 3,
	FACT_PROOF_LAST = FACT_BY_X509,
};

/* Who vouched for a time. */
enum fact_time_source { FACT_TIME_LOG = 1, FACT_TIME_TSA = 2 };

/* An RFC 3161 token beside the signature. On disk: keep. */
enum fact_token { FACT_TOKEN_NONE = 0, FACT_TOKEN_HOLDS = 1, FACT_TOKEN_BROKEN = 2 };

/* A certificate of a chain. */
struct fact_link {
	const uint8_t *thumbprint; /* FACT_ID_BYTES: SHA-256 of its DER */
	int64_t not_before_s, not_after_s;
	bool revocable; /* it says where to ask; never of a root */
};

/* A timestamp that leads to a root. */
struct fact_stamp {
	const uint8_t *anchor; /* FACT_ID_BYTES: thumbprint of the root */
	int64_t from_s, to_s;
	struct span revocable; /* thumbprints in its chain to ask about, FACT_ID_BYTES each */
};

/* FULCIO: a path from the leaf to an authority, and when all of its certificates are valid. */
struct fact_path {
	const uint8_t *authority; /* FACT_ID_BYTES: root_authority.identity */
	int64_t from_s, to_s;     /* inclusive */
};

/* A transparency log that has the signature. */
struct fact_log {
	const uint8_t *log; /* FACT_ID_BYTES: root_log.identity */
	bool is_tiled;      /* Rekor v2, which promises no time */
	int64_t time_s;     /* of a promise that held; 0: none */
};

/* What Fulcio's extensions say, by their last number; FACT_EXTENSIONS of them. */
#define FACT_EXTENSIONS 25

/* Spans borrow: from the encoded row when decoded, from the parsed envelope when built. */
struct fact {
	enum fact_format format;
	enum fact_proof proof;
	uint8_t sig_id[FACT_ID_BYTES]; /* fact_sig_id() */
	uint8_t key_id[FACT_ID_BYTES]; /* SHA-256 of the SPKI DER that verified it */
	struct notar_digest subject;   /* what was signed */
	struct notar_digest artifact;  /* manifest it was last seen in: a reference, no identity */
	struct notar_digest payload;   /* of the signed payload bytes */
	struct span predicate_type;    /* empty for formats that only sign */
	struct span docker_reference;  /* simple signing; empty when absent */
	struct span annotations;       /* fact_annotation_next() */
	struct span issuer;            /* FULCIO: who says who it is */
	struct span san;               /* FULCIO: who it is */
	struct span anchor;
	struct span subject_media_type; /* where the payload states it; else empty */
	int64_t subject_size;           /* -1 when not stated */
	int64_t expires_s;              /* 0: never */
	struct span times; /* fact_time_next(): timestamps, by authorities' identities */
	/* FULCIO; logs and times of signatures by keys, too. */
	struct span paths;      /* fact_path_next() */
	struct span logs;       /* fact_log_next() */
	struct span scts;       /* fact_sct_next(): logs of certificates */
	struct span extensions; /* fact_extension_next() */
	/* X509 only (specs/notary-project.md): what the envelope's certificates say. Whom they
	 * lead to is asked of the policy each time. */
	struct span chain;     /* fact_link_next(), leaf first; not empty */
	struct span leaf_name; /* DER of the leaf's subject */
	bool by_authority;     /* scheme notary.x509.signingAuthority */
	int64_t signed_s;      /* claimed; by_authority: the authority's word */
	enum fact_token token;
	struct span stamps; /* fact_stamp_next(): roots that the token leads to */
	/* What is critical and nobody but a verification plugin understands. No plugin: all three
	 * are empty. */
	struct span plugin;             /* fact_is_plugin_name() */
	struct span plugin_min_version; /* empty: any will do */
	struct span attributes;         /* fact_annotation_next(): names and JSON values */
};

/* Appends the encoded row. Errors stick in the buf. */
void fact_encode(const struct fact *fact, struct buf *out);

/* Strict; fact borrows from row. NOTAR_E_STORE for a foreign, damaged or newer row. */
NOTAR_MUST_USE enum notar_code
fact_decode(struct span row, struct fact *fact, struct notar_error *err);

/*
 * Appends `row` with what an earlier row of the same signature knows besides: paths, logs, SCTs and
 * timestamps. What was found depends on whom somebody trusted at that time; each part of it holds
 * for good, and what a root has lost and has again need not be looked for anew. An earlier row that
 * is damaged, or of another signature, adds nothing; row is the caller's own, and sound.
 */
void fact_unite(struct span row, struct span earlier, struct buf *out);

/* SHA-256(format byte ‖ payload digest bytes ‖ signature ‖ leaf certificate), each variable
 * part preceded by its length (8 bytes, big-endian) so that parts cannot slide. */
void fact_sig_id(enum fact_format format, const struct notar_digest *payload, struct span sig,
		 struct span leaf_certificate, uint8_t out[FACT_ID_BYTES]);

/* What may be a plugin's name: it becomes a part of a path to something that is run. Letters,
 * digits, ".", "_", "-"; neither "." nor "..". */
bool fact_is_plugin_name(struct span name);

/* True for what counts as a signature of the image: no predicate type, or cosign's
 * "https://sigstore.dev/cosign/sign/v1". */
#define FACT_PREDICATE_SIGN "https://sigstore.dev/cosign/sign/v1"
bool fact_is_signature(const struct fact *fact);

/* Annotations are a sequence of (2-byte length, name, 4-byte length, value). */
void fact_annotation_append(struct buf *b, struct span name, struct span value);
/* Advances *rest; false at the end (or when damaged). */
bool fact_annotation_next(struct span *rest, struct span *name, struct span *value);

/* Times are a sequence of (1 source, 32 id of the log or TSA, 8 seconds). */
void fact_time_append(struct buf *b, enum fact_time_source source, const uint8_t id[FACT_ID_BYTES],
		      int64_t time_s);
/* Links are a sequence of (32 thumbprint, 8 not before, 8 not after, 1 revocable). */
void fact_link_append(struct buf *b, const struct fact_link *link);
bool fact_link_next(struct span *rest, struct fact_link *link);

/* Paths are a sequence of (32 authority, 8 from, 8 to). */
void fact_path_append(struct buf *b, const struct fact_path *path);
bool fact_path_next(struct span *rest, struct fact_path *path);

/* Logs are a sequence of (32 log, 1 tiled, 8 time). */
void fact_log_append(struct buf *b, const struct fact_log *log);
bool fact_log_next(struct span *rest, struct fact_log *log);

/* SCTs are a sequence of (32 log, 8 milliseconds). */
void fact_sct_append(struct buf *b, const uint8_t log[FACT_ID_BYTES], int64_t time_ms);
bool fact_sct_next(struct span *rest, const uint8_t **log, int64_t *time_ms);

/* Extensions are a sequence of (1 number, 2 length, text). */
void fact_extension_append(struct buf *b, size_t number, struct span text);
bool fact_extension_next(struct span *rest, size_t *number, struct span *text);

/* Stamps are a sequence of (32 anchor, 8 from, 8 to, 1 count, count times 32). */
void fact_stamp_append(struct buf *b, const struct fact_stamp *stamp);
bool fact_stamp_next(struct span *rest, struct fact_stamp *stamp);

bool
fact_time_next(struct span *rest, enum fact_time_source *source, struct span *id, int64_t *time_s);

#endif
