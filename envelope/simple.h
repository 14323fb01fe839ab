/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_SIMPLE_H
#define ENVELOPE_SIMPLE_H

#include "envelope/statement.h"
#include "oci/manifest.h"

/* cosign's classic signatures: simple-signing payloads (specs/sigstore.md sections 1.1 to 1.3),
 * kept as layers of the manifest under the tag "sha256-<hex>.sig". Pure. */

#define SIMPLE_LAYER_TYPE "application/vnd.dev.cosign.simplesigning.v1+json"
#define SIMPLE_DSSE_LAYER_TYPE "application/vnd.dsse.envelope.v1+json"
#define SIMPLE_SIGNATURE_ANNOTATION "dev.cosignproject.cosign/signature"
#define SIMPLE_PREDICATE_ANNOTATION "predicateType"

/* "sha256-<hex>" and a suffix (".sig", ".att" or ""), NUL-terminated. */
#define SIMPLE_TAG_BYTES 160
const char *
simple_tag(const struct notar_digest *digest, const char *suffix, char out[SIMPLE_TAG_BYTES]);

struct simple_payload {
	struct json_t *root;
	struct span docker_reference;
	struct json optional; /* annotations object, or value NULL */
};
void simple_payload_release(struct simple_payload *payload);

/* Checks critical.type and the digest, which cosign does only in part (section 9.2).
 * NOTAR_E_DIGEST for another digest. Duplicated or differently spelt members are refused. */
NOTAR_MUST_USE enum notar_code
simple_payload_read(struct span bytes, const struct notar_digest *digest,
		    struct simple_payload *out, struct notar_error *err);

/* Appends the payload, byte for byte as cosign writes it. */
void simple_payload_write(const char *docker_reference, const struct notar_digest *digest,
			  const struct annotation *annotations, size_t count, struct buf *out);

/* One more layer for a .sig or .att manifest. */
struct simple_layer {
	const char *media_type;
	struct notar_digest digest;
	int64_t size;
	struct span signature;      /* raw; empty for attestations, written as "" */
	const char *predicate_type; /* NULL for signatures */
};

/*
 * Appends the image config that lists all layers: cosign wants one. old may be NULL; its
 * layers stay, in order, before the new one.
 */
void
simple_config_write(const struct manifest *old, const struct simple_layer *layer, struct buf *out);

/* Appends the manifest with the old layers, members untouched, and the new one. */
void simple_manifest_write(const struct manifest *old, const struct simple_layer *layer,
			   const struct notar_digest *config_digest, size_t config_bytes,
			   struct buf *out);

#endif
