/* SPDX-License-Identifier: Apache-2.0 */
#include "notar/verify.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/own.h"
#include "envelope/discover.h"
#include "oci/source.h"
#include "verifier/plugins.h"
#include "verifier/question.h"
#include "verifier/report.h"
#include "verifier/revocations.h"
#include "verifier/trust_base.h"

#define DEFAULT_TIMEOUT_MS 120000

NOTAR_AUTO_FOREIGN(report, struct notar_report, notar_report_free)

/* The digest the question is about: given, or what the tag means right now (decision 19); then
 * *image is the manifest. */
static enum notar_code
resolve(struct source *source, const struct reference *ref, struct content *image,
	struct notar_digest *out, struct notar_error *err)
{
	if (ref->digest.alg != NOTAR_DIGEST_NONE) {
		*out = ref->digest;
		return NOTAR_OK;
	}
	NOTAR_TRY(source_manifest(source, ref->tag, NULL, image, err));
	*out = image->digest;
	return NOTAR_OK;
}

/* Nothing attached: is there an image at all? Costs its request only on the way to a refusal. */
static void
check_existence(struct source *source, const struct notar_digest *digest,
		struct notar_report *report)
{
	NOTAR_AUTO_OF(content) content = { 0 };
	struct notar_error err = { 0 };

	if (report->reason != NOTAR_REASON_UNSIGNED || report->signature_count > 0)
		return;
	if (source_manifest(source, NULL, digest, &content, &err) != NOTAR_OK)
		report_fail(report, notar_reason_of_code(err.code), err.msg);
}

/* The question and what is needed to go on asking while signatures come in. */
struct inquiry {
	struct question *question;
	struct revocations revocations;
	struct plugins *plugins;
};

static void
inquiry_release(struct inquiry *inquiry)
{
	revocations_release(&inquiry->revocations);
	plugins_free(inquiry->plugins);
}

static bool
is_enough(void *context, const struct evidence *evidence)
{
	struct inquiry *inquiry = context;
	struct trust_answer answer;

	plugins_judge(inquiry->plugins, &inquiry->revocations, inquiry->question, evidence,
		      &answer);
	return answer.verdict == NOTAR_ALLOW;
}

static enum notar_code
ask(struct source *source, const struct reference *ref, struct inquiry *inquiry,
    const struct keyring *keyring, bool everything, struct notar_report *report,
    struct notar_error *err)
{
	NOTAR_AUTO_OF(evidence) evidence = { 0 };
	NOTAR_AUTO_OF(content) image = { 0 };
	struct question *q = inquiry->question;
	struct discover_options options = { .keyring = *keyring,
					    .attestations = q->trust.with_attestations,
					    .enough = everything ? NULL : is_enough,
					    .context = inquiry };
	struct trust_answer answer;
	struct notar_error failure = { 0 };
	struct notar_digest digest;

	if (resolve(source, ref, &image, &digest, &failure) != NOTAR_OK) {
		report_fail(report, notar_reason_of_code(failure.code), failure.msg);
		return NOTAR_OK;
	}
	options.subject = image.bytes.len > 0 ? &image : NULL;
	discover(source, &digest, &options, &evidence);
	plugins_judge(inquiry->plugins, &inquiry->revocations, q, &evidence, &answer);
	NOTAR_TRY(report_fill(report, &evidence, q->signatures, &answer, err));
	if (ref->digest.alg != NOTAR_DIGEST_NONE)
		check_existence(source, &digest, report);
	return NOTAR_OK;
}

static struct source_options
source_options_of(const struct notar_access *access)
{
	int64_t timeout = access->timeout_ms > 0 ? access->timeout_ms : DEFAULT_TIMEOUT_MS;

	return (struct source_options){ .deadline_ms = clock_deadline_ms(timeout),
					.plain_http = access->plain_http,
					.ca_file = access->ca_file,
					.username = access->username,
					.password = access->password };
}

static enum notar_code
run(const struct reference *ref, const struct notar_verify_options *options,
    const struct trust_base *base, struct notar_report *report, struct notar_error *err)
{
	NOTAR_AUTO(question) *q = question_new();
	NOTAR_AUTO_OF(inquiry) inquiry = { .question = q, .plugins = plugins_new() };
	char repository[REFERENCE_NAME_BYTES];
	const struct source_options access = source_options_of(&options->access);
	NOTAR_AUTO(source) *source = NULL;

	if (q == NULL || inquiry.plugins == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a question");
	inquiry.revocations.options =
		(struct revocations_options){ options->offline, options->private_responders,
					      options->access.ca_file, access.deadline_ms, NULL };
	question_begin(q, base->policy, reference_repository(ref, repository), base->book,
		       revocations_book(&inquiry.revocations), clock_now_s());
	q->trust.plugins = plugins_book(inquiry.plugins);
	q->trust.annotation_count = options->annotation_count;
	for (size_t i = 0; i < options->annotation_count; i++)
		q->annotations[i] =
			(struct annotation_want){ span_str(options->annotations[i].name),
						  span_str(options->annotations[i].value) };
	struct notar_error failure = { 0 };

	if (source_open(ref, &access, &source, &failure) != NOTAR_OK) {
		report_fail(report, notar_reason_of_code(failure.code), failure.msg);
		return NOTAR_OK;
	}
	enum notar_code code =
		ask(source, ref, &inquiry, &base->ring, options->everything, report, err);

	report->requests = source_requests(source);
	return code;
}

enum notar_code
notar_verify(const char *image, const struct notar_verify_options *options,
	     struct notar_report **out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(report, struct notar_report) *report = calloc(1, sizeof(*report));
	NOTAR_AUTO_OF(trust_base) base = { 0 };
	struct reference ref;

	if (report == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a report");
	NOTAR_TRY(reference_parse(span_str(image), REFERENCE_STRICT, &ref, err));
	if (ref.tag[0] == '\0' && ref.digest.alg == NOTAR_DIGEST_NONE)
		return notar_fail(err, NOTAR_E_USAGE, "%s: neither a tag nor a digest", image);
	NOTAR_TRY(trust_base_load(options, &base, err));
	NOTAR_TRY(run(&ref, options, &base, report, err));
	*out = NOTAR_TAKE(report);
	return NOTAR_OK;
}
