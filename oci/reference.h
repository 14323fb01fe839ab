/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_REFERENCE_H
#define OCI_REFERENCE_H

#include "base/limits.h"
#include "base/span.h"
#include "notar/digest.h"

/*
 * What a person writes for an image: "registry/repo[:tag][@digest]" or
 * "oci:DIR[:tag][@digest]" for an OCI image layout (design section 4, specs/oci-registry.md
 * section 1). A plain value. The grammar is anchored and strict: nothing that could change its
 * meaning inside a URL path is accepted.
 */
enum reference_place { REFERENCE_REGISTRY = 1, REFERENCE_LAYOUT };

#define REFERENCE_NAME_BYTES 1100
#define REFERENCE_TEXT_BYTES 1400

struct reference {
	enum reference_place place;
	char host[256];                /* registry: host[:port]; empty for a layout */
	char path[1024];               /* registry: repository path; layout: folder as written */
	char tag[LIMIT_TAG_CHARS + 1]; /* empty when absent */
	struct notar_digest digest;    /* alg NONE when absent; wins over the tag */
};

enum reference_rules {
	REFERENCE_STRICT,       /* a registry host is required; notar's command line */
	REFERENCE_DOCKER_NAMES, /* short names mean docker.io, no tag means latest; admission */
};

/* NOTAR_E_USAGE naming what is wrong. Tag and digest may both be absent. */
NOTAR_MUST_USE enum notar_code reference_parse(struct span text, enum reference_rules rules,
					       struct reference *out, struct notar_error *err);

/* "host/path" or "oci:/absolute/folder": what policies' scopes and the store's listings are
 * about. A layout's folder is made absolute without touching the disk, "." and ".." removed.
 * Returns out. */
const char *reference_repository(const struct reference *ref, char out[REFERENCE_NAME_BYTES]);

/* The whole, with tag and digest. Returns out. */
const char *reference_format(const struct reference *ref, char out[REFERENCE_TEXT_BYTES]);

/* True for localhost, 127.0.0.0/8 and [::1], whatever the port: plain HTTP is allowed there. */
bool reference_is_loopback(const struct reference *ref);

#endif
