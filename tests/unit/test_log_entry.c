/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/log_entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/codec.h"
#include "tests/lib/envelope_fixture.h"
#include "tests/lib/log_fixture.h"

static void
both_spellings_and_null_are_read(void **state)
{
	(void)state;
	static const char *const swaps[][2] = {
		{ "\"logIndex\":\"155690850\"", "\"log_index\":155690850" },
		{ "logId", "log_id" },
		{ "keyId", "key_id" },
		{ "kindVersion", "kind_version" },
		{ "\"integratedTime\":\"1734374576\"", "\"integrated_time\":1734374576" },
		{ "inclusionPromise", "inclusion_promise" },
		{ "signedEntryTimestamp", "signed_entry_timestamp" },
		{ "inclusionProof", "inclusion_proof" },
		{ "\"logIndex\":\"33786588\"", "\"log_index\":33786588" },
		{ "\"rootHash\":\"ZrYR297TJTi0oux1PnfYzacxRVBAkp5eW5lpw/qFYWQ=\"",
		  "\"root_hash\":\"ZrYR297TJTi0oux1PnfYzacxRVBAkp5eW5lpw_qFYWQ\"" },
		{ "treeSize", "tree_size" },
		{ "canonicalizedBody", "canonicalized_body" },
	};
	NOTAR_AUTO_OF(log_fixture) f;

	log_fixture_init(&f, "log-dsse");
	for (size_t i = 0; i < NOTAR_COUNT(swaps); i++) {
		NOTAR_AUTO_OF(buf)
		text = fixture_replace(buf_span(&f.text), swaps[i][0], swaps[i][1]);
		struct log_seen seen = { 0 };
		struct notar_error err = { 0 };

		assert_false(span_equal(buf_span(&text), buf_span(&f.text)));
		log_entry_release(&f.entry);
		f.entry = (struct log_entry){ 0 };
		if (log_fixture_read(buf_span(&text), &f.entry, &err) != NOTAR_OK)
			fail_msg("%s: %s", swaps[i][1], err.msg);
		assert_int_equal(log_fixture_verify(&f, &seen, &err), NOTAR_OK);
	}
}

static void
what_is_absent_or_null_is_not_there(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(log_fixture) f;

	log_fixture_init(&f, "log-tiled");
	for (unsigned i = 0; i < 2; i++) {
		NOTAR_AUTO_OF(log_entry) e = { 0 };
		NOTAR_AUTO_OF(buf)
		text = fixture_replace(buf_span(&f.text), "{\"logIndex\":\"735\",\"logId\"",
				       i == 0 ? "{\"logId\"" :
						"{\"logIndex\":null,\"inclusionPromise\":null,"
						"\"integratedTime\":null,\"logId\"");

		assert_int_equal(log_fixture_read(buf_span(&text), &e, NULL), NOTAR_OK);
		assert_int_equal(e.index, 0);
		assert_int_equal(e.integrated_s, 0);
		assert_false(e.has_promise);
		assert_true(e.has_proof);
	}
}

/* One change to the entry of log-dsse that makes it none. CVE-2023-30551 and its kin: every member
 * may be missing, or be something else. */
static const struct {
	const char *from, *to, *words;
} bad[] = {
	{ "{\"logIndex\":\"155690850\"", "{\"logIndex\":\"-1\"", "logIndex" },
	{ "{\"logIndex\":\"155690850\"", "{\"logIndex\":-1", "logIndex" },
	{ "{\"logIndex\":\"155690850\"", "{\"logIndex\":\"+1\"", "logIndex" },
	{ "{\"logIndex\":\"155690850\"", "{\"logIndex\":\"01\"", "logIndex" },
	{ "{\"logIndex\":\"155690850\"", "{\"logIndex\":\"\"", "logIndex" },
	{ "{\"logIndex\":\"155690850\"", "{\"logIndex\":\" 1\"", "logIndex" },
	{ "{\"logIndex\":\"155690850\"", "{\"logIndex\":\"1e3\"", "logIndex" },
	{ "{\"logIndex\":\"155690850\"", "{\"logIndex\":1.0", "logIndex" },
	{ "{\"logIndex\":\"155690850\"", "{\"logIndex\":true", "logIndex" },
	{ "{\"logIndex\":\"155690850\"", "{\"logIndex\":\"9223372036854775808\"", "logIndex" },
	{ "{\"logIndex\":\"155690850\"", "{\"log_index\":1,\"logIndex\":1", "two spellings" },
	{ "{\"logIndex\":\"155690850\"", "{\"other\":1", "unknown member" },
	{ "\"integratedTime\":\"1734374576\"", "\"integratedTime\":\"-1\"", "integratedTime" },
	{ "\"logId\":{", "\"logId\":{\"x\":1,", "unknown member" },
	{ "\"logId\":{\"keyId\"", "\"logId\":null,\"log_id\":{\"keyId\"", "two spellings" },
	{ "{\"keyId\":\"wNI9", "{\"keyId\":\" wNI9", "keyId" },
	{ "{\"keyId\":\"wNI9", "{\"keyId\":\"", "keyId" },
	{ "{\"keyId\":\"wNI9atQGlz+VWfO6LRygH4QUfY/8W4RFwiT5i5WRgB0=\"}", "{}", "keyId" },
	{ "{\"keyId\":\"wNI9atQGlz+VWfO6LRygH4QUfY/8W4RFwiT5i5WRgB0=\"}", "null", "logId" },
	{ "{\"keyId\":\"wNI9atQGlz+VWfO6LRygH4QUfY/8W4RFwiT5i5WRgB0=\"}", "[]", "logId" },
	{ "{\"kind\":\"dsse\",\"version\":\"0.0.1\"}", "null", "kindVersion" },
	{ "{\"kind\":\"dsse\",\"version\":\"0.0.1\"}", "{\"kind\":\"dsse\"}", "version" },
	{ "{\"kind\":\"dsse\",\"version\":\"0.0.1\"}", "{\"version\":\"0.0.1\"}", "kind" },
	{ "\"kind\":\"dsse\"", "\"kind\":\"intoto\"", "another kind" },
	{ "\"version\":\"0.0.1\"", "\"version\":\"0.0.2\"", "another kind" },
	{ "{\"signedEntryTimestamp\":\"", "{\"signedEntryTimestamp\":\"\\n",
	  "signedEntryTimestamp" },
	{ "{\"signedEntryTimestamp\":\"", "{\"signedEntryTimestamp\":\"\",\"x\":\"", "unknown" },
	{ "\"inclusionPromise\":{", "\"inclusionPromise\":{},\"x\":{", "unknown" },
	{ "\"rootHash\":\"ZrYR", "\"rootHash\":\"", "rootHash" },
	{ "\"treeSize\":\"33786589\"", "\"treeSize\":\"-5\"", "treeSize" },
	{ "\"logIndex\":\"33786588\"", "\"logIndex\":\"-5\"", "logIndex" },
	{ "\"hashes\":[\"", "\"hashes\":[null,\"", "hashes" },
	{ "\"hashes\":[\"", "\"hashes\":[\"\",\"", "hashes" },
	{ "\"hashes\":[\"", "\"hashes\":[\"AAAA\",\"", "hashes" },
	{ "\"checkpoint\":{\"envelope\":", "\"checkpoint\":{\"envelope\":\"\"},\"x\":{\"y\":",
	  "unknown" },
	{ "\"checkpoint\":{\"envelope\":", "\"checkpoint\":{\"x\":", "unknown" },
	{ "\"canonicalizedBody\":\"", "\"canonicalizedBody\":\"*", "canonicalizedBody" },
	{ "\"canonicalizedBody\":\"eyJh", "\"canonicalizedBody\":\"", "log entry" },
	{ "\"canonicalizedBody\":", "\"canonicalizedBody\":null,\"x\":", "unknown" },
};

static void
every_member_that_is_not_as_it_should_be_is_refused_CVE_2023_30551(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(log_fixture) f;

	log_fixture_init(&f, "log-dsse");
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(buf)
		text = fixture_replace(buf_span(&f.text), bad[i].from, bad[i].to);
		struct log_entry e = { .index = 5 };
		struct notar_error err = { 0 };

		assert_false(span_equal(buf_span(&text), buf_span(&f.text)));
		if (log_fixture_read(buf_span(&text), &e, &err) != NOTAR_E_FORMAT)
			fail_msg("%s: %s", bad[i].to, err.msg);
		if (strstr(err.msg, bad[i].words) == NULL)
			fail_msg("%s: %s", bad[i].to, err.msg);
		assert_int_equal(e.index, 5);
		assert_null(e.body.ptr);
	}
}

/* The entry's body with one change: refused for what it says, before any log is asked. */
static void
refuses_body(const char *folder, const char *from, const char *to, enum notar_code code)
{
	NOTAR_AUTO_OF(log_fixture) f;
	struct notar_error err = { 0 };

	log_fixture_init(&f, folder);
	struct buf changed = fixture_replace(buf_span(&f.entry.body), from, to);

	assert_false(span_equal(buf_span(&changed), buf_span(&f.entry.body)));
	assert_int_equal(log_entry_bind(&f.entry, &f.claim, &err), NOTAR_OK);
	buf_release(&f.entry.body);
	f.entry.body = changed;
	if (log_entry_bind(&f.entry, &f.claim, &err) != code)
		fail_msg("%s, %s: %s: %s", folder, to, notar_code_name(err.code), err.msg);
}

static void
each_member_of_a_body_is_held_against_the_signature(void **state)
{
	(void)state;
	static const char record[] = "log-hashedrekord-key";

	refuses_body(record, "a0cfc712", "b0cfc712", NOTAR_E_DIGEST);
	refuses_body(record, "a0cfc712", "cfc712", NOTAR_E_DIGEST);
	refuses_body(record, "\"sha256\"", "\"sha512\"", NOTAR_E_DIGEST);
	refuses_body(record, "\"sha256\"", "\"sha1\"", NOTAR_E_UNSUPPORTED);
	refuses_body(record, "\"content\":\"MEUC", "\"content\":\"MEUD", NOTAR_E_DIGEST);
	refuses_body(record, "\"content\":\"MEUC", "\"content\":\"", NOTAR_E_DIGEST);
	refuses_body(record, "\"content\":\"MEUC", "\"content\":7,\"x\":\"", NOTAR_E_FORMAT);
	refuses_body(record, "LS0tLS1CRUdJTi", "LS0tLS1CRUdJTg", NOTAR_E_FORMAT);
	refuses_body(record, "\"publicKey\":", "\"x\":", NOTAR_E_FORMAT);
	refuses_body(record, "\"data\":", "\"x\":", NOTAR_E_FORMAT);
	refuses_body(record, "\"spec\":", "\"x\":", NOTAR_E_FORMAT);
	refuses_body("log-dsse", "d6b209ba", "d6b209bb", NOTAR_E_DIGEST);
	refuses_body("log-dsse", "\"payloadHash\":", "\"x\":", NOTAR_E_FORMAT);
	refuses_body("log-dsse", "\"signatures\":[", "\"signatures\":[],\"x\":[", NOTAR_E_FORMAT);
	refuses_body("log-dsse", "\"signatures\":[", "\"signatures\":[{},", NOTAR_E_LIMIT);
	refuses_body("log-dsse", "\"signature\":\"MEYC", "\"signature\":\"MEYD", NOTAR_E_DIGEST);
	refuses_body("log-intoto", "\"sig\":\"TUVV", "\"sig\":\"TUVW", NOTAR_E_DIGEST);
	refuses_body("log-intoto", "0ebbdbc2", "0ebbdbc3", NOTAR_E_DIGEST);
	refuses_body("log-intoto", "\"payload\":\"ZXdv", "\"payload\":\"ZXdw", NOTAR_E_DIGEST);
	refuses_body("log-tiled", "SHA2_256", "SHA2_512", NOTAR_E_DIGEST);
	refuses_body("log-tiled", "PKIX_ECDSA_P256", "PKIX_ECDSA_P384", NOTAR_E_DIGEST);
	refuses_body("log-tiled", "\"kind\":", " \"kind\":", NOTAR_E_DIGEST);
	refuses_body("log-tiled", "}}}}}}", "}}}}}} ", NOTAR_E_DIGEST);
}

static void
a_signer_with_something_behind_its_pem_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) pem = { 0 };
	NOTAR_AUTO_OF(buf) once = { 0 };
	NOTAR_AUTO_OF(buf) twice = { 0 };
	NOTAR_AUTO_OF(log_fixture) f;

	log_fixture_init(&f, "log-hashedrekord-key");
	pem_append(&pem, "PUBLIC KEY", key_spki(f.claim.key));
	base64_append(&once, buf_span(&pem));
	pem_append(&pem, "PUBLIC KEY", key_spki(f.claim.key));
	base64_append(&twice, buf_span(&pem));
	refuses_body("log-hashedrekord-key", buf_cstr(&once), buf_cstr(&twice), NOTAR_E_FORMAT);
}

/* What cosign annotates for this entry. */
static struct buf
annotation_of(const struct log_entry *e)
{
	char id[2 * FACT_ID_BYTES + 1];
	struct buf out = { 0 };

	buf_append_str(&out, "{\"SignedEntryTimestamp\":");
	json_put_base64(&out, buf_span(&e->promise));
	buf_append_str(&out, ",\"Payload\":{\"body\":");
	json_put_base64(&out, buf_span(&e->body));
	buf_printf(&out, ",\"integratedTime\":%lld,\"logIndex\":%llu,\"logID\":\"%s\"}}",
		   (long long)e->integrated_s, (unsigned long long)e->index,
		   hex_encode(span_of(e->log_id, FACT_ID_BYTES), id));
	return out;
}

static void
an_annotation_is_bound_as_a_bundle_is_CVE_2026_22703(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(log_fixture) f;
	NOTAR_AUTO_OF(log_entry) e = { 0 };
	struct log_seen seen = { 0 };

	log_fixture_init(&f, "log-hashedrekord-cert");
	NOTAR_AUTO_OF(buf) text = annotation_of(&f.entry);

	assert_int_equal(log_entry_read_annotation(buf_span(&text), &e, NULL), NOTAR_OK);
	assert_false(e.has_proof);
	assert_int_equal(log_entry_verify(&e, &f.claim, false, &f.roots, &seen, NULL), NOTAR_OK);
	assert_int_equal(seen.time_s, f.entry.integrated_s);
	assert_int_equal(log_entry_verify(&e, &f.claim, true, &f.roots, &seen, NULL),
			 NOTAR_E_FORMAT);
	f.claim.message.len--;
	assert_int_equal(log_entry_verify(&e, &f.claim, false, &f.roots, &seen, NULL),
			 NOTAR_E_DIGEST);
	f.claim.message.len++;
	e.integrated_s++;
	assert_int_equal(log_entry_verify(&e, &f.claim, false, &f.roots, &seen, NULL),
			 NOTAR_E_SIGNATURE);
}

static void
what_is_no_annotation_is_refused(void **state)
{
	(void)state;
	static const char *const swaps[][2] = {
		{ "{\"SignedEntryTimestamp\":", "{\"x\":" },
		{ "{\"SignedEntryTimestamp\":\"", "{\"SignedEntryTimestamp\":\"\",\"x\":\"" },
		{ "{\"SignedEntryTimestamp\":\"", "{\"SignedEntryTimestamp\":\" " },
		{ "\"Payload\":{", "\"Payload\":{\"x\":1," },
		{ "\"Payload\":{", "\"payload\":{" },
		{ "\"body\":\"ey", "\"body\":\"" },
		{ "\"integratedTime\":1", "\"integratedTime\":-1" },
		{ "\"integratedTime\":", "\"integratedTime\":\"1\",\"x\":" },
		{ "\"logIndex\":1", "\"logIndex\":-1" },
		{ "\"logIndex\":", "\"x\":" },
		{ "\"logID\":\"c0d2", "\"logID\":\"C0D2" },
		{ "\"logID\":\"c0d2", "\"logID\":\"c0" },
	};
	NOTAR_AUTO_OF(log_fixture) f;

	log_fixture_init(&f, "log-hashedrekord-cert");
	NOTAR_AUTO_OF(buf) good = annotation_of(&f.entry);

	for (size_t i = 0; i < NOTAR_COUNT(swaps); i++) {
		NOTAR_AUTO_OF(buf)
		text = fixture_replace(buf_span(&good), swaps[i][0], swaps[i][1]);
		struct log_entry e = { 0 };

		assert_false(span_equal(buf_span(&text), buf_span(&good)));
		if (log_entry_read_annotation(buf_span(&text), &e, NULL) != NOTAR_E_FORMAT)
			fail_msg("%s", swaps[i][1]);
		assert_null(e.body.ptr);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_spellings_and_null_are_read),
		cmocka_unit_test(what_is_absent_or_null_is_not_there),
		cmocka_unit_test(
			every_member_that_is_not_as_it_should_be_is_refused_CVE_2023_30551),
		cmocka_unit_test(each_member_of_a_body_is_held_against_the_signature),
		cmocka_unit_test(a_signer_with_something_behind_its_pem_is_refused),
		cmocka_unit_test(an_annotation_is_bound_as_a_bundle_is_CVE_2026_22703),
		cmocka_unit_test(what_is_no_annotation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
