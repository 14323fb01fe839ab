/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/reference.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/own.h"
#include "oci/reference_grammar.h"

#define LAYOUT_PREFIX "oci:"
#define DOCKER_HUB "docker.io"

/* Room is checked by the caller's grammar or here; false when text does not fit. */
static bool
copy_text(char *to, size_t room, struct span text)
{
	if (text.len >= room)
		return false;
	if (text.len > 0)
		memcpy(to, text.ptr, text.len);
	to[text.len] = '\0';
	return true;
}

static struct span
head_of(struct span text, size_t len)
{
	return span_of(text.ptr, len);
}

/* The offset of the last byte c at or after from, or text.len. */
static size_t
find_last(struct span text, size_t from, uint8_t c)
{
	for (size_t i = text.len; i > from; i--) {
		if (text.ptr[i - 1] == c)
			return i - 1;
	}
	return text.len;
}

/* Where the last component starts: only there can a colon open a tag. */
static size_t
last_component(struct span text)
{
	size_t slash = find_last(text, 0, '/');

	return slash == text.len ? 0 : slash + 1;
}

/* Cuts "[:tag][@digest]" off *name, from the right. */
static enum notar_code
cut_version(struct span *name, struct reference *ref, struct notar_error *err)
{
	size_t at = find_last(*name, last_component(*name), '@');

	if (at < name->len) {
		if (digest_parse_span(span_from(*name, at + 1), &ref->digest, NULL) != NOTAR_OK)
			return notar_fail(err, NOTAR_E_USAGE,
					  "reference: what follows '@' is not a sha256 or sha512 "
					  "digest");
		*name = head_of(*name, at);
	}
	size_t colon = find_last(*name, last_component(*name), ':');
	if (colon == name->len)
		return NOTAR_OK;
	struct span tag = span_from(*name, colon + 1);
	if (!grammar_is_tag(tag) || !copy_text(ref->tag, sizeof(ref->tag), tag))
		return notar_fail(err, NOTAR_E_USAGE, "reference: what follows ':' is not a tag");
	*name = head_of(*name, colon);
	return NOTAR_OK;
}

/* Drops the last component of out, which starts with a slash or is empty. */
static size_t
drop_component(const char *out, size_t start, size_t len)
{
	while (len > start && out[len - 1] != '/')
		len--;
	return len > start ? len - 1 : start;
}

/* Appends path's components behind out[start..len), resolving "." and "..". */
static bool
append_components(char *out, size_t room, size_t start, size_t *len, struct span path)
{
	while (path.len > 0) {
		size_t end = span_find(path, '/');
		struct span part = head_of(path, end);
		path = span_from(path, end + 1);
		if (part.len == 0 || span_is(part, "."))
			continue;
		if (span_is(part, "..")) {
			*len = drop_component(out, start, *len);
			continue;
		}
		if (*len + 1 + part.len >= room)
			return false;
		out[(*len)++] = '/';
		memcpy(out + *len, part.ptr, part.len);
		*len += part.len;
	}
	return true;
}

/* "oci:" and the absolute folder; false when it does not fit or there is no working folder. */
static bool
layout_name(const char *path, char out[REFERENCE_NAME_BYTES])
{
	const size_t start = strlen(LAYOUT_PREFIX);
	size_t len = start;
	char here[REFERENCE_NAME_BYTES];

	memcpy(out, LAYOUT_PREFIX, start);
	if (path[0] != '/') {
		if (getcwd(here, sizeof(here)) == NULL)
			return false;
		if (!append_components(out, REFERENCE_NAME_BYTES - 1, start, &len, span_str(here)))
			return false;
	}
	if (!append_components(out, REFERENCE_NAME_BYTES - 1, start, &len, span_str(path)))
		return false;
	if (len == start)
		out[len++] = '/';
	out[len] = '\0';
	return true;
}

static enum notar_code
parse_layout(struct span text, struct reference *ref, struct notar_error *err)
{
	char absolute[REFERENCE_NAME_BYTES];
	struct span name = text;

	ref->place = REFERENCE_LAYOUT;
	NOTAR_TRY(cut_version(&name, ref, err));
	if (name.len == 0)
		return notar_fail(err, NOTAR_E_USAGE, "reference: 'oci:' names no folder");
	if (!copy_text(ref->path, sizeof(ref->path), name) || !layout_name(ref->path, absolute))
		return notar_fail(err, NOTAR_E_USAGE, "reference: the folder's name is too long");
	return NOTAR_OK;
}

/* Host names are one whatever their case, so that a scope cannot be dodged by shouting. */
static void
lower_host(char *host)
{
	for (; *host != '\0'; host++) {
		if (*host >= 'A' && *host <= 'Z')
			*host = (char)(*host - 'A' + 'a');
	}
}

static enum notar_code
split_host(struct span *name, enum reference_rules rules, struct reference *ref,
	   struct notar_error *err)
{
	size_t slash = span_find(*name, '/');
	struct span host = head_of(*name, slash);

	if (slash == name->len || !grammar_names_host(host)) {
		if (rules == REFERENCE_STRICT)
			return notar_fail(err, NOTAR_E_USAGE,
					  "reference: write the registry's host too, as in "
					  "host/repository:tag");
		host = span_str(DOCKER_HUB);
	} else {
		*name = span_from(*name, slash + 1);
	}
	if (span_find(host, '.') == host.len && span_find(host, ':') == host.len &&
	    !span_is(host, "localhost"))
		return notar_fail(err, NOTAR_E_USAGE,
				  "reference: a host only by its upper-case letter: ambiguous");
	if (!grammar_is_host(host) || !copy_text(ref->host, sizeof(ref->host), host))
		return notar_fail(err, NOTAR_E_USAGE, "reference: not a registry's host");
	lower_host(ref->host);
	return NOTAR_OK;
}

/* What Docker means by a short name (specs/oci-registry.md section 1.2). */
static void
apply_docker_names(struct span name, struct reference *ref, const char **prefix)
{
	if (strcmp(ref->host, "index." DOCKER_HUB) == 0)
		memcpy(ref->host, DOCKER_HUB, sizeof(DOCKER_HUB));
	if (strcmp(ref->host, DOCKER_HUB) == 0 && span_find(name, '/') == name.len)
		*prefix = "library/";
	if (ref->tag[0] == '\0' && ref->digest.alg == NOTAR_DIGEST_NONE)
		memcpy(ref->tag, "latest", sizeof("latest"));
}

static enum notar_code
parse_registry(struct span text, enum reference_rules rules, struct reference *ref,
	       struct notar_error *err)
{
	struct span name = text;
	const char *prefix = "";

	ref->place = REFERENCE_REGISTRY;
	NOTAR_TRY(cut_version(&name, ref, err));
	NOTAR_TRY(split_host(&name, rules, ref, err));
	if (!grammar_is_path(name))
		return notar_fail(err, NOTAR_E_USAGE,
				  "reference: not a repository's name (lower-case letters, digits "
				  "and single separators)");
	if (rules == REFERENCE_DOCKER_NAMES)
		apply_docker_names(name, ref, &prefix);
	size_t fixed = strlen(prefix);
	if (strlen(ref->host) + 1 + fixed + name.len > LIMIT_REPOSITORY_CHARS)
		return notar_fail(err, NOTAR_E_USAGE,
				  "reference: host and repository have more than %d characters",
				  LIMIT_REPOSITORY_CHARS);
	memcpy(ref->path, prefix, fixed);
	memcpy(ref->path + fixed, name.ptr, name.len);
	ref->path[fixed + name.len] = '\0';
	return NOTAR_OK;
}

enum notar_code
reference_parse(struct span text, enum reference_rules rules, struct reference *out,
		struct notar_error *err)
{
	struct reference ref = { 0 };

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
			return notar_fail(err, NOTAR_E_USAGE,
					  "reference: a control character at offset %zu", i);
	}
	if (span_starts_with(text, LAYOUT_PREFIX))
		NOTAR_TRY(parse_layout(span_from(text, strlen(LAYOUT_PREFIX)), &ref, err));
	else
		NOTAR_TRY(parse_registry(text, rules, &ref, err));
	*out = ref;
	return NOTAR_OK;
}

const char *
reference_repository(const struct reference *ref, char out[REFERENCE_NAME_BYTES])
{
	if (ref->place == REFERENCE_LAYOUT) {
		/* A name that cannot be told matches no scope. */
		if (!layout_name(ref->path, out))
			out[0] = '\0';
		return out;
	}
	(void)snprintf(out, REFERENCE_NAME_BYTES, "%s/%.*s", ref->host, LIMIT_REPOSITORY_CHARS,
		       ref->path);
	return out;
}

const char *
reference_format(const struct reference *ref, char out[REFERENCE_TEXT_BYTES])
{
	char name[REFERENCE_NAME_BYTES];
	char digest[NOTAR_DIGEST_TEXT_BYTES] = "";
	bool tagged = ref->tag[0] != '\0';
	bool pinned = ref->digest.alg != NOTAR_DIGEST_NONE;

	if (pinned)
		(void)notar_digest_format(&ref->digest, digest);
	(void)snprintf(out, REFERENCE_TEXT_BYTES, "%s%s%s%s%s", reference_repository(ref, name),
		       tagged ? ":" : "", ref->tag, pinned ? "@" : "", digest);
	return out;
}

bool
reference_is_loopback(const struct reference *ref)
{
	char host[sizeof(ref->host)];
	struct in_addr v4;
	struct in6_addr v6;

	if (ref->place != REFERENCE_REGISTRY)
		return false;
	memcpy(host, ref->host, sizeof(host));
	if (host[0] == '[') {
		host[strcspn(host, "]")] = '\0';
		return inet_pton(AF_INET6, host + 1, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
	}
	host[strcspn(host, ":")] = '\0';
	if (strcmp(host, "localhost") == 0)
		return true;
	return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}
