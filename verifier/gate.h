/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_GATE_H
#define VERIFIER_GATE_H

#include "verifier/ask.h"

/*
 * GET /v1/gate: what a proxy in front of a registry asks before it passes a request on (nginx
 * auth_request, Traefik forwardAuth, Envoy ext_authz), the original method and URI in
 * X-Original-Method and X-Original-URI, or X-Forwarded-Method and X-Forwarded-Uri, as configured.
 *
 * 200: pass it on. With X-Notar-Manifest: as this URI, which names the digest that was judged,
 * so that a tag that moves in between is not served. 403: the body says why, as a registry
 * would. 503: nobody knows.
 */
enum http_next gate_check(void *context, void *local, const struct http_request *request,
			  struct http_answer *answer, const struct http_ticket *ticket);

#endif
