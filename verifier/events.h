/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_EVENTS_H
#define VERIFIER_EVENTS_H

#include "http/server.h"

/*
 * POST /v1/events: a registry says that something was pushed or deleted, and notard looks at it
 * before anybody asks. Only for callers with a name. "?registry=HOST" says which registry is
 * speaking, as policies know it; else the message does. 202: the looks are queued.
 */
enum http_next events_take(void *context, void *local, const struct http_request *request,
			   struct http_answer *answer, const struct http_ticket *ticket);

#endif
