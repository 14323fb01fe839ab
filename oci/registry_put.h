/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_REGISTRY_PUT_H
#define OCI_REGISTRY_PUT_H

#include "oci/registry_internal.h"

/* Writing; private to oci/. */

struct registry_put {
	const char *name; /* tag or digest */
	const char *media_type;
	struct span bytes;
	const char *if_match;      /* NULL: unconditional */
	const char *if_none_match; /* NULL: unconditional */
};

/* An answer of any status; a success whose digest header contradicts the bytes is
 * NOTAR_E_DIGEST. */
NOTAR_MUST_USE enum notar_code
registry_put_manifest(struct registry *r, const struct registry_put *put, struct http_response *out,
		      struct notar_error *err);

/* To a place that the registry named: with our credentials if it is the registry itself, with
 * none if it is somebody else's storage. */
NOTAR_MUST_USE enum notar_code
registry_send_anywhere(struct registry *r, const struct url *place,
		       const struct http_request *request, struct http_response *out,
		       struct notar_error *err);

#endif
