/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_API_H
#define VERIFIER_API_H

#include "verifier/handler.h"

/*
 * POST /v1/verify {"images": ["registry/repo@sha256:…", …]}
 *   → {"results": [one report an image, as `notar verify --json` prints it, in the same order]}
 *
 * 200 whatever the verdicts are; a name that is no image is a result with reason "malformed".
 * `?timeout=` bounds the whole; what is not known by then is undetermined.
 */
enum http_next api_verify(void *context, void *local, const struct http_request *request,
			  struct http_answer *answer, const struct http_ticket *ticket);

#endif
