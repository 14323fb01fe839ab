/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/revocations.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "net/http_client.h"
#include "store/writer.h"
#include "sync/revocation.h"
#include "sync/revocation_rows.h"

void
revocations_forget(struct revocations *r)
{
	for (size_t i = 0; i < r->count; i++) {
		buf_release(&r->found[i].certificate);
		buf_release(&r->found[i].issuer);
	}
	free(r->found);
	r->found = NULL;
	r->count = 0;
}

void
revocations_release(struct revocations *r)
{
	revocations_forget(r);
	http_client_free(r->client);
	*r = (struct revocations){ 0 };
}

static const struct found_revocation *
find(const struct revocations *r, const uint8_t thumbprint[FACT_ID_BYTES])
{
	for (size_t i = 0; i < r->count; i++)
		if (memcmp(r->found[i].thumbprint, thumbprint, FACT_ID_BYTES) == 0)
			return &r->found[i];
	return NULL;
}

static enum notar_code
look_up(void *context, const uint8_t thumbprint[FACT_ID_BYTES], struct revocation_answer *out)
{
	const struct revocations *r = context;
	const struct found_revocation *found = find(r, thumbprint);

	if (found != NULL) {
		*out = found->answer;
		return NOTAR_OK;
	}
	return r->beneath.look_up == NULL ? NOTAR_OK :
					    r->beneath.look_up(r->beneath.context, thumbprint, out);
}

struct revocation_book
revocations_book(struct revocations *r)
{
	return (struct revocation_book){ look_up, r };
}

/* Whether a certificate of the chain has not been asked about. */
static bool
has_news(const struct revocations *r, const struct cert_list *chain)
{
	for (size_t i = 0; i + 1 < chain->count; i++)
		if (find(r, chain->certs[i]->thumbprint) == NULL)
			return true;
	return false;
}

static void
remember(struct revocations *r, const struct cert *cert, const struct cert *issuer,
	 const struct revocation_answer *answer)
{
	struct found_revocation *grown = realloc(r->found, (r->count + 1) * sizeof(*r->found));

	if (grown == NULL)
		return; /* unknown, as it was */
	r->found = grown;
	struct found_revocation *to = &r->found[r->count++];

	*to = (struct found_revocation){ .answer = *answer, .checked_s = clock_now_s() };
	memcpy(to->thumbprint, cert->thumbprint, FACT_ID_BYTES);
	buf_append_span(&to->certificate, buf_span(&cert->der));
	buf_append_span(&to->issuer, buf_span(&issuer->der));
}

static bool
ask_about(struct revocations *r, const struct cert_list *chain)
{
	struct revocation_finding findings[LIMIT_CHAIN_CERTIFICATES] = { 0 };
	const struct http_client_options access = { .ca_file = r->options.ca_file,
						    .guard_private = !r->options.allow_private };
	struct notar_error err;

	if (!has_news(r, chain) || chain->count > LIMIT_CHAIN_CERTIFICATES)
		return false;
	if (r->client == NULL && http_client_new(&access, &r->client, &err) != NOTAR_OK)
		return false;
	const struct revocation_options how = { .client = r->client,
						.deadline_ms = r->options.deadline_ms,
						.allow_private = r->options.allow_private,
						.offline = r->options.offline,
						.now_s = clock_now_s(),
						.lists = r->options.lists };

	revocation_check(chain, &how, findings);
	for (size_t i = 0; i + 1 < chain->count; i++)
		if (find(r, chain->certs[i]->thumbprint) == NULL)
			remember(r, chain->certs[i], chain->certs[i + 1], &findings[i].answer);
	return true;
}

bool
revocations_settle(struct revocations *r, const struct question *question,
		   const struct evidence *evidence)
{
	bool news = false;

	for (size_t i = 0; i < evidence->count; i++) {
		struct reader reader = { .rest = buf_span(&evidence->items[i].chains) };

		while (question->signatures[i].wants_revocation && reader.rest.len > 0) {
			NOTAR_AUTO_OF(cert_list) chain = { 0 };

			if (!evidence_chain_next(&reader, &chain))
				break;
			news = ask_about(r, &chain) || news;
		}
	}
	return news;
}

void
revocations_judge(struct revocations *r, struct question *question, const struct evidence *evidence,
		  struct trust_answer *answer)
{
	question_judge(question, evidence, answer);
	if (revocations_settle(r, question, evidence))
		question_judge(question, evidence, answer);
}

static void
add_row(const struct found_revocation *found, struct store_batch *batch)
{
	struct revocation_news news = { .answer = found->answer,
					.checked_s = found->checked_s,
					.wanted_s = found->checked_s,
					.certificate = buf_span(&found->certificate),
					.issuer = buf_span(&found->issuer) };

	memcpy(news.thumbprint, found->thumbprint, FACT_ID_BYTES);
	revocation_rows_add(batch, &news);
}

struct store_batch *
revocations_batch(const struct revocations *r)
{
	NOTAR_AUTO(store_batch) *batch = r->count == 0 ? NULL : calloc(1, sizeof(*batch));

	if (batch == NULL ||
	    (batch->revocations = calloc(r->count, sizeof(*batch->revocations))) == NULL)
		return NULL;
	for (size_t i = 0; i < r->count; i++)
		if (r->found[i].answer.status != REVOCATION_UNKNOWN)
			add_row(&r->found[i], batch);
	return batch->revocation_count == 0 ? NULL : NOTAR_TAKE(batch);
}
