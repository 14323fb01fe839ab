/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/timestamp_authority.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/limits.h"
#include "pki/timestamp_internal.h"
#include "tests/lib/cert_fixture.h"
#include "tests/lib/key_fixture.h"

/* What is said of tests/vectors/timestamp and of tests/vectors/sigstore is beside each. */
#define TOKENS "tests/vectors/timestamp/"
#define SIGSTORE "tests/vectors/sigstore/"
#define GEN_TIME_MS INT64_C(1767323045000)
#define PATH_BYTES 96

static struct buf
file(const char *folder, const char *name, const char *ending)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s%s%s", folder, name, ending);
	return fixture_bytes(path);
}

static struct trusted_root *
sigstore_root(const char *name)
{
	NOTAR_AUTO_OF(buf) text = file(SIGSTORE, name, ".json");
	struct trusted_root *root = NULL;
	struct notar_error err = { 0 };

	if (trusted_root_load(buf_span(&text), &root, &err) != NOTAR_OK)
		fail_msg("%s: %s", name, err.msg);
	return root;
}

static enum notar_code
by_sigstore(const char *root_name, const char *stamp_name, const char *sig_name, int64_t *time_ms,
	    struct notar_error *err)
{
	NOTAR_AUTO(trusted_root) *root = sigstore_root(root_name);
	NOTAR_AUTO_OF(buf) stamp = file(SIGSTORE, stamp_name, ".tsr");
	NOTAR_AUTO_OF(buf) sig = file(SIGSTORE, sig_name, ".sig");

	assert_int_equal(root->tsa_count, 1);
	return timestamp_by(buf_span(&stamp), buf_span(&sig), &root->tsas[0], time_ms, err);
}

/* An authority of these certificates ("tsa middle root"), with a leaf when the first is "tsa". */
static enum notar_code
by_bytes(const char *const *names, struct span stamp, int64_t *time_ms, struct notar_error *err)
{
	struct root_authority authority = { .valid = { INT64_MIN, INT64_MAX } };
	NOTAR_AUTO_OF(buf) message = file(TOKENS, "message", "");

	for (; *names != NULL; names++) {
		NOTAR_AUTO_OF(buf) der = file(TOKENS, *names, ".crt");

		assert_int_equal(cert_list_add(&authority.chain, buf_span(&der),
					       LIMIT_CHAIN_CERTIFICATES, NULL),
				 NOTAR_OK);
	}
	authority.has_leaf = authority.chain.count > 0 && !cert_is_ca(authority.chain.certs[0]);
	enum notar_code code = timestamp_by(stamp, buf_span(&message), &authority, time_ms, err);

	cert_list_release(&authority.chain);
	return code;
}

static enum notar_code
by(const char *const *names, const char *token, int64_t *time_ms, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) stamp = file(TOKENS, token, ".tst");

	return by_bytes(names, buf_span(&stamp), time_ms, err);
}

static const char *const leafless[] = { "middle", "root", NULL };
static const char *const with_leaf[] = { "tsa", "middle", "root", NULL };
static const char *const partial[] = { "middle", NULL };
static const char *const partial_leaf[] = { "tsa", "middle", NULL };
static const char *const root_only[] = { "root", NULL };
static const char *const stranger[] = { "other", NULL };
static const char *const leaf_without_issuer[] = { "tsa", "root", NULL };
static const char *const nobody[] = { NULL };

static void
timestamps_of_sigstore_hold_at_their_time(void **state)
{
	(void)state;
	static const struct {
		const char *root, *stamp;
		int64_t time_s;
	} good[] = {
		{ "root-staging", "bare", 1778700213 }, /* no certificates inside */
		{ "root-staging-2025", "embedded", 1749729740 },
		{ "root-staging-2025", "wrong-time", 1752575611 }, /* of the signer, not of it */
		{ "root-tsa-expired", "expired", 1754580746 },
		{ "root-local", "production", 1768517366 },
		{ "root-custom", "custom", 1675209600 },
	};

	for (size_t i = 0; i < NOTAR_COUNT(good); i++) {
		struct notar_error err = { 0 };
		int64_t time_ms = 0;

		if (by_sigstore(good[i].root, good[i].stamp, good[i].stamp, &time_ms, &err) !=
		    NOTAR_OK)
			fail_msg("%s: %s", good[i].stamp, err.msg);
		assert_int_equal(time_ms / 1000, good[i].time_s);
	}
}

static void
a_timestamp_over_another_payload_is_refused(void **state)
{
	(void)state;
	struct notar_error err = { 0 };
	int64_t time_ms = -7;

	assert_int_equal(
		by_sigstore("root-staging-2025", "other-payload", "other-payload", &time_ms, &err),
		NOTAR_E_DIGEST);
	assert_int_equal(by_sigstore("root-staging-2025", "embedded", "bare", &time_ms, &err),
			 NOTAR_E_DIGEST);
	assert_int_equal(time_ms, -7);
}

static void
another_authority_does_not_vouch(void **state)
{
	(void)state;
	static const struct {
		const char *root, *stamp;
	} bad[] = {
		{ "root-local", "bare" },        { "root-local", "embedded" },
		{ "root-custom", "production" }, { "root-tsa-expired", "embedded" },
		{ "root-staging", "expired" },   { "root-staging", "custom" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		struct notar_error err = { 0 };
		int64_t time_ms = -7;

		assert_int_equal(
			by_sigstore(bad[i].root, bad[i].stamp, bad[i].stamp, &time_ms, &err),
			NOTAR_E_SIGNATURE);
		assert_int_equal(time_ms, -7);
	}
}

static void
tokens_hold_with_and_without_a_leaf(void **state)
{
	(void)state;
	static const struct {
		const char *const *authority;
		const char *token;
	} good[] = {
		{ leafless, "good" },       { with_leaf, "good" },
		{ partial, "good" },        { partial_leaf, "good" },
		{ root_only, "good" },      { with_leaf, "certs-none" },
		{ with_leaf, "leaf-only" }, { leafless, "leaf-only" },
		{ leafless, "with-root" },  { with_leaf, "keyid" },
		{ leafless, "ess-v1" },     { with_leaf, "ess-v1" },
		{ leafless, "ess-both" },   { leafless, "imprint-384" },
		{ leafless, "signed-pss" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(good); i++) {
		struct notar_error err = { 0 };
		int64_t time_ms = 0;

		if (by(good[i].authority, good[i].token, &time_ms, &err) != NOTAR_OK)
			fail_msg("%zu, %s: %s", i, good[i].token, err.msg);
		assert_int_equal(time_ms, GEN_TIME_MS);
	}
}

static void
a_fraction_of_genTime_is_kept(void **state)
{
	(void)state;
	int64_t time_ms = 0;

	assert_int_equal(by(leafless, "fraction", &time_ms, NULL), NOTAR_OK);
	assert_int_equal(time_ms, GEN_TIME_MS + 250);
}

static void
what_breaks_a_rule_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *const *authority;
		const char *token, *says;
	} bad[] = {
		{ leafless, "certs-none", "not in it" },
		{ leafless, "certs-other", "not in it" },
		{ root_only, "leaf-only", "does not lead" },
		{ stranger, "good", "does not lead" },
		{ nobody, "good", "without certificates" },
		{ leaf_without_issuer, "certs-none", "does not lead" },
		{ leafless, "alone", "does not lead" },
		{ leafless, "circle", "does not lead" },
		{ leafless, "no-ca", "do not say CA" },
		{ leafless, "eku-code", "timeStamping" },
		{ leafless, "eku-further", "timeStamping" },
		{ leafless, "eku-none", "timeStamping" },
		{ leafless, "eku-not-critical", "not critical" },
		{ leafless, "expired", "expired" },
		{ leafless, "not-yet", "not valid yet" },
		{ leafless, "ess-none", "signing-certificate-v2" },
		{ leafless, "ess-other", "another certificate" },
		{ with_leaf, "ess-other", "another certificate" },
		{ leafless, "ess-other-issuer", "another certificate" },
		{ leafless, "ess-other-serial", "another certificate" },
		{ leafless, "ess-twice", "not one" },
		{ leafless, "ess-second", "another certificate" },
		{ leafless, "ess-garbage", "not one" },
		{ leafless, "imprint-sha1", "another hash" },
		{ leafless, "signed-sha1", "hash" },
		{ leafless, "signed-by-other", "does not hold" },
		{ with_leaf, "signed-by-other", "does not hold" },
		{ with_leaf, "signed-pss", "not by this authority" },
		{ leafless, "other-message", "other bytes" },
		{ leafless, "signers-none", "one signer" },
		{ leafless, "signers-two", "one signer" },
		{ leafless, "critical-extension", "critical" },
		{ leafless, "digest-other", "not what was signed" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		struct notar_error err = { 0 };
		int64_t time_ms = -7;

		if (by(bad[i].authority, bad[i].token, &time_ms, &err) == NOTAR_OK)
			fail_msg("%s holds", bad[i].token);
		if (strstr(err.msg, bad[i].says) == NULL)
			fail_msg("%zu, %s: %s", i, bad[i].token, err.msg);
		assert_int_equal(time_ms, -7);
	}
}

/* Of two certificates that the signer may be, all is asked of the one whose key it has to be: a
 * prepended twin is refused with or without a leaf, and cannot borrow the other's path. */
static void
CVE_2026_39984_a_prepended_certificate_does_not_stand_for_the_signer(void **state)
{
	(void)state;
	static const char *const tokens[] = { "twin-first", "twin-first-own-ess", "twin-last",
					      "twin-last-own-ess" };
	static const char *const *const authorities[] = { leafless, with_leaf, partial,
							  partial_leaf, root_only };

	for (size_t i = 0; i < NOTAR_COUNT(tokens); i++)
		for (size_t k = 0; k < NOTAR_COUNT(authorities); k++) {
			struct notar_error err = { 0 };
			int64_t time_ms = -7;

			if (by(authorities[k], tokens[i], &time_ms, &err) == NOTAR_OK)
				fail_msg("%s holds with authority %zu", tokens[i], k);
			assert_int_equal(time_ms, -7);
		}
}

static void
replies_hold_by_their_status_only(void **state)
{
	(void)state;
	static const char *const good[] = { "granted-mods", "granted-open" };
	static const char *const bad[] = {
		"granted-no-token", "rejected",    "rejected-real",   "rejected-with-token",
		"waiting",          "status-huge", "status-negative", "trailing",
		"two-tokens",       "open-no-end", "open-trailing",   "imprint-other"
	};
	int64_t time_ms = 0;

	for (size_t i = 0; i < NOTAR_COUNT(good); i++) {
		NOTAR_AUTO_OF(buf) stamp = file(TOKENS, good[i], ".tsr");
		struct notar_error err = { 0 };

		if (by_bytes(leafless, buf_span(&stamp), &time_ms, &err) != NOTAR_OK)
			fail_msg("%s: %s", good[i], err.msg);
	}
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(buf) stamp = file(TOKENS, bad[i], ".tsr");
		enum notar_code code = by_bytes(leafless, buf_span(&stamp), &time_ms, NULL);

		if (code == NOTAR_OK || code == NOTAR_E_NET)
			fail_msg("%s: %d", bad[i], (int)code);
	}
}

static void
every_truncation_and_a_trailing_byte_are_refused(void **state)
{
	(void)state;
	NOTAR_AUTO(trusted_root) *root = sigstore_root("root-staging-2025");
	NOTAR_AUTO_OF(buf) stamp = file(SIGSTORE, "embedded", ".tsr");
	NOTAR_AUTO_OF(buf) sig = file(SIGSTORE, "embedded", ".sig");
	int64_t time_ms = -7;

	for (size_t len = 0; len < stamp.len; len++)
		assert_int_not_equal(timestamp_by(span_of(stamp.ptr, len), buf_span(&sig),
						  &root->tsas[0], &time_ms, NULL),
				     NOTAR_OK);
	buf_append_byte(&stamp, 0);
	assert_int_not_equal(
		timestamp_by(buf_span(&stamp), buf_span(&sig), &root->tsas[0], &time_ms, NULL),
		NOTAR_OK);
	assert_int_equal(time_ms, -7);
}

static void
a_timestamp_over_the_limit_is_not_read(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) stamp = file(TOKENS, "good", ".tst");
	int64_t time_ms = -7;

	while (stamp.len <= LIMIT_BUNDLE_TIMESTAMP_BYTES)
		buf_append_byte(&stamp, 0);
	assert_int_equal(by_bytes(leafless, buf_span(&stamp), &time_ms, NULL), NOTAR_E_LIMIT);
}

#define CA_USAGE "critical,keyCertSign"
#define LEAF_PURPOSE "critical,timeStamping"

/* The path of a leaf, a CA and a root, whose one or other is as wrong as told. */
static enum notar_code
check_path(const struct cert_recipe *leaf, const struct cert_recipe *middle, int64_t at_ms,
	   bool is_partial, struct notar_error *err)
{
	const struct cert_recipe recipes[] = {
		*leaf,
		*middle,
		{ .name = "root", .constraints = "critical,CA:TRUE", .usage = CA_USAGE },
	};
	struct root_authority authority = { .valid = { INT64_MIN, INT64_MAX } };
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	const struct cert_list nothing = { 0 };

	fixture_chain(recipes, NOTAR_COUNT(recipes), &chain);
	authority.chain = (struct cert_list){ &chain.certs[1], is_partial ? 1 : 2 };
	return timestamp_check_path(chain.certs[0], &nothing, &authority, at_ms, err);
}

static const struct cert_recipe good_leaf = { .name = "tsa",
					      .usage = "digitalSignature",
					      .purposes = LEAF_PURPOSE };
static const struct cert_recipe good_middle = { .name = "middle",
						.constraints = "critical,CA:TRUE,pathlen:0",
						.usage = CA_USAGE,
						.purposes = "timeStamping" };

static void
every_certificate_is_valid_at_genTime_both_ends_included(void **state)
{
	(void)state;
	static const int64_t from_ms = CERT_FIXTURE_FROM_S * 1000, to_ms = CERT_FIXTURE_TO_S * 1000;
	struct cert_recipe brief = good_middle;

	for (int is_partial = 0; is_partial <= 1; is_partial++) {
		assert_int_equal(check_path(&good_leaf, &good_middle, from_ms, is_partial, NULL),
				 NOTAR_OK);
		assert_int_equal(check_path(&good_leaf, &good_middle, to_ms, is_partial, NULL),
				 NOTAR_OK);
		assert_int_equal(
			check_path(&good_leaf, &good_middle, from_ms - 1, is_partial, NULL),
			NOTAR_E_SIGNATURE);
		assert_int_equal(check_path(&good_leaf, &good_middle, to_ms + 1, is_partial, NULL),
				 NOTAR_E_SIGNATURE);
	}
	brief.to_s = CERT_FIXTURE_TO_S - 1;
	assert_int_equal(check_path(&good_leaf, &brief, to_ms, false, NULL), NOTAR_E_SIGNATURE);
	assert_int_equal(check_path(&good_leaf, &brief, to_ms, true, NULL), NOTAR_E_SIGNATURE);
	assert_int_equal(check_path(&good_leaf, &brief, to_ms - 1000, true, NULL), NOTAR_OK);
}

static void
a_pathLenConstraint_counts_the_CAs_below(void **state)
{
	(void)state;
	static const char *const roots[] = { "critical,CA:TRUE,pathlen:1",
					     "critical,CA:TRUE,pathlen:0" };

	for (size_t i = 0; i < NOTAR_COUNT(roots); i++) {
		const struct cert_recipe recipes[] = {
			good_leaf, good_middle, { .name = "root", .constraints = roots[i] }
		};
		struct root_authority authority = { .valid = { INT64_MIN, INT64_MAX } };
		NOTAR_AUTO_OF(cert_list) chain = { 0 };
		const struct cert_list nothing = { 0 };

		fixture_chain(recipes, NOTAR_COUNT(recipes), &chain);
		authority.chain = (struct cert_list){ &chain.certs[1], 2 };
		assert_int_equal(timestamp_check_path(chain.certs[0], &nothing, &authority,
						      CERT_FIXTURE_FROM_S * 1000, NULL),
				 i == 0 ? NOTAR_OK : NOTAR_E_SIGNATURE);
	}
}

static void
each_rule_for_a_certificate_of_the_path_is_asked(void **state)
{
	(void)state;
	static const struct {
		bool is_middle;
		struct cert_recipe recipe;
		const char *says; /* NULL: it holds */
	} cases[] = {
		{ true, { .name = "m", .constraints = "CA:TRUE" }, NULL },
		{ true,
		  { .name = "m", .constraints = "CA:TRUE", .purposes = "codeSigning" },
		  "lacks timeStamping" },
		{ true,
		  { .name = "m", .constraints = "CA:TRUE", .purposes = "anyExtendedKeyUsage" },
		  NULL },
		{ true,
		  { .name = "m", .constraints = "CA:TRUE", .purposes = "codeSigning,timeStamping" },
		  NULL },
		{ true, { .name = "m", .constraints = "CA:FALSE" }, "do not say CA" },
		{ true, { .name = "m" }, "do not say CA" },
		{ true,
		  { .name = "m", .constraints = "CA:TRUE", .usage = "digitalSignature" },
		  "keyUsage" },
		{ true,
		  { .name = "m",
		    .constraints = "CA:TRUE",
		    .other = "1.2.3.4",
		    .other_value = "critical,DER:0500" },
		  "critical extension" },
		{ true,
		  { .name = "m", .constraints = "CA:TRUE", .hash = "SHA1" },
		  "does not lead" },
		{ true,
		  { .name = "m", .constraints = "CA:TRUE", .by_stranger = true },
		  "does not lead" },
		{ true,
		  { .name = "m", .constraints = "CA:TRUE", .twice = "basicConstraints" },
		  "do not say CA" },
		{ false, { .name = "t", .purposes = LEAF_PURPOSE }, NULL },
		{ false, { .name = "t", .purposes = "timeStamping" }, "not critical" },
		{ false, { .name = "t" }, "nothing else" },
		{ false,
		  { .name = "t", .purposes = "critical,timeStamping,1.2.3.4" },
		  "nothing else" },
		{ false,
		  { .name = "t", .purposes = "critical,anyExtendedKeyUsage" },
		  "nothing else" },
		{ false,
		  { .name = "t", .constraints = "CA:TRUE", .purposes = LEAF_PURPOSE },
		  "say CA" },
		{ false,
		  { .name = "t",
		    .constraints = "CA:FALSE",
		    .purposes = LEAF_PURPOSE,
		    .twice = "basicConstraints" },
		  "cannot be read" },
		{ false,
		  { .name = "t", .usage = "keyEncipherment", .purposes = LEAF_PURPOSE },
		  "keyUsage" },
		{ false,
		  { .name = "t", .purposes = LEAF_PURPOSE, .by_stranger = true },
		  "does not lead" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		struct notar_error err = { 0 };
		enum notar_code code =
			check_path(cases[i].is_middle ? &good_leaf : &cases[i].recipe,
				   cases[i].is_middle ? &cases[i].recipe : &good_middle,
				   CERT_FIXTURE_FROM_S * 1000, false, &err);

		if (cases[i].says == NULL ?
			    code != NOTAR_OK :
			    code != NOTAR_E_SIGNATURE || strstr(err.msg, cases[i].says) == NULL)
			fail_msg("case %zu: %d, %s", i, (int)code, err.msg);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(timestamps_of_sigstore_hold_at_their_time),
		cmocka_unit_test(a_timestamp_over_another_payload_is_refused),
		cmocka_unit_test(another_authority_does_not_vouch),
		cmocka_unit_test(tokens_hold_with_and_without_a_leaf),
		cmocka_unit_test(a_fraction_of_genTime_is_kept),
		cmocka_unit_test(what_breaks_a_rule_is_refused),
		cmocka_unit_test(
			CVE_2026_39984_a_prepended_certificate_does_not_stand_for_the_signer),
		cmocka_unit_test(every_certificate_is_valid_at_genTime_both_ends_included),
		cmocka_unit_test(a_pathLenConstraint_counts_the_CAs_below),
		cmocka_unit_test(each_rule_for_a_certificate_of_the_path_is_asked),
		cmocka_unit_test(replies_hold_by_their_status_only),
		cmocka_unit_test(every_truncation_and_a_trailing_byte_are_refused),
		cmocka_unit_test(a_timestamp_over_the_limit_is_not_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
