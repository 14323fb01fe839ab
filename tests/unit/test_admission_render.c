/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/admission.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/clock.h"
#include "base/json.h"
#include "verifier/handler.h"
#include "verifier/report.h"
#include "verifier/report_json.h"

static const struct review review = { .uid = { (const uint8_t *)"uid \"\\ 1", 8 } };

/* An answer over these images, as JSON. */
static struct buf
render(struct ask_image *images, size_t count)
{
	const struct ask ask = {
		.images = images, .count = count, .policy_generation = 3, .trust_generation = 7
	};
	struct buf out = { 0 };

	admission_render_review(&review, &ask, 0, &out);
	return out;
}

static struct ask_image
image(const char *text, enum notar_reason reason, enum notar_action action)
{
	struct ask_image made = { .text = span_str(text), .parsed = true };

	report_fail(&made.report, reason, notar_reason_meaning(reason));
	made.report.action = action;
	return made;
}

static bool
has(struct buf *out, const char *text)
{
	return strstr(buf_cstr(out), text) != NULL;
}

static void
an_allowed_object_is_allowed_and_its_uid_is_echoed(void **state)
{
	(void)state;
	struct ask_image one = image("r/a", NOTAR_REASON_TRUSTED, NOTAR_ACTION_ENFORCE);
	NOTAR_AUTO_OF(buf) out = render(&one, 1);

	assert_string_equal(
		buf_cstr(&out),
		"{\"apiVersion\":\"admission.k8s.io/"
		"v1\",\"kind\":\"AdmissionReview\",\"response\":{"
		"\"uid\":\"uid \\\"\\\\ 1\",\"allowed\":true,\"auditAnnotations\":{\"verdict\":"
		"\"allow\",\"images\":\"1\",\"policy-generation\":\"3\",\"trust-generation\":\"7\"}"
		"}"
		"}");
}

static void
one_refusal_refuses_the_object_with_its_status(void **state)
{
	(void)state;
	static const struct {
		enum notar_reason reasons[2];
		const char *code, *word;
	} cases[] = {
		{ { NOTAR_REASON_TRUSTED, NOTAR_REASON_UNSIGNED }, "\"code\":403", "Forbidden" },
		{ { NOTAR_REASON_TRUSTED, NOTAR_REASON_THROTTLED },
		  "\"code\":503",
		  "ServiceUnavailable" },
		/* What is surely refused wins over what is not known. */
		{ { NOTAR_REASON_THROTTLED, NOTAR_REASON_REVOKED_KEY },
		  "\"code\":403",
		  "Forbidden" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		struct ask_image images[] = {
			image("r/a", cases[i].reasons[0], NOTAR_ACTION_ENFORCE),
			image("r/b", cases[i].reasons[1], NOTAR_ACTION_ENFORCE),
		};
		NOTAR_AUTO_OF(buf) out = render(images, 2);

		assert_true(has(&out, "\"allowed\":false"));
		assert_true(has(&out, cases[i].code));
		assert_true(has(&out, cases[i].word));
		assert_true(has(&out, notar_reason_name(cases[i].reasons[1])));
		assert_false(has(&out, "patch"));
	}
}

static void
a_name_that_is_no_image_is_a_bad_request(void **state)
{
	(void)state;
	struct ask_image one = image("Not An Image", NOTAR_REASON_MALFORMED, NOTAR_ACTION_ENFORCE);

	one.parsed = false;
	NOTAR_AUTO_OF(buf) out = render(&one, 1);

	assert_true(has(&out, "\"code\":400"));
}

static void
warn_lets_it_run_and_says_so_and_audit_is_silent(void **state)
{
	(void)state;
	struct ask_image warn = image("r/a", NOTAR_REASON_UNSIGNED, NOTAR_ACTION_WARN);
	struct ask_image audit = image("r/a", NOTAR_REASON_UNSIGNED, NOTAR_ACTION_AUDIT);
	NOTAR_AUTO_OF(buf) warned = render(&warn, 1);
	NOTAR_AUTO_OF(buf) audited = render(&audit, 1);

	assert_true(has(&warned, "\"allowed\":true"));
	assert_true(has(&warned, "\"warnings\":[\"r/a: unsigned"));
	assert_true(has(&warned, "\"verdict\":\"deny\""));
	assert_true(has(&audited, "\"allowed\":true"));
	assert_false(has(&audited, "warnings"));
	assert_true(has(&audited, "\"verdict\":\"deny\""));
}

static void
messages_are_printable_and_bounded(void **state)
{
	(void)state;
	struct ask_image images[40];
	char name[300];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memcpy(name, "r/\n\x01\xff\"<", 7);
	for (size_t i = 0; i < NOTAR_COUNT(images); i++)
		images[i] = image(name, NOTAR_REASON_UNSIGNED,
				  i == 0 ? NOTAR_ACTION_WARN : NOTAR_ACTION_ENFORCE);
	NOTAR_AUTO_OF(buf) out = render(images, NOTAR_COUNT(images));

	assert_true(out.len < 2500);
	assert_true(has(&out, "more"));
	for (size_t i = 0; i < out.len; i++)
		assert_true(out.ptr[i] >= 0x20 && out.ptr[i] < 0x7f);
}

static void
times_are_kept_back_from_the_callers_limit(void **state)
{
	(void)state;
	static const char *const wrong[] = { "timeout=",          "timeout=10",
					     "timeout=s",         "timeout=-1s",
					     "timeout=1h",        "timeout=0s",
					     "timeout=301s",      "timeout=1.5s",
					     "timeout=99999999s", "timeout=1s&timeout=2s" };
	static const struct {
		const char *query;
		int64_t ms;
	} good[] = {
		{ "", 9000 },          { "timeout=10s", 9000 },  { "timeout=2s", 1000 },
		{ "timeout=1s", 600 }, { "timeout=500ms", 300 }, { "a=b&timeout=30s", 29000 }
	};
	int64_t deadline_ms;

	for (size_t i = 0; i < NOTAR_COUNT(wrong); i++) {
		struct notar_error err = { 0 };

		if (handler_deadline(span_str(wrong[i]), 9000, &deadline_ms, &err) != NOTAR_E_USAGE)
			fail_msg("taken: %s", wrong[i]);
	}
	for (size_t i = 0; i < NOTAR_COUNT(good); i++) {
		struct notar_error err = { 0 };

		assert_int_equal(
			handler_deadline(span_str(good[i].query), 9000, &deadline_ms, &err),
			NOTAR_OK);
		int64_t left = clock_left_ms(deadline_ms);

		assert_true(left <= good[i].ms && left > good[i].ms - 200);
	}
}

static void
a_report_is_one_json_object(void **state)
{
	(void)state;
	struct notar_report report = { .digest = digest_of(NOTAR_SHA256, span_str("x")) };
	char *text;
	struct notar_error err = { 0 };

	report_fail(&report, NOTAR_REASON_DEADLINE, "too \"late\"\n");
	assert_int_equal(notar_report_json("r/a:v1", &report, &text, &err), NOTAR_OK);
	assert_non_null(strstr(text, "\"image\":\"r/a:v1\",\"digest\":\"sha256:"));
	assert_non_null(strstr(text, "\"verdict\":\"undetermined\",\"reason\":\"deadline\""));
	assert_non_null(strstr(text, "\"message\":\"too \\\"late\\\"\\n\""));
	free(text);
}

static void
metrics_have_a_line_for_every_reason_and_no_name_of_anybody(void **state)
{
	(void)state;
	static struct metrics metrics;
	NOTAR_AUTO_OF(buf) out = { 0 };

	metrics_count_reason(&metrics, NOTAR_REASON_UNSIGNED);
	metrics_count_decision(&metrics, METRICS_VALIDATE, METRICS_DENY);
	metrics_time(&metrics, METRICS_VALIDATE, false, 90);
	metrics_time(&metrics, METRICS_VALIDATE, true, 60000000);
	metrics_render(&metrics, &out);
	assert_true(has(&out, "notard_verdicts_total{verdict=\"deny\",reason=\"unsigned\"} 1\n"));
	assert_true(has(
		&out, "notard_admission_requests_total{path=\"validate\",decision=\"deny\"} 1\n"));
	assert_true(has(&out, "path=\"validate\",cache=\"hit\",le=\"0.0001\"} 1\n"));
	assert_true(has(&out, "path=\"validate\",cache=\"miss\",le=\"30\"} 0\n"));
	assert_true(has(&out, "path=\"validate\",cache=\"miss\",le=\"+Inf\"} 1\n"));
	for (int r = 0; r < NOTAR_REASON_COUNT; r++)
		assert_true(has(&out, notar_reason_name((enum notar_reason)r)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_allowed_object_is_allowed_and_its_uid_is_echoed),
		cmocka_unit_test(one_refusal_refuses_the_object_with_its_status),
		cmocka_unit_test(a_name_that_is_no_image_is_a_bad_request),
		cmocka_unit_test(warn_lets_it_run_and_says_so_and_audit_is_silent),
		cmocka_unit_test(messages_are_printable_and_bounded),
		cmocka_unit_test(times_are_kept_back_from_the_callers_limit),
		cmocka_unit_test(a_report_is_one_json_object),
		cmocka_unit_test(metrics_have_a_line_for_every_reason_and_no_name_of_anybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
