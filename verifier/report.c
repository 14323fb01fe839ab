/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/report.h"

#include <stdio.h>

#include "base/codec.h"
#include "base/own.h"

static const char *
place_name(enum evidence_place place)
{
	switch (place) {
	case PLACE_REFERRERS:
		return "referrers";
	case PLACE_FALLBACK:
		return "fallback tag";
	case PLACE_SIG:
		return ".sig tag";
	case PLACE_ATT:
		return ".att tag";
	case PLACE_COUNT:
		break;
	}
	return "?";
}

static const char *
format_name(enum fact_format format)
{
	switch (format) {
	case FACT_BUNDLE:
		return "bundle";
	case FACT_SIMPLE:
		return "simple";
	case FACT_DSSE:
		return "dsse";
	case FACT_JWS:
		return "jws";
	case FACT_COSE:
		return "cose";
	}
	return "unknown";
}

static void
copy_text(char *out, size_t room, struct span text)
{
	(void)snprintf(out, room, "%.*s", (int)(text.len < room ? text.len : room - 1),
		       text.ptr == NULL ? "" : (const char *)text.ptr);
}

static void
fill_signature(struct notar_signature *out, const struct evidence_item *item,
	       const struct trust_signature *judged)
{
	out->place = place_name(item->place);
	out->format = format_name(item->format);
	out->artifact = item->artifact;
	out->reason = judged->outcome;
	copy_text(out->message, sizeof(out->message), span_str(item->message));
	if (item->has_key_hint)
		(void)hex_encode(span_of(item->key_hint, FACT_ID_BYTES), out->key_id);
	if (judged->reason != NOTAR_REASON_TRUSTED)
		return;
	out->key_verified = true;
	out->payload = judged->decoded.payload;
	(void)hex_encode(span_of(judged->decoded.key_id, FACT_ID_BYTES), out->key_id);
	copy_text(out->predicate_type, sizeof(out->predicate_type), judged->decoded.predicate_type);
	copy_text(out->subject, sizeof(out->subject), judged->decoded.san);
	copy_text(out->issuer, sizeof(out->issuer), judged->decoded.issuer);
	if (judged->logged != NOTAR_REASON_NONE)
		(void)snprintf(out->message, sizeof(out->message), "the policy only logs: %s",
			       notar_reason_name(judged->logged));
	if (judged->outcome != NOTAR_REASON_TRUSTED && judged->message[0] != '\0')
		copy_text(out->message, sizeof(out->message), span_str(judged->message));
	if (out->message[0] == '\0')
		copy_text(out->message, sizeof(out->message),
			  span_str(notar_reason_meaning(judged->outcome)));
}

static const char *
failed_place_message(const struct evidence *evidence, enum notar_reason reason)
{
	for (size_t i = 0; i < PLACE_COUNT; i++)
		if (evidence->places[i].state == PLACE_FAILED &&
		    evidence->places[i].reason == reason)
			return evidence->places[i].message;
	return notar_reason_meaning(reason);
}

static enum notar_action
action_of(enum policy_action action)
{
	switch (action) {
	case POLICY_ENFORCE:
		break;
	case POLICY_WARN:
		return NOTAR_ACTION_WARN;
	case POLICY_AUDIT:
		return NOTAR_ACTION_AUDIT;
	}
	return NOTAR_ACTION_ENFORCE;
}

const char *
notar_action_name(enum notar_action action)
{
	switch (action) {
	case NOTAR_ACTION_ENFORCE:
		break;
	case NOTAR_ACTION_WARN:
		return "warn";
	case NOTAR_ACTION_AUDIT:
		return "audit";
	}
	return "enforce";
}

void
notar_report_free(struct notar_report *report)
{
	if (report == NULL)
		return;
	free(report->signatures);
	free(report);
}

enum notar_code
report_fill(struct notar_report *report, const struct evidence *evidence,
	    const struct trust_signature *signatures, const struct trust_answer *answer,
	    struct notar_error *err)
{
	report->signatures = calloc(evidence->count + 1, sizeof(*report->signatures));
	if (report->signatures == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a report");
	report->signature_count = evidence->count;
	for (size_t i = 0; i < evidence->count; i++)
		fill_signature(&report->signatures[i], &evidence->items[i], &signatures[i]);
	report->verdict = answer->verdict;
	report->reason = answer->reason;
	report->digest = evidence->subject;
	report->threshold = (unsigned)answer->threshold;
	report->signers = (unsigned)answer->signers;
	if (answer->rule != NULL) {
		report->action = action_of(answer->rule->action);
		copy_text(report->rule, sizeof(report->rule), span_str(answer->rule->name));
	}
	copy_text(report->message, sizeof(report->message),
		  span_str(failed_place_message(evidence, answer->reason)));
	return NOTAR_OK;
}

void
report_fail(struct notar_report *report, enum notar_reason reason, const char *message)
{
	report->reason = reason;
	report->verdict = notar_reason_verdict(reason);
	copy_text(report->message, sizeof(report->message), span_str(message));
}

void
report_copy(struct notar_report *to, const struct notar_report *from)
{
	*to = *from;
	to->signatures = NULL;
	to->signature_count = 0;
	if (from->signature_count == 0)
		return;
	to->signatures = calloc(from->signature_count, sizeof(*to->signatures));
	if (to->signatures == NULL)
		return;
	memcpy(to->signatures, from->signatures, from->signature_count * sizeof(*to->signatures));
	to->signature_count = from->signature_count;
}
