/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "envelope/judge_notary.h"
#include "notar/verify.h"
#include "verifier/plugins.h"
#include "verifier/report.h"
#include "verifier/revocations.h"
#include "verifier/trust_base.h"

/* Files and their one signature, judged and weighed as an image's are: Sigstore bundles, Notary
 * Project envelopes (specs/notary-project.md section 18). */

#define DEFAULT_TIMEOUT_MS 120000

NOTAR_AUTO_FOREIGN(report, struct notar_report, notar_report_free)

/* A rule for everything is no rule for a name that was asked for and is not there. */
static bool
has_rule(const struct policy *policy, const char *scope)
{
	const struct policy_rule *rule = policy == NULL ? NULL : policy_rule_for(policy, scope);

	return rule != NULL && (scope[0] == '\0' || strcmp(rule->scope, scope) == 0);
}

/* COSE, or JSON with the members of a JWS. All else is judged as a bundle, and refused if it is
 * none. */
static bool
is_notary(struct span signature, enum fact_format *format)
{
	const struct json_limits limits = { LIMIT_NOTARY_ENVELOPE_BYTES,
					    LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top, found;
	struct notar_error err;

	*format = FACT_COSE;
	if (signature.len == 0 || signature.ptr[0] == 0xd2)
		return true;
	*format = FACT_JWS;
	return json_parse(signature, limits, "signature", &root, &top, &err) == NOTAR_OK &&
	       json_optional(&top, "protected", &found, &err) == NOTAR_OK && found.value != NULL;
}

static enum notar_code
read_subject(const struct notar_blob *blob, struct notar_digest *digest,
	     struct blob_subject *subject, struct notar_error *err)
{
	*subject = (struct blob_subject){ digest, { 0 } };
	if (blob->bytes == NULL)
		return notar_digest_parse(blob->digest, strlen(blob->digest), digest, err);
	subject->blob = span_of(blob->bytes, blob->size);
	*digest = digest_of(NOTAR_SHA256, subject->blob);
	return NOTAR_OK;
}

static void
judge_by_format(const struct notar_blob *blob, const struct blob_subject *subject,
		const struct keyring *ring, struct evidence_item *item)
{
	const struct span envelope = span_of(blob->signature, blob->signature_size);
	const struct notary_subject notary = { .digest = subject->digest,
					       .media_type = span_str(blob->media_type),
					       .size = (int64_t)blob->size,
					       .is_blob = true,
					       .blob = subject->blob };
	enum fact_format format;

	if (!is_notary(envelope, &format)) {
		judge_blob_bundle(envelope, subject, ring, item);
	} else if (blob->bytes == NULL) {
		item->reason = NOTAR_REASON_UNSUPPORTED;
		(void)snprintf(item->message, sizeof(item->message),
			       "a Notary Project signature is verified over the file itself");
	} else {
		judge_notary(envelope, format, &notary, ring, item);
	}
}

static enum notar_code
judge(const struct notar_blob *blob, const struct keyring *ring, struct evidence *evidence,
      struct notar_error *err)
{
	struct evidence_item *item = evidence_add(evidence);
	struct blob_subject subject;
	struct notar_digest digest;

	if (item == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for evidence");
	NOTAR_TRY(read_subject(blob, &digest, &subject, err));
	evidence->subject = digest;
	for (size_t i = 0; i < PLACE_COUNT; i++)
		evidence->places[i].state = PLACE_COMPLETE;
	item->artifact = digest_of(NOTAR_SHA256, span_of(blob->signature, blob->signature_size));
	judge_by_format(blob, &subject, ring, item);
	return NOTAR_OK;
}

static enum notar_code
weigh(const struct notar_blob *blob, const struct notar_verify_options *options,
      const struct trust_base *base, struct notar_report *report, struct notar_error *err)
{
	NOTAR_AUTO(question) *q = question_new();
	NOTAR_AUTO_OF(revocations) revocations = { 0 };
	NOTAR_AUTO(plugins) *plugins = plugins_new();
	NOTAR_AUTO_OF(evidence) evidence = { 0 };
	const char *scope = blob->scope == NULL ? "" : blob->scope;
	int64_t timeout =
		options->access.timeout_ms > 0 ? options->access.timeout_ms : DEFAULT_TIMEOUT_MS;
	struct trust_answer answer;

	if (q == NULL || plugins == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a question");
	if (!has_rule(base->policy, scope)) {
		report_fail(report, NOTAR_REASON_NO_RULE, "no rule of the policy is for this file");
		return NOTAR_OK;
	}
	revocations.options =
		(struct revocations_options){ options->offline, options->private_responders,
					      options->access.ca_file, clock_deadline_ms(timeout),
					      NULL };
	question_begin(q, base->policy, scope, base->book, revocations_book(&revocations),
		       clock_now_s());
	q->trust.plugins = plugins_book(plugins);
	NOTAR_TRY(judge(blob, &base->ring, &evidence, err));
	plugins_judge(plugins, &revocations, q, &evidence, &answer);
	return report_fill(report, &evidence, q->signatures, &answer, err);
}

enum notar_code
notar_verify_blob(const struct notar_blob *blob, const struct notar_verify_options *options,
		  struct notar_report **out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(report, struct notar_report) *report = calloc(1, sizeof(*report));
	NOTAR_AUTO_OF(trust_base) base = { 0 };

	if (report == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a report");
	NOTAR_TRY(trust_base_load(options, &base, err));
	NOTAR_TRY(weigh(blob, options, &base, report, err));
	*out = NOTAR_TAKE(report);
	return NOTAR_OK;
}
