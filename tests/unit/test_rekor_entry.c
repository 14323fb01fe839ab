/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/rekor_entry.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/digest.h"

#define HEX "abababababababababababababababababababababababababababababababab"
#define HEX_IN_BASE64 "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="
#define BODY "eyJraW5kIjoiZHNzZSIsImFwaVZlcnNpb24iOiIwLjAuMSJ9"
#define PROOF                                                                                      \
	"\"inclusionProof\":{\"logIndex\":1,\"rootHash\":\"" HEX                                   \
	"\",\"treeSize\":2,\"hashes\":[\"" HEX "\"],\"checkpoint\":\"log\\n\"}"
#define V1(body, index, id, promise, proof)                                                        \
	"{\"uuid\":{\"body\":\"" body "\",\"integratedTime\":5,\"logID\":\"" id                    \
	"\",\"logIndex\":" index ",\"verification\":{\"signedEntryTimestamp\":\"" promise          \
	"\"," proof "}}}"
#define V2(time, promise)                                                                          \
	"{\"logIndex\":\"7\",\"logId\":{\"keyId\":\"AQID\"},\"kindVersion\":{\"kind\":"            \
	"\"hashedrekord\",\"version\":\"0.0.2\"},\"integratedTime\":" time                         \
	",\"inclusionPromise\":" promise                                                           \
	",\"inclusionProof\":{\"logIndex\":\"7\"},\"canonicalizedBody\":\"AQID\"}"

static void
an_answer_of_version_1_turns_into_a_bundle_s_entry(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) out = { 0 };

	assert_int_equal(
		rekor_entry_read_v1(span_str(V1(BODY, "1007", HEX, "AQID", PROOF)), &out, NULL),
		NOTAR_OK);
	assert_string_equal(
		buf_cstr(&out),
		"{\"logIndex\":\"1007\",\"logId\":{\"keyId\":\"" HEX_IN_BASE64
		"\"},\"kindVersion\":{\"kind\":\"dsse\",\"version\":\"0.0.1\"},\"integratedTime\":"
		"\"5\",\"inclusionPromise\":{\"signedEntryTimestamp\":\"AQID\"},\"inclusionProof\":"
		"{\"logIndex\":\"1\",\"rootHash\":\"" HEX_IN_BASE64
		"\",\"treeSize\":\"2\",\"hashes\":[\"" HEX_IN_BASE64
		"\"],\"checkpoint\":{\"envelope\":\"log\\n\"}},\"canonicalizedBody\":\"" BODY
		"\"}");
}

static void
an_answer_of_version_1_that_is_not_whole_leaves_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "[]", "log's answer" },
		{ "{}", "one entry" },
		{ "{\"a\":{},\"b\":{}}", "one entry" },
		{ "{\"a\":7}", "a" },
		{ "{\"a\":{}}", "body" },
		{ V1("e$", "7", HEX, "AQID", PROOF), "body" },
		{ V1("AQID", "7", HEX, "AQID", PROOF), "body" },
		{ V1("e30=", "7", HEX, "AQID", PROOF), "kind" },
		{ V1(BODY, "-1", HEX, "AQID", PROOF), "logIndex" },
		{ V1(BODY, "\"7\"", HEX, "AQID", PROOF), "logIndex" },
		{ V1(BODY, "7", "abab", "AQID", PROOF), "logID" },
		{ V1(BODY, "7", HEX, "A", PROOF), "signedEntryTimestamp" },
		{ V1(BODY, "7", HEX, "AQID", "\"inclusionProof\":null"), "inclusionProof" },
		{ V1(BODY, "7", HEX, "AQID", "\"inclusionProof\":{\"checkpoint\":\"\"}"),
		  "checkpoint" },
		{ V1(BODY, "7", HEX, "AQID",
		     "\"inclusionProof\":{\"checkpoint\":\"x\",\"logIndex\":1,\"treeSize\":2,"
		     "\"rootHash\":\"" HEX "\",\"hashes\":[\"00\"]}"),
		  "hashes[0]" },
	};
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(buf) out = { 0 };
		struct notar_error err = { 0 };

		assert_int_not_equal(rekor_entry_read_v1(span_str(cases[i].text), &out, &err),
				     NOTAR_OK);
		if (strstr(err.msg, cases[i].names) == NULL)
			fail_msg("case %zu: %s", i, err.msg);
		assert_int_equal(out.len, 0);
	}
}

static void
an_answer_of_version_2_is_kept_without_time_and_promise(void **state)
{
	(void)state;
	static const char *const texts[] = { V2("\"0\"", "null"), V2("0", "null"),
					     V2("null", "null") };
	for (size_t i = 0; i < NOTAR_COUNT(texts); i++) {
		NOTAR_AUTO_OF(buf) out = { 0 };

		assert_int_equal(rekor_entry_read_v2(span_str(texts[i]), &out, NULL), NOTAR_OK);
		assert_string_equal(
			buf_cstr(&out),
			"{\"logIndex\":\"7\",\"logId\":{\"keyId\":\"AQID\"},\"kindVersion\":{"
			"\"kind\":\"hashedrekord\",\"version\":\"0.0.2\"},\"inclusionProof\":{"
			"\"logIndex\":\"7\"},\"canonicalizedBody\":\"AQID\"}");
	}
}

static void
an_answer_of_version_2_with_what_it_cannot_know_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ V2("\"5\"", "null"), "integratedTime" },
		{ V2("5", "null"), "integratedTime" },
		{ V2("\"0\"", "{\"signedEntryTimestamp\":\"AQID\"}"), "inclusionPromise" },
		{ "{\"logIndex\":\"7\"}", "logId" },
		{ "{\"other\":1}", "other" },
		{ "[]", "log's answer" },
	};
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(buf) out = { 0 };
		struct notar_error err = { 0 };

		assert_int_not_equal(rekor_entry_read_v2(span_str(cases[i].text), &out, &err),
				     NOTAR_OK);
		if (strstr(err.msg, cases[i].names) == NULL)
			fail_msg("case %zu: %s", i, err.msg);
		assert_int_equal(out.len, 0);
	}
}

static void
a_blob_and_an_envelope_are_asked_for_by_their_kinds(void **state)
{
	(void)state;
	const struct notar_digest digest = digest_of(NOTAR_SHA256, span_str("hello"));
	struct rekor_claim claim = { .leaf = span_str("leaf"),
				     .signature = span_of("\1\2\3", 3),
				     .digest = &digest };
	NOTAR_AUTO_OF(buf) blob = { 0 };
	NOTAR_AUTO_OF(buf) envelope = { 0 };
	NOTAR_AUTO_OF(buf) second = { 0 };

	rekor_entry_ask_v1(&claim, &blob);
	assert_non_null(strstr(buf_cstr(&blob), "\"kind\":\"hashedrekord\""));
	assert_non_null(strstr(buf_cstr(&blob), "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e"
						"73043362938b9824"));
	rekor_entry_ask_v2(&claim, &second);
	assert_string_equal(buf_cstr(&second),
			    "{\"hashedRekordRequestV002\":{\"digest\":"
			    "\"LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\",\"signature\":{"
			    "\"content\":\"AQID\",\"verifier\":{\"keyDetails\":"
			    "\"PKIX_ECDSA_P256_SHA_256\",\"x509Certificate\":{\"rawBytes\":"
			    "\"bGVhZg==\"}}}}}");
	claim.payload = span_str("{}");
	rekor_entry_ask_v1(&claim, &envelope);
	assert_non_null(strstr(buf_cstr(&envelope), "\"kind\":\"dsse\""));
	assert_non_null(strstr(buf_cstr(&envelope), "\"envelope\":\"{\\\"payload\\\":"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_of_version_1_turns_into_a_bundle_s_entry),
		cmocka_unit_test(an_answer_of_version_1_that_is_not_whole_leaves_nothing),
		cmocka_unit_test(an_answer_of_version_2_is_kept_without_time_and_promise),
		cmocka_unit_test(an_answer_of_version_2_with_what_it_cannot_know_is_refused),
		cmocka_unit_test(a_blob_and_an_envelope_are_asked_for_by_their_kinds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
