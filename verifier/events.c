/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/events.h"

#include "base/clock.h"
#include "base/codec.h"
#include "base/json.h"
#include "base/log.h"
#include "http/h1.h"
#include "oci/reference_grammar.h"
#include "store/manifests.h"
#include "verifier/event_parse.h"
#include "verifier/handler.h"

/* "sha256-<hex>", "sha256-<hex>.sig" and the like are attached to the digest they spell. */
static bool
subject_of_tag(struct span tag, struct notar_digest *out)
{
	static const char prefix[] = "sha256-";
	const size_t len = sizeof(prefix) - 1;
	struct notar_digest digest = { .alg = NOTAR_SHA256 };
	struct notar_error err;

	if (tag.len < len + 64 || memcmp(tag.ptr, prefix, len) != 0 ||
	    (tag.len > len + 64 && tag.ptr[len + 64] != '.') ||
	    hex_decode((struct span){ tag.ptr + len, 64 }, digest.bytes, 32, "tag", &err) !=
		    NOTAR_OK)
		return false;
	*out = digest;
	return true;
}

/* "host/path" as policies write it, or false: nobody says which registry it is. */
static bool
name_repository(const struct registry_event *event, struct span registry, struct reference *out)
{
	NOTAR_AUTO_OF(buf) text = { 0 };
	struct notar_error err;
	struct span host = registry.ptr != NULL ? registry : event->host;

	if (host.ptr == NULL)
		return false;
	buf_append_span(&text, host);
	buf_append_byte(&text, '/');
	buf_append_span(&text, event->repository);
	return text.failed == NOTAR_OK &&
	       reference_parse(buf_span(&text), REFERENCE_STRICT, out, &err) == NOTAR_OK;
}

/* Looks that policy has no use for are not worth a request. */
static bool
is_governed(struct handler_local *local, const struct reference *ref)
{
	const struct policy *policy = local->decider.policy->policy;
	char repository[REFERENCE_NAME_BYTES];
	const struct policy_rule *rule =
		policy == NULL ? NULL :
				 policy_rule_for(policy, reference_repository(ref, repository));

	return rule != NULL && !rule->exempt;
}

/* What to look at: the image, or the image that an attachment belongs to. */
static bool
look(struct daemon *daemon, struct handler_local *local, const struct registry_event *event,
     struct span registry)
{
	struct reference ref;
	struct manifest_row row;
	struct notar_error err;

	if (!name_repository(event, registry, &ref) || !is_governed(local, &ref))
		return false;
	ref.digest = event->digest;
	if (subject_of_tag(event->tag, &ref.digest)) {
		fetch_pool_look(daemon->pool, &ref, false, true);
		return true;
	}
	if (event->digest.alg == NOTAR_DIGEST_NONE) {
		if (event->action == EVENT_DELETE || event->tag.len >= sizeof(ref.tag))
			return false;
		memcpy(ref.tag, event->tag.ptr, event->tag.len);
		ref.tag[event->tag.len] = '\0';
	} else if (manifest_row_get(local->decider.reader, &event->digest, &row, &err) ==
			   NOTAR_OK &&
		   row.kind == MANIFEST_ARTIFACT && row.subject.alg != NOTAR_DIGEST_NONE) {
		ref.digest = row.subject;
	}
	fetch_pool_look(daemon->pool, &ref, true, true);
	return true;
}

static size_t
look_at_all(struct daemon *daemon, struct handler_local *local, const struct event_list *list,
	    struct span registry)
{
	size_t looks = 0;

	for (size_t i = 0; i < list->count; i++)
		looks += look(daemon, local, &list->events[i], registry) ? 1 : 0;
	return looks;
}

static void
render(const struct event_list *list, size_t looks, struct http_answer *answer)
{
	answer->status = 202;
	json_begin_object(&answer->body);
	json_pair_int(&answer->body, "events", (int64_t)(list->count + list->ignored));
	json_pair_int(&answer->body, "looks", (int64_t)looks);
	json_end_object(&answer->body);
}

enum http_next
events_take(void *context, void *local, const struct http_request *request,
	    struct http_answer *answer, const struct http_ticket *ticket)
{
	struct handler_local *mine = local;
	struct daemon *daemon = context;
	struct event_list list = { 0 };
	struct notar_error err = { 0 };
	struct span registry = h1_query_value(request->query, "registry");

	(void)ticket;
	if (registry.ptr != NULL && !grammar_is_host(registry)) {
		http_answer_error(answer, 400, "registry: not a host");
		return HTTP_ANSWERED;
	}
	if (event_parse(request->body, h1_header(request->head, "ce-type"), &list, &err) !=
		    NOTAR_OK ||
	    decider_begin(&mine->decider, clock_now_s(), &err) != NOTAR_OK) {
		bool theirs = err.code == NOTAR_E_FORMAT || err.code == NOTAR_E_LIMIT;

		metrics_count_event(daemon->metrics, false, 1);
		event_list_release(&list);
		http_answer_error(answer, theirs ? 400 : 503, err.msg);
		return HTTP_ANSWERED;
	}
	size_t looks = look_at_all(daemon, mine, &list, registry);

	decider_end(&mine->decider);
	metrics_count_event(daemon->metrics, true, list.count);
	LOG(LOG_LEVEL_DEBUG, "events", LOG_F_STR("caller", request->caller.name),
	    LOG_F_INT("events", (int64_t)list.count), LOG_F_INT("looks", (int64_t)looks));
	render(&list, looks, answer);
	event_list_release(&list);
	return HTTP_ANSWERED;
}
