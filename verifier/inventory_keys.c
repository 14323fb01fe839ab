/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/codec.h"
#include "base/json.h"
#include "store/images.h"
#include "store/signings.h"
#include "verifier/handler.h"
#include "verifier/inventory.h"
#include "verifier/page.h"

#define KEYS "/v1/keys/"
#define IMPACT "/impact"

static void
put_key(struct buf *out, const struct trusted_key *key)
{
	char id[2 * TRUSTED_KEY_ID_BYTES + 1];

	json_begin_object(out);
	json_pair_str(out, "id", hex_encode(span_of(key->id, sizeof(key->id)), id));
	json_pair_str(out, "status", trusted_key_status_name(key->status));
	json_pair_span(out, "signer", key->signer);
	json_pair_span(out, "origin", key->origin);
	page_put_time(out, "notBefore", key->not_before_s);
	page_put_time(out, "notAfter", key->not_after_s);
	page_put_time(out, "compromisedSince", key->compromised_since_s);
	page_put_time(out, "added", key->added_s);
	page_put_time(out, "changed", key->changed_s);
	json_end_object(out);
}

/* A key that the policy itself brings: it has no row, so nothing but the policy ends it. */
static void
put_policy_key(struct buf *out, const char *signer, const struct key *key)
{
	struct trusted_key row = { .status = TRUSTED_KEY_ACTIVE,
				   .signer = span_str(signer),
				   .origin = span_str("policy") };

	memcpy(row.id, key_id(key), sizeof(row.id));
	put_key(out, &row);
}

static bool
visit_key(void *context, const struct trusted_key *key)
{
	put_key(context, key);
	return true;
}

static void
put_policy_keys(const struct decider *d, struct buf *out)
{
	const struct policy *policy = d->policy->policy;
	struct trusted_key row;
	struct notar_error err;

	for (size_t i = 0; policy != NULL && i < policy->signer_count; i++)
		for (size_t k = 0; k < policy->signers[i].count; k++) {
			const struct key *key = policy->signers[i].keys[k];

			if (trusted_key_get(d->reader, key_id(key), &row, &err) ==
			    NOTAR_E_NOT_FOUND)
				put_policy_key(out, policy->signers[i].name, key);
		}
}

static enum http_next
fail(struct http_answer *answer, const struct notar_error *err)
{
	buf_release(&answer->body);
	http_answer_error(answer, err->code == NOTAR_E_USAGE ? 400 : 503, err->msg);
	return HTTP_ANSWERED;
}

enum http_next
inventory_keys(void *context, void *local, const struct http_request *request,
	       struct http_answer *answer, const struct http_ticket *ticket)
{
	struct handler_local *mine = local;
	struct buf *out = &answer->body;
	struct notar_error err = { 0 };

	(void)context, (void)request, (void)ticket;
	if (decider_begin(&mine->decider, clock_now_s(), &err) != NOTAR_OK)
		return fail(answer, &err);
	json_begin_object(out);
	json_name(out, "keys");
	json_begin_array(out);
	enum notar_code code = trusted_keys_each(mine->decider.reader, visit_key, out, &err);

	put_policy_keys(&mine->decider, out);
	json_end_array(out);
	json_pair_int(out, "trustGeneration", (int64_t)mine->decider.trust_generation);
	json_end_object(out);
	decider_end(&mine->decider);
	return code == NOTAR_OK ? HTTP_ANSWERED : fail(answer, &err);
}

/* Today's keys, but for one that is revoked: "what if?" */
struct book_without {
	struct key_book book;
	const uint8_t *key_id;
};

static enum notar_code
look_up_without(void *context, const uint8_t id[KEY_ID_BYTES], struct key_standing *out)
{
	const struct book_without *without = context;

	if (memcmp(id, without->key_id, KEY_ID_BYTES) == 0) {
		out->status = KEY_REVOKED;
		return NOTAR_OK;
	}
	return without->book.look_up(without->book.context, id, out);
}

struct impact {
	struct decider *decider;
	struct buf *out;
	struct page page;
	uint8_t key_id[KEY_ID_BYTES];
	struct notar_digest last; /* a subject comes once a signature */
};

/* Allowed, and not without the key. */
static bool
stands_alone(struct impact *impact, const struct image_row *image, const char *repository,
	     struct trust_answer *answer)
{
	struct decider *d = impact->decider;
	struct book_without without = { snapshot_key_book(d->reader), impact->key_id };
	const struct key_book book = { look_up_without, &without };
	NOTAR_AUTO_OF(evidence) evidence = { 0 };
	struct trust_answer then;
	struct cached cached;
	struct notar_error err;

	if (cache_load(d->reader, repository, &image->digest, d->room, &evidence, &cached, &err) !=
	    NOTAR_OK)
		return false;
	decider_judge(d, repository, &evidence, answer);
	if (answer->verdict != NOTAR_ALLOW)
		return false;
	question_begin(d->question, d->policy->policy, repository, book, decider_revocations(d),
		       d->now_s);
	d->question->trust.plugins = d->plugins;
	question_judge(d->question, &evidence, &then);
	return then.verdict != NOTAR_ALLOW;
}

static bool
visit_place(void *context, const struct image_row *image, struct span key)
{
	struct impact *impact = context;
	NOTAR_AUTO_OF(buf) name = { 0 };
	char text[NOTAR_DIGEST_TEXT_BYTES];
	struct trust_answer answer;

	(void)key;
	buf_append_span(&name, image->repository);
	char *repository = buf_take_cstr(&name);

	if (repository != NULL && stands_alone(impact, image, repository, &answer)) {
		json_begin_object(impact->out);
		json_pair_str(impact->out, "digest", notar_digest_format(&image->digest, text));
		json_pair_span(impact->out, "repository", image->repository);
		json_pair_str(impact->out, "rule", answer.rule == NULL ? "" : answer.rule->name);
		page_put_time(impact->out, "lastListed", image->last_s);
		json_end_object(impact->out);
	}
	free(repository);
	return true;
}

static bool
visit_subject(void *context, const struct notar_digest *subject, struct span key)
{
	struct impact *impact = context;
	struct notar_error err;

	if (notar_digest_equal(subject, &impact->last))
		return true;
	if (!page_take(&impact->page, key))
		return false;
	impact->last = *subject;
	(void)!images_each(impact->decider->reader, subject, (struct span){ 0 }, visit_place,
			   impact, &err);
	return true;
}

static enum notar_code
put_impact(struct impact *impact, struct notar_error *err)
{
	char id[2 * KEY_ID_BYTES + 1];

	json_begin_object(impact->out);
	json_pair_str(impact->out, "key",
		      hex_encode(span_of(impact->key_id, sizeof(impact->key_id)), id));
	json_name(impact->out, "alone");
	json_begin_array(impact->out);
	NOTAR_TRY(signings_each(impact->decider->reader, impact->key_id,
				span_of(impact->page.after, impact->page.after_len), visit_subject,
				impact, err));
	json_end_array(impact->out);
	json_pair_int(impact->out, "examined", (int64_t)impact->page.count);
	page_put_next(&impact->page, impact->out);
	json_end_object(impact->out);
	return NOTAR_OK;
}

static bool
find_key(const struct decider *d, const uint8_t id[KEY_ID_BYTES], struct buf *out)
{
	const struct policy *policy = d->policy->policy;
	struct trusted_key row;
	struct notar_error err;

	if (trusted_key_get(d->reader, id, &row, &err) == NOTAR_OK) {
		put_key(out, &row);
		return true;
	}
	for (size_t i = 0; policy != NULL && i < policy->signer_count; i++)
		for (size_t k = 0; k < policy->signers[i].count; k++)
			if (memcmp(key_id(policy->signers[i].keys[k]), id, KEY_ID_BYTES) == 0) {
				put_policy_key(out, policy->signers[i].name,
					       policy->signers[i].keys[k]);
				return true;
			}
	return false;
}

/* "/v1/keys/<64 hex>" or that with "/impact" behind it. */
static enum notar_code
read_path(struct span path, uint8_t id[KEY_ID_BYTES], bool *impact, struct notar_error *err)
{
	const size_t tail = sizeof(IMPACT) - 1;
	struct span rest = span_from(path, sizeof(KEYS) - 1);

	*impact = rest.len > tail && memcmp(rest.ptr + rest.len - tail, IMPACT, tail) == 0;
	if (*impact)
		rest.len -= tail;
	if (hex_decode(rest, id, KEY_ID_BYTES, "key", err) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_USAGE,
				  "not a key's id: 64 characters of lower-case hexadecimal");
	return NOTAR_OK;
}

enum http_next
inventory_key(void *context, void *local, const struct http_request *request,
	      struct http_answer *answer, const struct http_ticket *ticket)
{
	struct handler_local *mine = local;
	struct impact impact = { .decider = &mine->decider, .out = &answer->body };
	struct notar_error err = { 0 };
	bool wants_impact, known = true;

	(void)ticket;
	mine->decider.limits = daemon_limits(context);
	if (read_path(request->path, impact.key_id, &wants_impact, &err) != NOTAR_OK ||
	    page_read(request->query, &impact.page, &err) != NOTAR_OK ||
	    decider_begin(&mine->decider, clock_now_s(), &err) != NOTAR_OK)
		return fail(answer, &err);
	enum notar_code code = NOTAR_OK;

	if (wants_impact)
		code = put_impact(&impact, &err);
	else
		known = find_key(&mine->decider, impact.key_id, &answer->body);
	decider_end(&mine->decider);
	if (!known)
		http_answer_error(answer, 404, "nobody knows this key");
	return code == NOTAR_OK ? HTTP_ANSWERED : fail(answer, &err);
}
