/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_EVENT_PARSE_H
#define VERIFIER_EVENT_PARSE_H

#include "base/json.h"
#include "base/limits.h"
#include "notar/digest.h"

/*
 * What registries say happened (specs/admission.md section 11). Pure. An event is a hint: it makes
 * notard look, it never makes it trust. Dialects: distribution's notifications, Harbor's webhooks
 * (plain and CloudEvents), zot's CloudEvents (binary and structured), Azure's, and our own
 * {"events":[{"reference":…,"digest":…,"action":"push"}]}.
 */
enum event_action { EVENT_PUSH, EVENT_DELETE };

/* Spans borrow from the list's document. */
struct registry_event {
	enum event_action action;
	struct span host;           /* as the message says; ptr NULL: it does not */
	struct span repository;     /* path, or with a host in our own dialect */
	struct span tag;            /* ptr NULL: none */
	struct notar_digest digest; /* alg NONE: only a tag */
};

struct event_list {
	struct json_t *root;
	struct registry_event *events;
	size_t count;
	size_t ignored; /* well formed, and of no interest: pulls, scans */
};
void event_list_release(struct event_list *list);

/*
 * ce_type: the header of that name, for CloudEvents in binary mode; ptr NULL when absent.
 * NOTAR_E_FORMAT or NOTAR_E_LIMIT with the path of what is wrong; one bad event refuses all.
 */
NOTAR_MUST_USE enum notar_code
event_parse(struct span body, struct span ce_type, struct event_list *out, struct notar_error *err);

#endif
