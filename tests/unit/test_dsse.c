/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/dsse.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char good[] = "{\"payload\":\"aGVsbG8=\",\"payloadType\":\"text/x\","
			   "\"signatures\":[{\"sig\":\"AQID\"}]}";

static enum notar_code
read_text(struct span text, struct dsse *out, struct notar_error *err)
{
	const struct json_limits limits = { 1U << 20, 32 };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;

	NOTAR_TRY(json_parse(text, limits, "dsse", &root, &top, err));
	return dsse_read(&top, out, err);
}

static void
an_envelope_is_read_into_its_decoded_bytes(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(dsse) dsse = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(read_text(span_str(good), &dsse, &err), NOTAR_OK);
	assert_true(span_is(buf_span(&dsse.payload), "hello"));
	assert_true(span_is(buf_span(&dsse.payload_type), "text/x"));
	assert_int_equal(dsse.signature.len, 3);
}

static void
what_breaks_the_form_is_refused_and_named(void **state)
{
	(void)state;
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "[]", "dsse" },
		{ "{}", "payloadType" },
		{ "{\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"AQID\"}]}", "payload" },
		{ "{\"payload\":\"aA==\",\"signatures\":[{\"sig\":\"AQID\"}]}", "payloadType" },
		{ "{\"payload\":\"aA==\",\"payloadType\":\"t\"}", "signatures" },
		{ "{\"payload\":\"aA==\",\"payloadType\":\"t\",\"signatures\":[]}", "signatures" },
		{ "{\"payload\":\"aA==\",\"payloadType\":\"t\",\"signatures\":{}}", "signatures" },
		{ "{\"payload\":\"aA==\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"\"}]}",
		  "sig" },
		{ "{\"payload\":\"aA==\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":7}]}",
		  "sig" },
		{ "{\"payload\":\"aA==\",\"payloadType\":\"t\",\"signatures\":[{\"keyid\":\"x\"}]}",
		  "sig" },
		{ "{\"payload\":\"a$==\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"AQID\"}]"
		  "}",
		  "payload" },
		{ "{\"payload\":\"aA==\",\"payloadType\":\"t\",\"extra\":1,"
		  "\"signatures\":[{\"sig\":\"AQID\"}]}",
		  "extra" },
		{ "{\"payload\":\"aA==\",\"payload\":\"aA==\",\"payloadType\":\"t\","
		  "\"signatures\":[{\"sig\":\"AQID\"}]}",
		  "payload" },
		{ "{\"payload\":\"aA==\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"AQID\","
		  "\"cert\":\"x\"}]}",
		  "cert" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(dsse) dsse = { 0 };
		struct notar_error err = { 0 };

		assert_int_equal(read_text(span_str(cases[i].text), &dsse, &err), NOTAR_E_FORMAT);
		assert_null(dsse.payload.ptr);
		assert_non_null(strstr(err.msg, cases[i].names));
	}
}

static void
two_signatures_are_refused_rather_than_one_chosen(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(dsse) dsse = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(
		read_text(span_str("{\"payload\":\"aA==\",\"payloadType\":\"t\","
				   "\"signatures\":[{\"sig\":\"AQID\"},{\"sig\":\"AQID\"}]}"),
			  &dsse, &err),
		NOTAR_E_FORMAT);
	assert_non_null(strstr(err.msg, "2 signatures"));
}

static void
every_truncation_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(good) - 1; len++) {
		NOTAR_AUTO_OF(dsse) dsse = { 0 };
		struct notar_error err = { 0 };

		assert_int_not_equal(read_text(span_of(good, len), &dsse, &err), NOTAR_OK);
		assert_null(dsse.payload.ptr);
	}
}

/* DSSE protocol, "PAE": lengths in decimal, separated by single spaces. */
static void
the_pre_authentication_encoding_is_the_specifications(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) pae = { 0 };

	dsse_pae(span_str("http://example.com/HelloWorld"), span_str("hello world"), &pae);
	assert_true(
		span_is(buf_span(&pae), "DSSEv1 29 http://example.com/HelloWorld 11 hello world"));
}

static void
parts_cannot_slide_between_type_and_payload(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) a = { 0 };
	NOTAR_AUTO_OF(buf) b = { 0 };

	dsse_pae(span_str("a"), span_str("b 1 c"), &a);
	dsse_pae(span_str("a 5 b"), span_str("c"), &b);
	assert_false(span_equal(buf_span(&a), buf_span(&b)));
}

static void
what_is_written_reads_back(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = { 0 };
	NOTAR_AUTO_OF(dsse) dsse = { 0 };
	struct notar_error err = { 0 };

	dsse_write(span_str("text/x"), span_str("payload \x01 bytes"), span_str("signature"),
		   &text);
	assert_int_equal(read_text(buf_span(&text), &dsse, &err), NOTAR_OK);
	assert_true(span_is(buf_span(&dsse.payload), "payload \x01 bytes"));
	assert_true(span_is(buf_span(&dsse.signature), "signature"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_envelope_is_read_into_its_decoded_bytes),
		cmocka_unit_test(what_breaks_the_form_is_refused_and_named),
		cmocka_unit_test(two_signatures_are_refused_rather_than_one_chosen),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(the_pre_authentication_encoding_is_the_specifications),
		cmocka_unit_test(parts_cannot_slide_between_type_and_payload),
		cmocka_unit_test(what_is_written_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
