/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/review.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define KIND(group, kind)                                                                          \
	"\"kind\":{\"group\":\"" group "\",\"version\":\"v1\",\"kind\":\"" kind "\"}"
#define REVIEW(kind, operation, more)                                                              \
	"{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{"       \
	"\"uid\":\"u-1\"," kind ",\"operation\":\"" operation "\",\"namespace\":\"shop\"," more    \
	"}}"
#define SPEC "{\"containers\":[{\"name\":\"c\",\"image\":\"r/c\"}]}"
#define OBJECT(spec) "\"object\":{\"metadata\":{\"name\":\"web\"}," spec "}"

static void
every_kind_that_carries_a_pod_is_read(void **state)
{
	(void)state;
	static const char *const reviews[] = {
		REVIEW(KIND("", "Pod"), "CREATE", OBJECT("\"spec\":" SPEC)),
		REVIEW(KIND("", "Pod"), "UPDATE", OBJECT("\"spec\":" SPEC) ",\"oldObject\":null"),
		REVIEW(KIND("", "PodTemplate"), "CREATE",
		       OBJECT("\"template\":{\"spec\":" SPEC "}")),
		REVIEW(KIND("", "ReplicationController"), "CREATE",
		       OBJECT("\"spec\":{\"template\":{\"spec\":" SPEC "}}")),
		REVIEW(KIND("apps", "Deployment"), "CREATE",
		       OBJECT("\"spec\":{\"template\":{\"spec\":" SPEC "}}")),
		REVIEW(KIND("apps", "ReplicaSet"), "CREATE",
		       OBJECT("\"spec\":{\"template\":{\"spec\":" SPEC "}}")),
		REVIEW(KIND("apps", "StatefulSet"), "CREATE",
		       OBJECT("\"spec\":{\"template\":{\"spec\":" SPEC "}}")),
		REVIEW(KIND("apps", "DaemonSet"), "CREATE",
		       OBJECT("\"spec\":{\"template\":{\"spec\":" SPEC "}}")),
		REVIEW(KIND("batch", "Job"), "CREATE",
		       OBJECT("\"spec\":{\"template\":{\"spec\":" SPEC "}}")),
		REVIEW(KIND("batch", "CronJob"), "CREATE",
		       OBJECT("\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":{\"spec\":" SPEC
			      "}}}}")),
	};

	for (size_t i = 0; i < NOTAR_COUNT(reviews); i++) {
		NOTAR_AUTO_OF(review) review = { 0 };
		struct notar_error err = { 0 };

		if (review_parse(span_str(reviews[i]), &review, &err) != NOTAR_OK)
			fail_msg("%s: %s", err.msg, reviews[i]);
		assert_true(span_is(review.uid, "u-1"));
		assert_true(review.is_carrier);
		assert_int_equal(review.count, 1);
		assert_true(span_is(review.images[0].reference, "r/c"));
		assert_false(review.images[0].unchanged);
	}
}

static void
no_list_of_a_pod_is_overlooked(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(review) review = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(
		review_parse(
			span_str(REVIEW(
				KIND("", "Pod"), "CREATE",
				OBJECT("\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"r/"
				       "a\"}],"
				       "\"initContainers\":[{\"name\":\"b\",\"image\":\"r/b\"}],"
				       "\"ephemeralContainers\":[{\"name\":\"c\",\"image\":\"r/"
				       "c\"}],"
				       "\"volumes\":[{\"name\":\"d\",\"image\":{\"reference\":\"r/"
				       "d\"}},{\"name\":\"e\",\"emptyDir\":{}}]}"))),
			&review, &err),
		NOTAR_OK);
	assert_int_equal(review.count, 4);
	assert_true(span_is(review.images[3].reference, "r/d"));
	assert_string_equal(review.images[3].list, "volumes");
}

static void
a_template_may_wait_for_its_image_and_a_pod_may_not(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(review) template = { 0 };
	NOTAR_AUTO_OF(review) pod = { 0 };
	NOTAR_AUTO_OF(review) none = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(
		review_parse(span_str(REVIEW(KIND("apps", "Deployment"), "CREATE",
					     OBJECT("\"spec\":{\"template\":{\"spec\":{"
						    "\"containers\":[{\"name\":\"c\"}]}}}"))),
			     &template, &err),
		NOTAR_OK);
	assert_int_equal(template.count, 0);
	assert_int_equal(
		review_parse(
			span_str(REVIEW(KIND("", "Pod"), "CREATE",
					OBJECT("\"spec\":{\"containers\":[{\"name\":\"c\"}]}"))),
			&pod, &err),
		NOTAR_OK);
	assert_int_equal(pod.count, 1);
	assert_int_equal(pod.images[0].reference.len, 0);
	assert_int_equal(review_parse(span_str(REVIEW(KIND("", "ReplicationController"), "CREATE",
						      OBJECT("\"spec\":{\"template\":null}"))),
				      &none, &err),
			 NOTAR_OK);
	assert_int_equal(none.count, 0);
}

/* Compared by list and name, never by index. */
static void
what_an_update_leaves_as_it_is_is_marked(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(review) review = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(
		review_parse(span_str(REVIEW(
				     KIND("", "Pod"), "UPDATE",
				     OBJECT("\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":"
					    "\"r/1\"},"
					    "{\"name\":\"b\",\"image\":\"r/2\"},"
					    "{\"name\":\"c\",\"image\":\"r/3\"}],"
					    "\"initContainers\":[{\"name\":\"a\",\"image\":\"r/"
					    "1\"}]}") ",\"oldObject\":{\"spec\":{\"containers\":["
						      "{\"name\":\"b\",\"image\":\"r/"
						      "2\"},{\"name\":\"a\",\"image\":\"r/"
						      "1\"},{\"name\":\"c\",\"image\":\"r/"
						      "old\"}]}}")),
			     &review, &err),
		NOTAR_OK);
	assert_true(review.images[0].unchanged);
	assert_true(review.images[1].unchanged);
	assert_false(review.images[2].unchanged);
	assert_false(review.images[3].unchanged);
}

static void
a_create_has_no_past_whatever_it_claims(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(review) review = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(
		review_parse(
			span_str(REVIEW(KIND("", "Pod"), "CREATE",
					OBJECT("\"spec\":" SPEC) ",\"oldObject\":{\"spec\":" SPEC
								 "}")),
			&review, &err),
		NOTAR_OK);
	assert_false(review.images[0].unchanged);
}

static void
deletions_and_other_kinds_hold_nothing_to_judge(void **state)
{
	(void)state;
	static const char *const reviews[] = {
		REVIEW(KIND("", "Pod"), "DELETE",
		       "\"object\":null,\"oldObject\":{\"spec\":" SPEC "}"),
		REVIEW(KIND("", "PodExecOptions"), "CONNECT", "\"object\":{}"),
		REVIEW(KIND("autoscaling", "Scale"), "UPDATE", "\"object\":{\"spec\":{}}"),
		REVIEW(KIND("example.com", "Pod"), "CREATE", OBJECT("\"spec\":" SPEC)),
	};

	for (size_t i = 0; i < NOTAR_COUNT(reviews); i++) {
		NOTAR_AUTO_OF(review) review = { 0 };
		struct notar_error err = { 0 };

		assert_int_equal(review_parse(span_str(reviews[i]), &review, &err), NOTAR_OK);
		assert_int_equal(review.count, 0);
	}
}

static void
what_is_no_review_is_refused_and_named(void **state)
{
	(void)state;
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "", "review" },
		{ "[]", "review" },
		{ "{}", "apiVersion" },
		{ "{\"apiVersion\":\"admission.k8s.io/v1beta1\",\"kind\":\"AdmissionReview\"}",
		  "apiVersion" },
		{ "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"Review\"}", "apiVersion" },
		{ "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\"}",
		  "request" },
		{ REVIEW(KIND("", "Pod"), "PATCH", OBJECT("\"spec\":" SPEC)), "operation" },
		{ REVIEW(KIND("", "Pod"), "CREATE", "\"object\":null"), "object" },
		{ REVIEW(KIND("", "Pod"), "CREATE", "\"object\":{}"), "spec" },
		{ REVIEW(KIND("", "Pod"), "CREATE", "\"object\":{\"spec\":7}"), "spec" },
		{ REVIEW(KIND("", "Pod"), "CREATE", "\"object\":{\"spec\":{\"containers\":{}}}"),
		  "containers" },
		{ REVIEW(KIND("", "Pod"), "CREATE", "\"object\":{\"spec\":{\"containers\":[7]}}"),
		  "containers" },
		{ REVIEW(KIND("", "Pod"), "CREATE",
			 "\"object\":{\"spec\":{\"containers\":[{\"image\":7}]}}"),
		  "image" },
		{ REVIEW(KIND("", "Pod"), "CREATE",
			 "\"object\":{\"spec\":{\"volumes\":[{\"image\":{\"reference\":7}}]}}"),
		  "reference" },
		/* Two readers that disagree on which image counts: a bypass. */
		{ REVIEW(KIND("", "Pod"), "CREATE",
			 "\"object\":{\"spec\":{\"containers\":[{\"image\":\"r/good\","
			 "\"image\":\"r/evil\"}]}}"),
		  "image" },
		{ REVIEW(KIND("", "Pod"), "CREATE",
			 "\"object\":{\"spec\":" SPEC ",\"spec\":{\"containers\":[]}}"),
		  "spec" },
		{ "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
		  "\"request\":{\"uid\":\"\"}}",
		  "uid" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(review) review = { 0 };
		struct notar_error err = { 0 };

		if (review_parse(span_str(cases[i].text), &review, &err) == NOTAR_OK)
			fail_msg("taken: %s", cases[i].text);
		if (strstr(err.msg, cases[i].names) == NULL)
			fail_msg("\"%s\" does not name %s", err.msg, cases[i].names);
		assert_null(review.texts.ptr);
	}
}

static struct buf
pod_of(size_t images)
{
	struct buf text = { 0 };

	buf_append_str(&text,
		       "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
		       "\"request\":{\"uid\":\"u\"," KIND(
			       "", "Pod") ",\"operation\":"
					  "\"CREATE\",\"object\":{\"spec\":{\"containers\":[");
	for (size_t i = 0; i < images; i++)
		buf_printf(&text, "%s{\"name\":\"c%zu\",\"image\":\"r/%zu\"}", i > 0 ? "," : "", i,
			   i);
	buf_append_str(&text, "]}}}}");
	return text;
}

static void
images_and_depth_are_bounded(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) fits = pod_of(LIMIT_REVIEW_IMAGES);
	NOTAR_AUTO_OF(buf) over = pod_of(LIMIT_REVIEW_IMAGES + 1);
	NOTAR_AUTO_OF(buf) deep = { 0 };
	NOTAR_AUTO_OF(review) review = { 0 };
	NOTAR_AUTO_OF(review) none = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(review_parse(buf_span(&fits), &review, &err), NOTAR_OK);
	assert_int_equal(review_parse(buf_span(&over), &none, &err), NOTAR_E_LIMIT);
	for (int i = 0; i < 5000; i++)
		buf_append_byte(&deep, '[');
	assert_int_equal(review_parse(buf_span(&deep), &none, &err), NOTAR_E_LIMIT);
}

static void
every_truncation_is_refused(void **state)
{
	(void)state;
	static const char good[] =
		REVIEW(KIND("", "Pod"), "UPDATE", OBJECT("\"spec\":" SPEC) ",\"oldObject\":null");

	for (size_t len = 0; len < sizeof(good) - 1; len++) {
		NOTAR_AUTO_OF(review) review = { 0 };

		assert_int_not_equal(review_parse(span_of(good, len), &review, NULL), NOTAR_OK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_that_carries_a_pod_is_read),
		cmocka_unit_test(no_list_of_a_pod_is_overlooked),
		cmocka_unit_test(a_template_may_wait_for_its_image_and_a_pod_may_not),
		cmocka_unit_test(what_an_update_leaves_as_it_is_is_marked),
		cmocka_unit_test(a_create_has_no_past_whatever_it_claims),
		cmocka_unit_test(deletions_and_other_kinds_hold_nothing_to_judge),
		cmocka_unit_test(what_is_no_review_is_refused_and_named),
		cmocka_unit_test(images_and_depth_are_bounded),
		cmocka_unit_test(every_truncation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
