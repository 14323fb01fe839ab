/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/event_parse.h"

#include <stdlib.h>

#include "base/digest.h"
#include "oci/reference_grammar.h"

void
event_list_release(struct event_list *list)
{
	free(list->events);
	json_root_free(list->root);
	*list = (struct event_list){ 0 };
}

static enum notar_code
make_room(struct event_list *list, size_t count, struct notar_error *err)
{
	if (count > LIMIT_EVENTS)
		return notar_fail(err, NOTAR_E_LIMIT, "over %d events", LIMIT_EVENTS);
	list->events = calloc(count + 1, sizeof(*list->events));
	return list->events != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory");
}

static enum notar_code
read_digest(const struct json *at, struct notar_digest *out, struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_optional_string(at, "digest", &text, err));
	if (text.len == 0)
		return NOTAR_OK;
	if (digest_parse_span(text, out, err) != NOTAR_OK)
		return notar_context(err, "%s.digest", at->path);
	return NOTAR_OK;
}

/* Checked as names are everywhere else, and kept when there is something to look at. */
static enum notar_code
append(struct event_list *list, const struct registry_event *event, const struct json *at,
       struct notar_error *err)
{
	if (!grammar_is_path(event->repository))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not a repository's name", at->path);
	if (event->tag.ptr != NULL && !grammar_is_tag(event->tag))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not a tag", at->path);
	if (event->host.ptr != NULL && !grammar_is_host(event->host))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not a host", at->path);
	if (event->tag.ptr == NULL && event->digest.alg == NOTAR_DIGEST_NONE)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: neither a tag nor a digest", at->path);
	list->events[list->count++] = *event;
	return NOTAR_OK;
}

/* Harbor's empty tag is no tag. */
static enum notar_code
read_tag(const struct json *at, struct span *out, struct notar_error *err)
{
	NOTAR_TRY(json_optional_string(at, "tag", out, err));
	if (out->len == 0)
		*out = (struct span){ 0 };
	return NOTAR_OK;
}

static bool
read_action(struct span word, enum event_action *out)
{
	*out = span_is(word, "delete") ? EVENT_DELETE : EVENT_PUSH;
	return span_is(word, "push") || span_is(word, "mount") || span_is(word, "delete");
}

/* {"action":"push","target":{repository,digest,tag},"request":{"host"}}: distribution, Azure. */
static enum notar_code
read_distribution(const struct json *at, struct event_list *list, struct notar_error *err)
{
	struct registry_event event = { 0 };
	struct json target, request;
	struct span action;

	NOTAR_TRY(json_member_string(at, "action", &action, err));
	NOTAR_TRY(json_member(at, "target", &target, err));
	NOTAR_TRY(json_as_object(&target, err));
	if (!read_action(action, &event.action)) {
		list->ignored++;
		return NOTAR_OK;
	}
	NOTAR_TRY(json_member_string(&target, "repository", &event.repository, err));
	NOTAR_TRY(read_tag(&target, &event.tag, err));
	NOTAR_TRY(read_digest(&target, &event.digest, err));
	NOTAR_TRY(json_optional(at, "request", &request, err));
	if (request.value != NULL)
		NOTAR_TRY(json_optional_string(&request, "host", &event.host, err));
	if (event.host.len == 0)
		event.host = (struct span){ 0 };
	return append(list, &event, &target, err);
}

/* {"reference":"host/path[:tag][@digest]","digest":…,"action":…}: ours. */
static enum notar_code
read_own(const struct json *at, struct event_list *list, struct notar_error *err)
{
	static const char *const names[] = { "reference", "digest", "action" };
	struct registry_event event = { 0 };
	struct span reference, action;

	NOTAR_TRY(json_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(at, "reference", &reference, err));
	NOTAR_TRY(json_member_string(at, "action", &action, err));
	NOTAR_TRY(read_digest(at, &event.digest, err));
	if (!read_action(action, &event.action))
		return notar_fail(err, NOTAR_E_FORMAT, "%s.action: not push or delete", at->path);
	size_t end = span_find(reference, '@');

	if (end < reference.len &&
	    digest_parse_span(span_from(reference, end + 1), &event.digest, err) != NOTAR_OK)
		return notar_context(err, "%s.reference", at->path);
	reference.len = end;
	size_t slash = span_find(reference, '/');

	if (slash == reference.len)
		return notar_fail(err, NOTAR_E_FORMAT, "%s.reference: no host", at->path);
	event.host = (struct span){ reference.ptr, slash };
	event.repository = span_from(reference, slash + 1);
	size_t colon = span_find(event.repository, ':');

	if (colon < event.repository.len) {
		event.tag = span_from(event.repository, colon + 1);
		event.repository.len = colon;
	}
	return append(list, &event, at, err);
}

static enum notar_code
read_events(const struct json *array, struct event_list *list, struct notar_error *err)
{
	size_t count;

	NOTAR_TRY(json_as_array(array, LIMIT_EVENTS, &count, err));
	NOTAR_TRY(make_room(list, count, err));
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(array, i), reference;

		NOTAR_TRY(json_optional(&one, "reference", &reference, err));
		NOTAR_TRY(reference.value != NULL ? read_own(&one, list, err) :
						    read_distribution(&one, list, err));
	}
	return NOTAR_OK;
}

/* {"resources":[{digest,tag,resource_url}],"repository":{"repo_full_name"}}: Harbor. */
static enum notar_code
read_harbor(const struct json *data, enum event_action action, struct event_list *list,
	    struct notar_error *err)
{
	struct json resources, repository;
	struct span name;
	size_t count;

	NOTAR_TRY(json_member(data, "repository", &repository, err));
	NOTAR_TRY(json_member_string(&repository, "repo_full_name", &name, err));
	NOTAR_TRY(json_member(data, "resources", &resources, err));
	NOTAR_TRY(json_as_array(&resources, LIMIT_EVENTS, &count, err));
	NOTAR_TRY(make_room(list, count, err));
	for (size_t i = 0; i < count; i++) {
		struct registry_event event = { .action = action, .repository = name };
		struct json one = json_item(&resources, i);
		struct span url;

		NOTAR_TRY(read_tag(&one, &event.tag, err));
		NOTAR_TRY(read_digest(&one, &event.digest, err));
		NOTAR_TRY(json_optional_string(&one, "resource_url", &url, err));
		size_t slash = span_find(url, '/');

		if (slash < url.len)
			event.host = (struct span){ url.ptr, slash };
		/* Harbor writes a digest where there is no tag. */
		if (event.tag.ptr != NULL && span_find(event.tag, ':') < event.tag.len)
			event.tag = (struct span){ 0 };
		NOTAR_TRY(append(list, &event, &one, err));
	}
	return NOTAR_OK;
}

/* {"name","reference","digest",…}: zot. The reference is a tag, or the digest again. */
static enum notar_code
read_zot(const struct json *data, enum event_action action, struct event_list *list,
	 struct notar_error *err)
{
	struct registry_event event = { .action = action };
	struct span reference;

	NOTAR_TRY(make_room(list, 1, err));
	NOTAR_TRY(json_member_string(data, "name", &event.repository, err));
	NOTAR_TRY(json_optional_string(data, "reference", &reference, err));
	NOTAR_TRY(read_digest(data, &event.digest, err));
	if (reference.len > 0 && span_find(reference, ':') == reference.len)
		event.tag = reference;
	else if (reference.len > 0 && event.digest.alg == NOTAR_DIGEST_NONE)
		NOTAR_TRY(digest_parse_span(reference, &event.digest, err));
	return append(list, &event, data, err);
}

/* What the types of CloudEvents and of Harbor's own webhooks mean. */
static const struct {
	const char *type;
	enum event_action action;
	enum notar_code (*read)(const struct json *data, enum event_action action,
				struct event_list *list, struct notar_error *err);
} types[] = {
	{ "zotregistry.image.updated", EVENT_PUSH, read_zot },
	{ "zotregistry.image.deleted", EVENT_DELETE, read_zot },
	{ "harbor.artifact.pushed", EVENT_PUSH, read_harbor },
	{ "harbor.artifact.deleted", EVENT_DELETE, read_harbor },
	{ "PUSH_ARTIFACT", EVENT_PUSH, read_harbor },
	{ "DELETE_ARTIFACT", EVENT_DELETE, read_harbor },
};

static enum notar_code
read_typed(struct span type, const struct json *data, struct event_list *list,
	   struct notar_error *err)
{
	for (size_t i = 0; i < NOTAR_COUNT(types); i++)
		if (span_is(type, types[i].type))
			return types[i].read(data, types[i].action, list, err);
	list->ignored++;
	return NOTAR_OK;
}

static enum notar_code
read_document(const struct json *top, struct span ce_type, struct event_list *list,
	      struct notar_error *err)
{
	struct json events, version, data, target;
	struct span type;

	NOTAR_TRY(json_as_object(top, err));
	if (ce_type.ptr != NULL)
		return read_typed(ce_type, top, list, err);
	NOTAR_TRY(json_optional(top, "events", &events, err));
	if (events.value != NULL)
		return read_events(&events, list, err);
	NOTAR_TRY(json_optional(top, "target", &target, err));
	if (target.value != NULL) {
		NOTAR_TRY(make_room(list, 1, err));
		return read_distribution(top, list, err);
	}
	NOTAR_TRY(json_optional(top, "specversion", &version, err));
	NOTAR_TRY(json_member_string(top, "type", &type, err));
	NOTAR_TRY(json_member(top, version.value != NULL ? "data" : "event_data", &data, err));
	return read_typed(type, &data, list, err);
}

enum notar_code
event_parse(struct span body, struct span ce_type, struct event_list *out, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_HTTP_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	__attribute__((cleanup(event_list_release))) struct event_list list = { 0 };
	struct json top;

	NOTAR_TRY(json_parse(body, limits, "notification", &list.root, &top, err));
	NOTAR_TRY(read_document(&top, ce_type, &list, err));
	*out = list;
	list = (struct event_list){ 0 };
	return NOTAR_OK;
}
