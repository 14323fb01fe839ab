/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "oci/media_type.h"
#include "oci/referrers.h"
#include "oci/registry_put.h"

#define CONFIRM_TRIES 3
#define CONFIRM_MS 300
#define WRITE_TRIES 8
#define SETTLE_MS 150

static enum notar_code
pause_ms(const struct registry *r, int64_t ms, struct notar_error *err)
{
	struct timespec wait = { ms / 1000, (long)(ms % 1000) * 1000000L };

	if (ms >= clock_left_ms(r->source.deadline_ms))
		return notar_fail(err, NOTAR_E_TIMEOUT, "referrers: no time left to try again");
	(void)nanosleep(&wait, NULL);
	return NOTAR_OK;
}

static bool
lists(const struct referrers *list, const struct notar_digest *digest)
{
	for (size_t i = 0; i < list->count; i++)
		if (notar_digest_equal(&list->items[i].digest, digest))
			return true;
	return false;
}

/* Whether the referrers API shows it; registries may take a moment. NOTAR_E_UNSUPPORTED. */
static enum notar_code
confirm(struct registry *r, const struct notar_digest *subject, const struct notar_digest *digest,
	unsigned tries, bool *listed, struct notar_error *err)
{
	*listed = false;
	for (unsigned i = 0; i < tries && !*listed; i++) {
		NOTAR_AUTO_OF(referrers) list = { 0 };
		if (i > 0)
			NOTAR_TRY(pause_ms(r, CONFIRM_MS << i, err));
		NOTAR_TRY(registry_referrers(&r->source, subject, &list, err));
		*listed = lists(&list, digest);
	}
	return NOTAR_OK;
}

/* What the tag holds now; nothing when there is no such tag. */
static enum notar_code
read_tag(struct registry *r, const char *tag, struct content *out, char etag[REGISTRY_ETAG_BYTES],
	 struct notar_error *err)
{
	enum notar_code code = registry_get_manifest(r, tag, NULL, out, etag, err);

	if (code == NOTAR_E_NOT_FOUND) {
		etag[0] = '\0';
		return NOTAR_OK;
	}
	NOTAR_TRY(code);
	if (!media_type_is_index(span_str(out->media_type)))
		return notar_fail(err, NOTAR_E_FORMAT, "the tag %s holds no list of referrers",
				  tag);
	return NOTAR_OK;
}

/* *lost: somebody was faster, as far as this registry tells. */
static enum notar_code
write_tag(struct registry *r, const char *tag, const struct content *before, const char *etag,
	  struct span index, bool *lost, struct notar_error *err)
{
	NOTAR_AUTO_OF(http_response) response = { 0 };
	bool is_new = before->bytes.len == 0;
	const struct registry_put put = {
		.name = tag,
		.media_type = is_new ? OCI_TYPE_INDEX : before->media_type,
		.bytes = index,
		.if_match = !is_new && etag[0] != '\0' ? etag : NULL,
		.if_none_match = is_new ? "*" : NULL,
	};

	NOTAR_TRY(registry_put_manifest(r, &put, &response, err));
	*lost = response.status == 409 || response.status == 412;
	if (*lost || (response.status >= 200 && response.status <= 202))
		return NOTAR_OK;
	return registry_refusal(&response, tag, err);
}

/*
 * Tags have no compare-and-swap, and the last writer wins. So what was written is looked at
 * again after a while that is longer than another writer's read and write took us: entries
 * that vanished, ours or others', are put back. *wanted is what must be there in the end.
 */
static enum notar_code
write_once(struct registry *r, const char *tag, struct buf *wanted, bool *done,
	   struct notar_error *err)
{
	NOTAR_AUTO_OF(content) now = { 0 };
	NOTAR_AUTO_OF(buf) next = { .cap = LIMIT_MANIFEST_BYTES };
	char etag[REGISTRY_ETAG_BYTES] = "";
	int64_t start_ms = clock_monotonic_ms();
	bool changed = false, lost = false;

	NOTAR_TRY(read_tag(r, tag, &now, etag, err));
	NOTAR_TRY(referrers_index_merge(buf_span(&now.bytes), buf_span(wanted), &next, &changed,
					err));
	*done = !changed;
	if (*done)
		return NOTAR_OK;
	NOTAR_TRY(write_tag(r, tag, &now, etag, buf_span(&next), &lost, err));
	if (!lost) {
		buf_release(wanted);
		*wanted = next;
		next = (struct buf){ 0 };
	}
	int64_t took_ms = clock_monotonic_ms() - start_ms;
	return pause_ms(r, (2 * took_ms > SETTLE_MS ? 2 * took_ms : SETTLE_MS) + http_backoff_ms(1),
			err);
}

static enum notar_code
add_to_tag(struct registry *r, struct span manifest, const struct notar_digest *subject,
	   struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) wanted = { .cap = LIMIT_MANIFEST_BYTES };
	char tag[REFERRERS_TAG_BYTES];
	bool done = false;

	(void)referrers_tag(subject, tag);
	NOTAR_TRY(referrers_index_of(manifest, &wanted, err));
	for (unsigned i = 0; i < WRITE_TRIES && !done; i++)
		NOTAR_TRY(write_once(r, tag, &wanted, &done, err));
	if (done)
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_NET, "the tag %s is overwritten by others again and again",
			  tag);
}

static enum notar_code
make_findable(struct registry *r, struct span manifest, const struct notar_digest *subject,
	      const struct notar_digest *digest, bool promised, struct notar_error *err)
{
	bool listed = false;
	enum notar_code code =
		confirm(r, subject, digest, promised ? CONFIRM_TRIES : 1, &listed, err);

	/* A header that promises is no API: Docker Hub was seen to send it without having one. */
	if (code == NOTAR_E_UNSUPPORTED || (code == NOTAR_OK && !listed && !promised))
		return add_to_tag(r, manifest, subject, err);
	NOTAR_TRY(code);
	if (listed)
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_NET, "%s took it but does not list it", r->ref.host);
}

enum notar_code
registry_push_referrer(struct source *source, struct span manifest,
		       const struct notar_digest *subject, struct notar_digest *digest,
		       struct notar_error *err)
{
	struct registry *r = registry_of(source);
	NOTAR_AUTO_OF(manifest) parsed = { 0 };
	struct notar_digest pushed;
	char text[NOTAR_DIGEST_TEXT_BYTES], type[LIMIT_MEDIA_TYPE_CHARS + 1];
	bool promised = false;

	NOTAR_TRY(manifest_parse(manifest, (struct span){ 0 }, &parsed, err));
	if (!parsed.has_subject || !notar_digest_equal(&parsed.subject.digest, subject))
		return notar_fail(err, NOTAR_E_USAGE, "a referrer must name its subject");
	if (parsed.media_type.len > LIMIT_MEDIA_TYPE_CHARS)
		return notar_fail(err, NOTAR_E_LIMIT, "a media type that long");
	memcpy(type, parsed.media_type.ptr, parsed.media_type.len);
	type[parsed.media_type.len] = '\0';
	NOTAR_TRY(registry_push_manifest(source, manifest, type, NULL, &pushed, &promised, err));
	enum notar_code code = make_findable(r, manifest, subject, &pushed, promised, err);
	if (code != NOTAR_OK)
		return err == NULL ? code :
				     notar_context(err, "pushed as %s, but it cannot be found",
						   notar_digest_format(&pushed, text));
	*digest = pushed;
	return NOTAR_OK;
}
