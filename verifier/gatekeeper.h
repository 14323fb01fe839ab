/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_GATEKEEPER_H
#define VERIFIER_GATEKEEPER_H

#include "verifier/ask.h"

/*
 * POST /gatekeeper/v1/verify and /gatekeeper/v1/mutate: Gatekeeper's external data provider
 * (specs/admission.md section 8). A key is an image, perhaps behind "[namespace]". An item an
 * answer: a refusal is a value with allowed false; an error of the item is a key that cannot be
 * read or could not be decided; systemError is for when nothing can be decided at all.
 */
enum http_next gatekeeper_verify(void *context, void *local, const struct http_request *request,
				 struct http_answer *answer, const struct http_ticket *ticket);
enum http_next gatekeeper_mutate(void *context, void *local, const struct http_request *request,
				 struct http_answer *answer, const struct http_ticket *ticket);

#endif
