/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/digest.h"
#include "tests/lib/log_fixture.h"

static const char *const folders[] = {
	"log-hashedrekord-key", "log-hashedrekord-cert", "log-dsse", "log-intoto", "log-tiled",
	"log-tiled-dsse",       "log-first-witness"
};

static void
what_real_logs_said_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(folders); i++) {
		NOTAR_AUTO_OF(log_fixture) f;
		struct notar_error err = { 0 };
		struct log_seen seen = { 0 };

		log_fixture_init(&f, folders[i]);
		if (log_fixture_verify(&f, &seen, &err) != NOTAR_OK)
			fail_msg("%s: %s", folders[i], err.msg);
		assert_ptr_equal(seen.log, &f.log);
		assert_int_equal(seen.time_s, f.entry.integrated_s);
		assert_true(seen.is_tiled == (strstr(folders[i], "tiled") != NULL ||
					      strstr(folders[i], "witness") != NULL));
		assert_true(seen.is_tiled == (seen.time_s == 0));
	}
}

/* Verification fails with this code and these words. */
static void
refuses(const struct log_fixture *f, enum notar_code code, const char *words)
{
	struct notar_error err = { 0 };
	struct log_seen seen = { 0 };

	assert_int_equal(log_fixture_verify(f, &seen, &err), code);
	if (strstr(err.msg, words) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", words, err.msg);
	assert_null(seen.log);
}

static void
flip(struct span bytes, size_t at)
{
	((uint8_t *)(uintptr_t)bytes.ptr)[at] ^= 1;
}

static void
each_part_of_an_entry_is_refused_for_its_own_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(folders); i++) {
		NOTAR_AUTO_OF(log_fixture) f;
		struct log_entry *e = &f.entry;

		log_fixture_init(&f, folders[i]);
		bool is_tiled = log_entry_is_tiled(e);

		if (e->has_promise) {
			flip(buf_span(&e->promise), e->promise.len - 1);
			refuses(&f, NOTAR_E_SIGNATURE, "log promise");
			flip(buf_span(&e->promise), e->promise.len - 1);
			e->integrated_s++;
			refuses(&f, NOTAR_E_SIGNATURE, "log promise");
			e->integrated_s--;
		}
		e->index++;
		refuses(&f, NOTAR_E_SIGNATURE, is_tiled ? "entry " : "log promise");
		e->index--;
		if (e->proof.hashes.len > 0) {
			flip(buf_span(&e->proof.hashes), 40);
			refuses(&f, NOTAR_E_SIGNATURE, "does not lead");
			flip(buf_span(&e->proof.hashes), 40);
		}
		buf_append(&e->proof.hashes, e->log_id, MERKLE_HASH_BYTES);
		refuses(&f, NOTAR_E_SIGNATURE, "too many");
		buf_cut(&e->proof.hashes, e->proof.hashes.len - MERKLE_HASH_BYTES);
		e->has_proof = false;
		refuses(&f, NOTAR_E_FORMAT, "without an inclusion proof");
		e->has_proof = true;
		f.log.base_url.ptr[0] ^= 1;
		refuses(&f, NOTAR_E_SIGNATURE, "which is not the log");
	}
}

static void
a_proof_of_rekor_v1_is_of_the_checkpoint_s_own_state(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(log_fixture) f;

	log_fixture_init(&f, "log-dsse");
	f.entry.proof.size++;
	refuses(&f, NOTAR_E_SIGNATURE, "another state");
	f.entry.proof.size--;
	f.entry.proof.root[0] ^= 1;
	refuses(&f, NOTAR_E_SIGNATURE, "another state");
	f.entry.proof.root[0] ^= 1;
	f.entry.proof.index--;
	refuses(&f, NOTAR_E_SIGNATURE, "");
}

static void
a_genuine_checkpoint_of_another_state_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(log_fixture) f;

	log_fixture_init(&f, "log-other-state");
	refuses(&f, NOTAR_E_SIGNATURE, "another state");
}

static void
what_a_tiled_log_s_proof_says_of_itself_is_passed_over(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(log_fixture) f;
	struct log_seen seen = { 0 };

	log_fixture_init(&f, "log-tiled");
	f.entry.proof.index = f.entry.proof.size = 7;
	f.entry.proof.root[0] ^= 1;
	assert_int_equal(log_fixture_verify(&f, &seen, NULL), NOTAR_OK);
	f.entry.has_promise = true;
	refuses(&f, NOTAR_E_FORMAT, "a promise of a log that makes none");
}

static void
a_checkpoint_that_nobody_signed_is_refused_CVE_2024_54140(void **state)
{
	(void)state;
	static const char *const some[] = { "log-dsse", "log-tiled", "log-first-witness" };

	for (size_t i = 0; i < NOTAR_COUNT(some); i++) {
		NOTAR_AUTO_OF(log_fixture) f;

		log_fixture_init(&f, some[i]);
		struct span note = buf_span(&f.entry.proof.checkpoint);
		NOTAR_AUTO_OF(buf) start = { 0 };

		buf_append_str(&start, "\n\xe2\x80\x94 ");
		buf_append_span(&start, buf_span(&f.log.base_url));
		const uint8_t *line = memmem(note.ptr, note.len, start.ptr, start.len);

		assert_non_null(line);
		/* A character inside of its signature. */
		flip(note, (size_t)(line - note.ptr) + start.len + 41);
		refuses(&f, NOTAR_E_SIGNATURE, "checkpoint");
	}
}

static void
an_entry_of_another_signature_is_refused_CVE_2022_23649_CVE_2024_53267(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(folders); i++) {
		NOTAR_AUTO_OF(log_fixture) f;

		log_fixture_init(&f, folders[i]);
		flip(f.claim.signature, 20);
		refuses(&f, NOTAR_E_DIGEST, "another signature");
		flip(f.claim.signature, 20);
		f.claim.signature.len--;
		refuses(&f, NOTAR_E_DIGEST, "another signature");
	}
}

static void
an_entry_of_other_content_is_refused_CVE_2024_53267(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(folders); i++) {
		NOTAR_AUTO_OF(log_fixture) f;

		log_fixture_init(&f, folders[i]);
		f.claim.message.len--;
		f.claim.payload.len -= f.claim.is_dsse;
		refuses(&f, NOTAR_E_DIGEST, "content");
	}
}

static void
an_entry_of_another_signer_is_refused_CVE_2024_53267(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(folders); i++) {
		NOTAR_AUTO_OF(log_fixture) f;
		NOTAR_AUTO_OF(log_fixture) other;
		bool is_key;

		log_fixture_init(&f, folders[i]);
		log_fixture_init(&other, i == 2 ? "log-tiled" : "log-dsse");
		is_key = f.claim.certificate == NULL;
		f.claim.certificate = is_key ? NULL : other.cert;
		f.claim.key = other.claim.key;
		refuses(&f, NOTAR_E_DIGEST,
			log_entry_is_tiled(&f.entry) ? "signer" :
			is_key                       ? "another key" :
						       "another certificate");
		f.claim.certificate = is_key ? other.cert : NULL;
		refuses(&f, NOTAR_E_DIGEST, "another");
	}
}

static void
a_kind_goes_only_with_its_content(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		NOTAR_AUTO_OF(log_fixture) f;

		log_fixture_init(&f, folders[i]);
		f.claim.is_dsse = !f.claim.is_dsse;
		refuses(&f, NOTAR_E_UNSUPPORTED, "for this content");
		f.claim.is_dsse = !f.claim.is_dsse;
		f.entry.version.ptr[4] = '9';
		refuses(&f, NOTAR_E_UNSUPPORTED, "for this content");
	}
}

static void
a_blob_that_is_not_at_hand_is_bound_by_its_digest(void **state)
{
	(void)state;
	static const char *const some[] = { "log-hashedrekord-cert", "log-tiled" };

	for (size_t i = 0; i < NOTAR_COUNT(some); i++) {
		NOTAR_AUTO_OF(log_fixture) f;
		struct log_seen seen = { 0 };

		log_fixture_init(&f, some[i]);
		struct notar_digest digest = digest_of(NOTAR_SHA256, f.claim.message);

		f.claim.message = (struct span){ 0 };
		f.claim.digest = &digest;
		assert_int_equal(log_fixture_verify(&f, &seen, NULL), NOTAR_OK);
		digest.bytes[31] ^= 1;
		refuses(&f, NOTAR_E_DIGEST, "content");
		digest.alg = NOTAR_SHA512;
		refuses(&f, NOTAR_E_DIGEST, "content");
		digest.alg = NOTAR_DIGEST_NONE;
		refuses(&f, NOTAR_E_DIGEST, "content");
	}
}

static void
a_time_without_a_promise_is_none_CVE_2024_55655_CVE_2026_48816(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(log_fixture) f;
	struct log_seen seen = { 0 };

	log_fixture_init(&f, "log-dsse");
	f.entry.has_promise = false;
	assert_int_equal(log_fixture_verify(&f, &seen, NULL), NOTAR_OK);
	assert_ptr_equal(seen.log, &f.log);
	assert_int_equal(seen.time_s, 0);
	seen.log = NULL;
	f.entry.integrated_s = f.cert->not_after_s;
	assert_int_equal(log_fixture_verify(&f, &seen, NULL), NOTAR_OK);
	f.entry.integrated_s = f.cert->not_after_s + 1;
	refuses(&f, NOTAR_E_SIGNATURE, "outside of the certificate");
	f.entry.integrated_s = f.cert->not_before_s - 1;
	refuses(&f, NOTAR_E_SIGNATURE, "outside of the certificate");
}

static void
an_older_bundle_needs_a_promise_and_no_proof(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(log_fixture) f;
	struct log_seen seen = { 0 };

	log_fixture_init(&f, "log-dsse");
	f.entry.has_proof = false;
	assert_int_equal(log_entry_verify(&f.entry, &f.claim, false, &f.roots, &seen, NULL),
			 NOTAR_OK);
	assert_int_equal(seen.time_s, f.entry.integrated_s);
	f.entry.has_proof = true;
	f.entry.has_promise = false;
	assert_int_equal(log_entry_verify(&f.entry, &f.claim, false, &f.roots, &seen, NULL),
			 NOTAR_E_FORMAT);
}

static void
a_log_that_no_root_knows_says_nothing_but_is_bound(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(folders); i++) {
		NOTAR_AUTO_OF(log_fixture) f;
		struct log_seen seen = { .log = &f.log, .time_s = 1 };

		log_fixture_init(&f, folders[i]);
		f.log.id[0] ^= 1;
		assert_int_equal(log_fixture_verify(&f, &seen, NULL), NOTAR_OK);
		assert_null(seen.log);
		assert_int_equal(seen.time_s, 0);
		flip(f.claim.signature, 20);
		refuses(&f, NOTAR_E_DIGEST, "another signature");
	}
}

static void
of_two_logs_with_one_id_the_one_that_holds_counts(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(log_fixture) f;
	NOTAR_AUTO_OF(log_fixture) other;
	struct notar_error err = { 0 };
	struct log_seen seen = { 0 };

	log_fixture_init(&f, "log-dsse");
	log_fixture_init(&other, "log-intoto");
	memcpy(other.log.id, f.log.id, FACT_ID_BYTES);
	const struct trusted_root *both[] = { &other.root, &f.root };
	const struct trusted_roots roots = { both, 2 };

	assert_int_equal(log_entry_verify(&f.entry, &f.claim, true, &roots, &seen, &err), NOTAR_OK);
	assert_ptr_equal(seen.log, &f.log);
	assert_int_equal(err.msg[0], '\0');
	const struct trusted_roots wrong = { both, 1 };

	seen.log = NULL;
	assert_int_equal(log_entry_verify(&f.entry, &f.claim, true, &wrong, &seen, &err),
			 NOTAR_E_SIGNATURE);
	assert_null(seen.log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_real_logs_said_holds),
		cmocka_unit_test(each_part_of_an_entry_is_refused_for_its_own_reason),
		cmocka_unit_test(a_proof_of_rekor_v1_is_of_the_checkpoint_s_own_state),
		cmocka_unit_test(a_genuine_checkpoint_of_another_state_is_refused),
		cmocka_unit_test(what_a_tiled_log_s_proof_says_of_itself_is_passed_over),
		cmocka_unit_test(a_checkpoint_that_nobody_signed_is_refused_CVE_2024_54140),
		cmocka_unit_test(
			an_entry_of_another_signature_is_refused_CVE_2022_23649_CVE_2024_53267),
		cmocka_unit_test(an_entry_of_other_content_is_refused_CVE_2024_53267),
		cmocka_unit_test(an_entry_of_another_signer_is_refused_CVE_2024_53267),
		cmocka_unit_test(a_kind_goes_only_with_its_content),
		cmocka_unit_test(a_blob_that_is_not_at_hand_is_bound_by_its_digest),
		cmocka_unit_test(a_time_without_a_promise_is_none_CVE_2024_55655_CVE_2026_48816),
		cmocka_unit_test(an_older_bundle_needs_a_promise_and_no_proof),
		cmocka_unit_test(a_log_that_no_root_knows_says_nothing_but_is_bound),
		cmocka_unit_test(of_two_logs_with_one_id_the_one_that_holds_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
