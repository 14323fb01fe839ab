/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/trusted_root.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/limits.h"
#include "tests/lib/key_fixture.h"

/* tests/vectors/sigstore/README.md says where these are from. */
#define SIGSTORE "tests/vectors/sigstore/"

static struct trusted_root *
load(const char *path)
{
	NOTAR_AUTO_OF(buf) text = fixture_bytes(path);
	struct trusted_root *root = NULL;
	struct notar_error err = { 0 };

	if (trusted_root_load(buf_span(&text), &root, &err) != NOTAR_OK)
		fail_msg("%s: %s", path, err.msg);
	return root;
}

/* A root of the suite with every `from` in it as `to`, which must be there. */
static enum notar_code
load_with(const char *path, const char *from, const char *to, struct trusted_root **out,
	  struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) text = fixture_bytes(path);
	NOTAR_AUTO_OF(buf) made = { 0 };
	const char *at = buf_cstr(&text), *hit;

	assert_non_null(at);
	assert_non_null(strstr(at, from));
	for (; (hit = strstr(at, from)) != NULL; at = hit + strlen(from)) {
		buf_append(&made, at, (size_t)(hit - at));
		buf_append_str(&made, to);
	}
	buf_append_str(&made, at);
	return trusted_root_load(buf_span(&made), out, err);
}

static void
roots_of_sigstore_are_read_whole(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		size_t logs, ct_logs, cas, tsas;
	} known[] = {
		{ SIGSTORE "root-production.json", 1, 2, 2, 0 },
		{ SIGSTORE "root-staging.json", 4, 4, 1, 1 },
		{ SIGSTORE "root-staging-2025.json", 2, 3, 1, 1 },
		{ SIGSTORE "root-tsa-expired.json", 2, 3, 1, 1 },
		{ SIGSTORE "root-local.json", 1, 1, 1, 1 },
		{ SIGSTORE "root-custom.json", 1, 1, 1, 1 },
	};

	for (size_t i = 0; i < NOTAR_COUNT(known); i++) {
		NOTAR_AUTO(trusted_root) *root = load(known[i].path);

		assert_int_equal(root->log_count, known[i].logs);
		assert_int_equal(root->ct_log_count, known[i].ct_logs);
		assert_int_equal(root->ca_count, known[i].cas);
		assert_int_equal(root->tsa_count, known[i].tsas);
	}
}

static void
a_log_has_its_url_validity_and_identity(void **state)
{
	(void)state;
	NOTAR_AUTO(trusted_root) *root = load(SIGSTORE "root-production.json");
	const struct root_log *test = &root->ct_logs[0];
	struct digest_stream stream;

	assert_true(span_equal(buf_span(&test->base_url), span_str("ctfe.sigstore.dev/test")));
	assert_int_equal(test->host_len, strlen("ctfe.sigstore.dev"));
	assert_int_equal(root->logs[0].host_len, strlen("rekor.sigstore.dev"));
	assert_true(test->valid.from_ms == INT64_C(1615680000000));
	assert_true(test->valid.to_ms == INT64_C(1667260799999));
	assert_true(root->logs[0].valid.to_ms == INT64_MAX);
	assert_memory_equal(test->id, key_id(test->key), FACT_ID_BYTES);
	digest_start(&stream, NOTAR_SHA256);
	digest_add(&stream, key_spki(test->key));
	digest_add(&stream, span_str("ctfe.sigstore.dev/test"));
	struct notar_digest digest = digest_end(&stream);

	assert_memory_equal(test->identity, digest.bytes, FACT_ID_BYTES);
}

static void
ranges_are_closed_at_both_ends(void **state)
{
	(void)state;
	NOTAR_AUTO(trusted_root) *root = load(SIGSTORE "root-production.json");
	const struct validity *valid = &root->ct_logs[0].valid;

	assert_true(validity_has(valid, valid->from_ms));
	assert_true(validity_has(valid, valid->to_ms));
	assert_false(validity_has(valid, valid->from_ms - 1));
	assert_false(validity_has(valid, valid->to_ms + 1));
}

/* The staging instance's first CT log: its id is over the SubjectPublicKeyInfo. */
static void
a_bare_rsa_key_is_wrapped(void **state)
{
	(void)state;
	NOTAR_AUTO(trusted_root) *root = load(SIGSTORE "root-staging-2025.json");
	const struct root_log *log = &root->ct_logs[0];

	assert_int_equal(key_kind_of(log->key), KEY_RSA);
	assert_int_equal(key_rsa_bits(log->key), 4096);
	assert_memory_equal(log->id, key_id(log->key), FACT_ID_BYTES);
}

static void
an_authority_for_timestamps_may_have_a_leaf(void **state)
{
	(void)state;
	NOTAR_AUTO(trusted_root) *root = load(SIGSTORE "root-tsa-expired.json");
	const struct root_authority *tsa = &root->tsas[0];
	struct digest_stream stream;

	assert_true(tsa->has_leaf);
	assert_int_equal(tsa->chain.count, 3);
	assert_false(root->cas[0].has_leaf);
	digest_start(&stream, NOTAR_SHA256);
	for (size_t i = 0; i < tsa->chain.count; i++)
		digest_add(&stream, span_of(tsa->chain.certs[i]->thumbprint, FACT_ID_BYTES));
	struct notar_digest digest = digest_end(&stream);

	assert_memory_equal(tsa->identity, digest.bytes, FACT_ID_BYTES);
}

#define MEDIA "application/vnd.dev.sigstore.trustedroot"

static void
other_spellings_read_the_same(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to;
	} same[] = {
		{ MEDIA "+json;version=0.1", MEDIA ".v0.1+json" },
		{ MEDIA "+json;version=0.1", MEDIA ".v0.2+json" },
		{ "\"mediaType\"", "\"media_type\"" },
		{ "\"baseUrl\"", "\"base_url\"" },
		{ "\"publicKey\"", "\"public_key\"" },
		{ "\"rawBytes\"", "\"raw_bytes\"" },
		{ "\"keyDetails\"", "\"key_details\"" },
		{ "\"validFor\"", "\"valid_for\"" },
		{ "\"logId\"", "\"log_id\"" },
		{ "\"keyId\"", "\"key_id\"" },
		{ "\"hashAlgorithm\"", "\"hash_algorithm\"" },
		{ "\"certChain\"", "\"cert_chain\"" },
		{ "\"certificateAuthorities\"", "\"certificate_authorities\"" },
		{ "\"SHA2_256\"", "1" },
		{ "\"PKIX_ECDSA_P256_SHA_256\"", "5" },
		{ "\"tlogs\"", "\"timestampAuthorities\":null,\"tlogs\"" },
		{ "\"tlogs\"", "\"unheardOf\":{\"a\":1},\"tlogs\"" },
		{ "\"baseUrl\"", "\"operator\":null,\"checkpointKeyId\":null,\"baseUrl\"" },
		/* The URL alphabet without padding. */
		{ "Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY"
		  "0zufBnhC8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==",
		  "Y-2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY"
		  "0zufBnhC8Ur_iy55GhWP_9A_bY2LhC30M9-RYtw" },
		{ ".999Z", ".999999999Z" },
		{ "rekor.sigstore.dev\"", "rekor.sigstore.dev//\"" },
	};
	NOTAR_AUTO(trusted_root) *want = load(SIGSTORE "root-production.json");

	for (size_t i = 0; i < NOTAR_COUNT(same); i++) {
		NOTAR_AUTO(trusted_root) *root = NULL;
		struct notar_error err = { 0 };

		if (load_with(SIGSTORE "root-production.json", same[i].from, same[i].to, &root,
			      &err) != NOTAR_OK)
			fail_msg("%s: %s", same[i].to, err.msg);
		assert_int_equal(root->log_count, want->log_count);
		assert_int_equal(root->ca_count, want->ca_count);
		assert_true(root->ct_logs[0].valid.to_ms == want->ct_logs[0].valid.to_ms);
		assert_memory_equal(root->logs[0].identity, want->logs[0].identity, FACT_ID_BYTES);
	}
}

static void
a_log_with_a_key_of_an_unknown_kind_is_left_out(void **state)
{
	(void)state;
	static const char *const kinds[] = { "\"PKIX_RSA_PSS_2048_SHA256\"", "\"ML_DSA_65\"", "21",
					     "\"\"", "0" };

	for (size_t i = 0; i < NOTAR_COUNT(kinds); i++) {
		NOTAR_AUTO(trusted_root) *root = NULL;

		assert_int_equal(load_with(SIGSTORE "root-local.json", "\"PKIX_ED25519\"", kinds[i],
					   &root, NULL),
				 NOTAR_OK);
		assert_int_equal(root->log_count, 0);
		assert_int_equal(root->ct_log_count, 1);
	}
}

static void
an_authority_without_validity_is_open_at_both_ends(void **state)
{
	(void)state;
	NOTAR_AUTO(trusted_root) *root = NULL;

	/* The logs' validity is a member of their key; so is not touched. */
	assert_int_equal(load_with(SIGSTORE "root-production.json",
				   "\"start\": \"2022-04-13T20:06:15.000Z\"", "\"start\": null",
				   &root, NULL),
			 NOTAR_OK);
	assert_true(root->cas[1].valid.from_ms == INT64_MIN);
	assert_true(root->cas[1].valid.to_ms == INT64_MAX);
}

static void
each_broken_document_is_refused_with_the_place(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to, *says;
	} bad[] = {
		{ "version=0.1", "version=0.3", "mediaType" },
		{ "\"mediaType\"", "\"type\"", "mediaType" },
		{ "\"2021-01-12T11:53:27.000Z\"", "null", "tlogs[0].publicKey" },
		{ "\"2021-03-14T00:00:00.000Z\"", "null", "ctlogs[0].publicKey" },
		{ "2021-01-12T11", "2021-13-12T11", "start" },
		{ "\"2021-01-12T11:53:27.000Z\"", "1610452407", "start" },
		{ "2022-12-31T23:59:59.999Z", "tomorrow", "certificateAuthorities[0].validFor" },
		{ "SHA2_256", "SHA2_512", "hashAlgorithm" },
		{ "\"SHA2_256\"", "2", "hashAlgorithm" },
		{ "\"SHA2_256\"", "1.0", "hashAlgorithm" },
		{ "PKIX_ECDSA_P256_SHA_256", "PKIX_ECDSA_P384_SHA_384", "publicKey" },
		{ "PKIX_ECDSA_P256_SHA_256", "PKIX_ED25519", "publicKey" },
		{ "PKIX_ECDSA_P256_SHA_256", "PKCS1_RSA_PKCS1V5", "publicKey" },
		{ "\"PKIX_ECDSA_P256_SHA_256\"", "true", "keyDetails" },
		{ "\"keyDetails\"", "\"details\"", "keyDetails" },
		{ "\"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y", "\"NFkwEwYH", "publicKey" },
		{ "8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==", "8Ur/iy55GhWP/9A/bY2LhC30M9+RYtx==",
		  "rawBytes" },
		{ "8Ur/iy55GhWP/9A", "8Ur_iy55GhWP/9A", "rawBytes" },
		{ "wNI9atQGlz+VWfO6LRygH4QUfY/8W4RFwiT5i5WRgB0=", "wNI9atQGlz8=", "logId" },
		{ "wNI9atQGlz+VWfO6LRygH4QUfY/8W4RFwiT5i5WRgB0=", "", "keyId" },
		{ "\"logId\"", "\"log\"", "logId" },
		{ "\"publicKey\"", "\"key\"", "publicKey" },
		{ "\"certChain\"", "\"chain\"", "certChain" },
		{ "\"certificates\"", "\"certificates\": [], \"others\"", "certificates" },
		{ "MIIB+DCC", "MIIB+TCC", "certificates[0]" },
		{ "\"tlogs\"", "\"ctlogs\": [], \"tlogs\"", "duplicate" },
		{ "\"logId\"", "\"log_id\": {}, \"logId\"", "two spellings" },
		{ "\"tlogs\"", "\"tlogs\": 7, \"logs\"", "tlogs" },
		{ "\"baseUrl\"", "\"operator\": 7, \"baseUrl\"", "operator" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		struct trusted_root *root = NULL;
		struct notar_error err = { 0 };
		enum notar_code code = load_with(SIGSTORE "root-production.json", bad[i].from,
						 bad[i].to, &root, &err);

		if (code != NOTAR_E_FORMAT || strstr(err.msg, bad[i].says) == NULL)
			fail_msg("%s: %d, %s", bad[i].to, (int)code, err.msg);
		assert_null(root);
	}
}

/* Even of a log that would have been left out. */
static void
no_start_of_an_unknown_logs_validity_makes_the_document_invalid(void **state)
{
	(void)state;
	struct trusted_root *root = NULL;

	assert_int_equal(load_with(SIGSTORE "root-local.json", "\"PKIX_ED25519\"",
				   "\"ML_DSA_65\", \"validFor\": {}, \"was\": 1, \"x\"", &root,
				   NULL),
			 NOTAR_E_FORMAT);
	assert_null(root);
}

static void
a_document_over_a_limit_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = { 0 };
	struct trusted_root *root = NULL;

	buf_append_str(&text, "{\"mediaType\":\"" MEDIA ".v0.1+json\",\"tlogs\":[0");
	for (size_t i = 0; i < LIMIT_ROOT_ENTRIES; i++)
		buf_append_str(&text, ",0");
	buf_append_str(&text, "]}");
	assert_int_not_equal(trusted_root_load(buf_span(&text), &root, NULL), NOTAR_OK);
	while (text.len <= LIMIT_TRUSTED_ROOT_BYTES)
		buf_append_byte(&text, ' ');
	assert_int_equal(trusted_root_load(buf_span(&text), &root, NULL), NOTAR_E_LIMIT);
	assert_null(root);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_of_sigstore_are_read_whole),
		cmocka_unit_test(a_log_has_its_url_validity_and_identity),
		cmocka_unit_test(ranges_are_closed_at_both_ends),
		cmocka_unit_test(a_bare_rsa_key_is_wrapped),
		cmocka_unit_test(an_authority_for_timestamps_may_have_a_leaf),
		cmocka_unit_test(other_spellings_read_the_same),
		cmocka_unit_test(a_log_with_a_key_of_an_unknown_kind_is_left_out),
		cmocka_unit_test(an_authority_without_validity_is_open_at_both_ends),
		cmocka_unit_test(each_broken_document_is_refused_with_the_place),
		cmocka_unit_test(no_start_of_an_unknown_logs_validity_makes_the_document_invalid),
		cmocka_unit_test(a_document_over_a_limit_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
