/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/*
 * Every bound on untrusted input, in one place. Where the specification notes differ the
 * stricter value that still passes real peers' data is taken (decision 18).
 */

/* JSON */
#define LIMIT_JSON_DEPTH_ENVELOPE 32
#define LIMIT_JSON_DEPTH_ADMISSION 100

/* HTTP client (specs/oci-registry.md sections 5 and 12) */
#define LIMIT_URL_BYTES (8U << 10)
#define LIMIT_CONNECTIONS_PER_HOST 4

/* OCI (specs/oci-registry.md sections 2 and 12) */
#define LIMIT_MANIFEST_BYTES (4U << 20)
#define LIMIT_ENVELOPE_BYTES (4U << 20)     /* one signature or attestation blob */
#define LIMIT_ATTESTATION_BYTES (32U << 20) /* verify-attestation only */
#define LIMIT_ERROR_BODY_BYTES (64U << 10)
#define LIMIT_TOKEN_BODY_BYTES (1U << 20)
#define LIMIT_HEADER_BYTES (64U << 10)
#define LIMIT_MANIFEST_LAYERS 1000
#define LIMIT_INDEX_ENTRIES 10000
#define LIMIT_REFERRERS_PAGES 100
#define LIMIT_REFERRERS_ENTRIES 10000
#define LIMIT_SIGNATURES 100 /* fetched and judged for one question */
#define LIMIT_QUERY_BYTES (64U << 20)
#define LIMIT_REDIRECTS 5
#define LIMIT_TRIES 5
#define LIMIT_AUTH_ROUND_TRIPS 3
#define LIMIT_RECURSION_DEPTH 4
#define LIMIT_RECURSION_NODES 1000
#define LIMIT_REPOSITORY_CHARS 255
#define LIMIT_TAG_CHARS 128
#define LIMIT_MEDIA_TYPE_CHARS 255
#define LIMIT_PLATFORM_CHARS 30 /* of an operating system, architecture, variant */

/* Credentials (specs/oci-registry.md section 4) */
#define LIMIT_CHALLENGE_BYTES (8U << 10)
#define LIMIT_TOKEN_CHARS (32U << 10)
#define LIMIT_CREDENTIAL_BYTES (16U << 10)
#define LIMIT_HELPER_MS 30000
#define LIMIT_HELPER_OUTPUT_BYTES (64U << 10)
#define LIMIT_DOCKER_CONFIG_BYTES (1U << 20)

/* Signatures (specs/sigstore.md section 4.1) */
#define LIMIT_BUNDLE_TLOG_ENTRIES 32
#define LIMIT_BUNDLE_TIMESTAMPS 32
#define LIMIT_BUNDLE_TIMESTAMP_BYTES (32U << 10)
#define LIMIT_PROOF_HASHES 64
#define LIMIT_CHECKPOINT_BYTES (16U << 10)
#define LIMIT_CHECKPOINT_SIGNATURES 16
#define LIMIT_LOG_BODY_BYTES (1U << 20)
#define LIMIT_TRUSTED_ROOT_BYTES (1U << 20)
#define LIMIT_ROOT_ENTRIES 64 /* of each kind in a trusted root */
#define LIMIT_STATEMENT_SUBJECTS 1024
#define LIMIT_SUBJECT_DIGESTS 32
#define LIMIT_ANNOTATIONS 64
#define LIMIT_ANNOTATION_BYTES (4U << 10)

/* Keys */
#define LIMIT_KEY_FILE_BYTES (64U << 10)
#define LIMIT_PASSPHRASE_BYTES 1024
#define LIMIT_SIGNATURE_BYTES 1024
#define LIMIT_KEYRING 1024 /* keys tried for one signature */

/* Plugins (specs/notary-project.md section 16) */
#define LIMIT_PLUGIN_MS 60000                /* one run, signing */
#define LIMIT_PLUGIN_VERIFY_MS 10000         /* one run, verifying */
#define LIMIT_PLUGIN_ATTRIBUTES 1024         /* that it says it has processed */
#define LIMIT_PLUGIN_OUTPUT_BYTES (2U << 20) /* a chain of the largest certificates in base64 */
#define LIMIT_PLUGIN_ERRORS_BYTES (1U << 20)
#define LIMIT_PLUGIN_NAME_CHARS 128
#define LIMIT_PLUGIN_KEY_ID_BYTES 2048
#define LIMIT_PLUGIN_CONFIG 64 /* pairs */
#define LIMIT_PLUGIN_WORDS 64  /* contract versions, capabilities */

/* Certificates (specs/notary-project.md sections 1 and 6.4) */
#define LIMIT_CERTIFICATE_BYTES (64U << 10)
#define LIMIT_CHAIN_CERTIFICATES 16
#define LIMIT_TRUST_STORE_CERTIFICATES 1024
#define LIMIT_NAME_ATTRIBUTES 32 /* of one "x509.subject" identity */
#define LIMIT_TIMESTAMP_BYTES (1U << 20)
#define LIMIT_OCSP_BYTES 20480
#define LIMIT_CRL_BYTES (32U << 20)
#define LIMIT_NOTARY_ENVELOPE_BYTES (1U << 20)
#define LIMIT_CBOR_DEPTH 8
#define LIMIT_CBOR_ENTRIES 64

/* Documents of the operator */
#define LIMIT_POLICY_BYTES (4U << 20) /* trusted roots are in it */
#define LIMIT_PATTERN_BYTES (4U << 10)
#define LIMIT_PATTERN_TEXT_BYTES (4U << 10) /* what a pattern is held against */
#define LIMIT_POLICY_RULES 10000
#define LIMIT_CONFIG_BYTES (256U << 10)

/* Store (decisions 1 to 9) */
#define LIMIT_STORE_MAP_BYTES (64ULL << 30) /* sparse */
#define LIMIT_STORE_READERS 512
#define LIMIT_STORE_QUEUE 1024 /* batches that wait for the writer */
#define LIMIT_STORE_QUEUE_BYTES (64U << 20)
#define LIMIT_STORE_OBJECT_BYTES (8U << 20)  /* an envelope and what is detached from it */
#define LIMIT_STORE_QUOTA_BYTES (4ULL << 30) /* of the cache, when nothing else is said */
#define LIMIT_STORE_REVOCATIONS 100000       /* certificates with what is known of them */
#define LIMIT_STORE_LIST_BYTES (1U << 20)    /* a revocation list that is kept */
#define LIMIT_STORE_LISTS_BYTES (64U << 20)  /* of all of them */
#define LIMIT_SIGNER_CHARS 127
#define LIMIT_ORIGIN_CHARS 64

/* HTTP server (design.md section 5, decision 18) */
#define LIMIT_HTTP_HEADER_BYTES (16U << 10)
#define LIMIT_HTTP_HEADERS 64
#define LIMIT_HTTP_TARGET_BYTES (4U << 10)
#define LIMIT_HTTP_CHUNK_LINE_BYTES 8 /* digits of a chunk's size */
#define LIMIT_HTTP_BODY_BYTES (4U << 20)
#define LIMIT_HTTP_ADMISSION_BODY_BYTES (7U << 20)
#define LIMIT_REVIEW_IMAGES 512
#define LIMIT_REVIEW_UID_BYTES 128
#define LIMIT_BATCH_IMAGES 512
#define LIMIT_EVENTS 1000              /* in one notification */
#define LIMIT_BACKGROUND_FLIGHTS 10000 /* looks that nobody waits for */

#endif
