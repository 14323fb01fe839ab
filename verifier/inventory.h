/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_INVENTORY_H
#define VERIFIER_INVENTORY_H

#include "http/server.h"

/*
 * What the store knows, for people and reports (docs/openapi.json): each answer is what today's
 * policy and keys make of what was found, and `fresh` says whether it is recent enough to decide
 * by. Nothing here asks a registry. Lists come in pages: `limit` (100; at most 1000) and `after`,
 * the `next` of the page before.
 *
 *   GET /v1/images                 GET /v1/images/DIGEST
 *   GET /v1/keys                   GET /v1/keys/ID
 *   GET /v1/keys/ID/impact         which digests are allowed by this key alone
 */
enum http_next inventory_images(void *context, void *local, const struct http_request *request,
				struct http_answer *answer, const struct http_ticket *ticket);
enum http_next inventory_image(void *context, void *local, const struct http_request *request,
			       struct http_answer *answer, const struct http_ticket *ticket);
enum http_next inventory_keys(void *context, void *local, const struct http_request *request,
			      struct http_answer *answer, const struct http_ticket *ticket);
enum http_next inventory_key(void *context, void *local, const struct http_request *request,
			     struct http_answer *answer, const struct http_ticket *ticket);

#endif
