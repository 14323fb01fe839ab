/* SPDX-License-Identifier: Apache-2.0 */
#include "notar/decide.h"

#include <stdlib.h>

#include "base/clock.h"
#include "verifier/decider.h"
#include "verifier/report.h"

/* The public face of verifier/decider.h. Nothing here may reach curl. */
#define DEFAULT_LISTING_TTL_S 3600
#define DEFAULT_NEGATIVE_TTL_S 15

struct notar_decider {
	struct store *store;
	struct snapshots *snapshots;
	struct decider decider;
};
NOTAR_AUTO_DEFINE(notar_decider)
NOTAR_AUTO_FOREIGN(report, struct notar_report, notar_report_free)

void
notar_decider_free(struct notar_decider *decider)
{
	if (decider == NULL)
		return;
	decider_release(&decider->decider);
	snapshots_free(decider->snapshots);
	store_free(decider->store);
	free(decider);
}

enum notar_code
notar_decider_open(const struct notar_decide_options *options, struct notar_decider **out,
		   struct notar_error *err)
{
	const struct store_options how = { .read_only = true };
	NOTAR_AUTO(notar_decider) *made = calloc(1, sizeof(*made));

	if (made == NULL || (made->snapshots = snapshots_new()) == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a decider");
	NOTAR_TRY(store_open(options->state, &how, &made->store, err));
	NOTAR_TRY(decider_open(made->store, made->snapshots, &made->decider, err));
	made->decider.limits = (struct decider_limits){
		options->listing_ttl_s > 0 ? options->listing_ttl_s : DEFAULT_LISTING_TTL_S,
		options->negative_ttl_s > 0 ? options->negative_ttl_s : DEFAULT_NEGATIVE_TTL_S,
	};
	*out = NOTAR_TAKE(made);
	return NOTAR_OK;
}

static enum notar_code
parse_image(const char *image, struct reference *out, struct notar_error *err)
{
	NOTAR_TRY(reference_parse(span_str(image), REFERENCE_STRICT, out, err));
	if (out->digest.alg == NOTAR_DIGEST_NONE)
		return notar_fail(err, NOTAR_E_USAGE, "%s: no digest", image);
	return NOTAR_OK;
}

static void
fail_report(struct notar_report *report, const struct reference *ref, enum notar_reason reason,
	    const char *message)
{
	report_fail(report, reason, message);
	report->digest = ref->digest;
	report->cached = true;
}

enum notar_code
notar_decide(struct notar_decider *d, const char *image, struct notar_report **out,
	     struct notar_error *err)
{
	NOTAR_AUTO_PTR(report, struct notar_report) *report = calloc(1, sizeof(*report));
	struct notar_error failure = { 0 };
	struct reference ref;

	if (report == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a report");
	NOTAR_TRY(parse_image(image, &ref, err));
	if (decider_begin(&d->decider, clock_now_s(), &failure) != NOTAR_OK) {
		fail_report(report, &ref, NOTAR_REASON_STORE_FAILURE, failure.msg);
	} else {
		/* Nobody can be asked here, which is what an outage is. */
		if (!decider_report(&d->decider, &ref, report, NULL) &&
		    !decider_last_known_good(&d->decider, &ref, report))
			fail_report(report, &ref, NOTAR_REASON_NOT_CACHED,
				    notar_reason_meaning(NOTAR_REASON_NOT_CACHED));
		decider_end(&d->decider);
	}
	*out = NOTAR_TAKE(report);
	return NOTAR_OK;
}

enum notar_code
notar_decide_verdict(struct notar_decider *d, const char *image, enum notar_verdict *verdict,
		     enum notar_reason *reason, struct notar_error *err)
{
	enum notar_reason decided = NOTAR_REASON_STORE_FAILURE;
	char repository[REFERENCE_NAME_BYTES];
	struct notar_error failure = { 0 };
	struct reference ref;

	NOTAR_TRY(parse_image(image, &ref, err));
	if (decider_begin(&d->decider, clock_now_s(), &failure) == NOTAR_OK) {
		NOTAR_AUTO_OF(decision) decision = { 0 };

		decider_decide(&d->decider, &ref, reference_repository(&ref, repository),
			       &decision);
		decided = decision.decided || decision.last_known_good ? decision.answer.reason :
									 NOTAR_REASON_NOT_CACHED;
		decider_end(&d->decider);
	}
	*verdict = notar_reason_verdict(decided);
	if (reason != NULL)
		*reason = decided;
	return NOTAR_OK;
}
