/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/evaluate_keyless.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NOW INT64_C(1800000000)
#define HOUR INT64_C(3600)
#define ISSUER "https://issuer.example"
#define SUBJECT "https://shop.example/release.yml"

/* Identities are one byte, repeated. */
enum id { ID_CA = 1, ID_CA2, ID_LOG, ID_LOG2, ID_TILED, ID_CT, ID_CT2, ID_TSA, ID_TSA2, IDS };

static const uint8_t *
id_bytes(enum id id)
{
	static uint8_t ids[IDS][FACT_ID_BYTES];

	memset(ids[id], id, FACT_ID_BYTES);
	return ids[id];
}

/* A root, a signer and a signature, all good until a test breaks one. */
struct world {
	struct root_log logs[4], ct_logs[2];
	struct root_authority cas[2], tsas[2];
	struct trusted_root root;
	struct keyless_identity identities[2];
	struct policy_keyless signer;
	struct fact fact;
	struct buf paths, log_rows, scts, times, extensions;
};

static void
set_log(struct root_log *log, enum id id)
{
	memcpy(log->identity, id_bytes(id), FACT_ID_BYTES);
	log->valid = (struct validity){ (NOW - HOUR) * 1000, (NOW + HOUR) * 1000 };
}

static void
set_authority(struct root_authority *authority, enum id id)
{
	memcpy(authority->identity, id_bytes(id), FACT_ID_BYTES);
	authority->valid = (struct validity){ (NOW - HOUR) * 1000, (NOW + HOUR) * 1000 };
}

static void
add_path(struct world *w, enum id ca, int64_t from_s, int64_t to_s)
{
	const struct fact_path path = { id_bytes(ca), from_s, to_s };

	fact_path_append(&w->paths, &path);
	w->fact.paths = buf_span(&w->paths);
}

static void
add_entry(struct world *w, enum id log, bool is_tiled, int64_t time_s)
{
	const struct fact_log row = { id_bytes(log), is_tiled, time_s };

	fact_log_append(&w->log_rows, &row);
	w->fact.logs = buf_span(&w->log_rows);
}

static void
add_sct(struct world *w, enum id log, int64_t time_ms)
{
	fact_sct_append(&w->scts, id_bytes(log), time_ms);
	w->fact.scts = buf_span(&w->scts);
}

static void
add_time(struct world *w, enum fact_time_source source, enum id id, int64_t time_s)
{
	fact_time_append(&w->times, source, id_bytes(id), time_s);
	w->fact.times = buf_span(&w->times);
}

static void
add_extension(struct world *w, size_t number, const char *text)
{
	fact_extension_append(&w->extensions, number, span_str(text));
	w->fact.extensions = buf_span(&w->extensions);
}

static void
set_operator(struct buf *to, const char *name)
{
	buf_append_str(to, name);
}

static void
world_empty(struct world *w)
{
	*w = (struct world){ 0 };
	set_log(&w->logs[0], ID_LOG);
	set_log(&w->logs[1], ID_LOG2);
	set_log(&w->logs[2], ID_TILED);
	set_log(&w->ct_logs[0], ID_CT);
	set_log(&w->ct_logs[1], ID_CT2);
	set_authority(&w->cas[0], ID_CA);
	set_authority(&w->cas[1], ID_CA2);
	set_authority(&w->tsas[0], ID_TSA);
	set_authority(&w->tsas[1], ID_TSA2);
	w->root = (struct trusted_root){ .logs = w->logs,
					 .ct_logs = w->ct_logs,
					 .log_count = 3,
					 .ct_log_count = 2,
					 .cas = w->cas,
					 .tsas = w->tsas,
					 .ca_count = 2,
					 .tsa_count = 2 };
	w->identities[0].issuer.text = (char *)(uintptr_t)ISSUER;
	w->identities[0].subject.text = (char *)(uintptr_t)SUBJECT;
	w->signer = (struct policy_keyless){ .identities = w->identities,
					     .count = 1,
					     .root = &w->root,
					     .logs = 1,
					     .scts = 1,
					     .times = 1 };
	w->fact = (struct fact){ .proof = FACT_BY_FULCIO,
				 .issuer = span_str(ISSUER),
				 .san = span_str(SUBJECT) };
	add_path(w, ID_CA, NOW - 600, NOW + 600);
	add_sct(w, ID_CT, NOW * 1000);
}

/* A log that promises its time. */
static void
world_init(struct world *w)
{
	world_empty(w);
	add_entry(w, ID_LOG, false, NOW);
}

/* A log that promises none (Rekor v2), and a timestamp. */
static void
world_tiled(struct world *w)
{
	world_empty(w);
	add_entry(w, ID_TILED, true, 0);
	add_time(w, FACT_TIME_TSA, ID_TSA, NOW);
}

static void
world_release(struct world *w)
{
	buf_release(&w->paths);
	buf_release(&w->log_rows);
	buf_release(&w->scts);
	buf_release(&w->times);
	buf_release(&w->extensions);
	for (size_t i = 0; i < NOTAR_COUNT(w->logs); i++)
		buf_release(&w->logs[i].operator_name);
	for (size_t i = 0; i < 2; i++) {
		buf_release(&w->ct_logs[i].operator_name);
		buf_release(&w->tsas[i].operator_name);
		pattern_free(w->identities[i].issuer.pattern);
		pattern_free(w->identities[i].subject.pattern);
	}
}

#define EXPECT(w, reason) assert_int_equal(evaluate_keyless(&(w)->signer, &(w)->fact), reason)

static void
what_is_all_there_is_trusted(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;
	NOTAR_AUTO_OF(world) tiled;

	world_init(&w);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	world_tiled(&tiled);
	EXPECT(&tiled, NOTAR_REASON_TRUSTED);
}

static void
zeroes_are_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;
	const struct policy_keyless nobody = { 0 };
	const struct fact nothing = { 0 };

	world_init(&w);
	assert_int_equal(evaluate_keyless(&nobody, &w.fact), NOTAR_REASON_UNTRUSTED_KEY);
	assert_int_equal(evaluate_keyless(&w.signer, &nothing), NOTAR_REASON_UNTRUSTED_KEY);
	assert_int_equal(evaluate_logged(&nobody, &w.fact), NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	w.fact.proof = FACT_BY_X509;
	EXPECT(&w, NOTAR_REASON_UNTRUSTED_KEY);
}

static void
without_a_path_to_an_authority_nobody_is_known(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.fact.paths = (struct span){ 0 };
	EXPECT(&w, NOTAR_REASON_UNTRUSTED_KEY);
}

static void
an_authority_that_was_removed_does_not_count(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.root.cas = &w.cas[1];
	w.root.ca_count = 1;
	EXPECT(&w, NOTAR_REASON_UNTRUSTED_KEY);
}

static void
the_authoritys_validity_binds_with_both_ends(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.cas[0].valid = (struct validity){ NOW * 1000, NOW * 1000 };
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	w.cas[0].valid = (struct validity){ NOW * 1000 + 1, INT64_MAX };
	EXPECT(&w, NOTAR_REASON_KEY_EXPIRED);
	w.cas[0].valid = (struct validity){ INT64_MIN, NOW * 1000 - 1 };
	EXPECT(&w, NOTAR_REASON_KEY_EXPIRED);
}

/* intoto-with-custom-trust-root: the time is the leaf's notBefore. */
static void
the_paths_validity_binds_with_both_ends(void **state)
{
	static const struct {
		int64_t from_s, to_s;
		enum notar_reason reason;
	} cases[] = { { NOW, NOW, NOTAR_REASON_TRUSTED },
		      { NOW + 1, NOW + 600, NOTAR_REASON_KEY_EXPIRED },
		      { NOW - 600, NOW - 1, NOTAR_REASON_KEY_EXPIRED } };

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(world) w;

		world_init(&w);
		buf_clear(&w.paths);
		add_path(&w, ID_CA, cases[i].from_s, cases[i].to_s);
		EXPECT(&w, cases[i].reason);
	}
}

static void
cve_2026_24122_every_time_must_lie_in_the_whole_path(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	add_time(&w, FACT_TIME_TSA, ID_TSA, NOW + 600);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	add_time(&w, FACT_TIME_TSA, ID_TSA2, NOW + 601);
	EXPECT(&w, NOTAR_REASON_KEY_EXPIRED);
}

static void
a_promise_out_of_the_path_binds_beside_a_timestamp_in_it(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_tiled(&w);
	add_entry(&w, ID_LOG, false, NOW - 601);
	EXPECT(&w, NOTAR_REASON_KEY_EXPIRED);
}

static void
one_path_must_hold_at_all_times(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	add_time(&w, FACT_TIME_TSA, ID_TSA, NOW + 1000);
	add_path(&w, ID_CA2, NOW + 500, NOW + 1500);
	EXPECT(&w, NOTAR_REASON_KEY_EXPIRED);
	add_path(&w, ID_CA2, NOW - 500, NOW + 1500);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
}

static void
a_log_that_was_removed_does_not_count(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.root.logs = &w.logs[1];
	w.root.log_count = 2;
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	w.fact.logs = (struct span){ 0 };
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
}

static void
a_logs_validity_has_its_ends(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.logs[0].valid = (struct validity){ NOW * 1000, NOW * 1000 };
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	w.logs[0].valid = (struct validity){ NOW * 1000 + 1, INT64_MAX };
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	w.logs[0].valid = (struct validity){ INT64_MIN, NOW * 1000 - 1 };
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
}

/* A timestamp does not mend a promise that the log had no right to. */
static void
a_promise_out_of_the_logs_validity_is_no_proof(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	add_time(&w, FACT_TIME_TSA, ID_TSA, NOW + 1);
	w.logs[0].valid.from_ms = NOW * 1000 + 1;
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
}

static void
an_sct_of_a_log_that_was_removed_does_not_count(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.root.ct_logs = &w.ct_logs[1];
	w.root.ct_log_count = 1;
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	w.fact.scts = (struct span){ 0 };
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
}

static void
an_sct_lies_in_its_logs_validity_to_the_millisecond(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.ct_logs[0].valid = (struct validity){ NOW * 1000, NOW * 1000 };
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	w.ct_logs[0].valid.from_ms++;
	w.ct_logs[0].valid.to_ms++;
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
}

static void
a_log_is_none_for_certificates_and_the_reverse(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	buf_clear(&w.scts);
	add_sct(&w, ID_LOG, NOW * 1000);
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	add_sct(&w, ID_CT, NOW * 1000);
	buf_clear(&w.log_rows);
	add_entry(&w, ID_CT, false, NOW);
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
}

static void
cve_2026_49834_logs_are_counted_and_not_entries(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.signer.logs = 2;
	add_entry(&w, ID_LOG, false, NOW + 1);
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	add_entry(&w, ID_LOG2, false, NOW + 1);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
}

static void
cve_2026_49834_scts_of_one_log_count_once(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.signer.scts = 2;
	add_sct(&w, ID_CT, NOW * 1000 + 1);
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	add_sct(&w, ID_CT2, NOW * 1000);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	set_operator(&w.ct_logs[0].operator_name, "shop.example");
	set_operator(&w.ct_logs[1].operator_name, "shop.example");
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
}

static void
cve_2026_49834_authorities_are_counted_and_not_timestamps(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_tiled(&w);
	w.signer.timestamps = 2;
	add_time(&w, FACT_TIME_TSA, ID_TSA, NOW + 1);
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
	add_time(&w, FACT_TIME_TSA, ID_TSA2, NOW + 1);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
}

static void
logs_of_one_operator_count_once(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.signer.logs = 2;
	add_entry(&w, ID_LOG2, false, NOW);
	set_operator(&w.logs[0].operator_name, "shop.example");
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	set_operator(&w.logs[1].operator_name, "shop.example");
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	buf_append_str(&w.logs[1].operator_name, ".org");
	EXPECT(&w, NOTAR_REASON_TRUSTED);
}

static void
a_log_and_an_authority_of_one_operator_give_one_time(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.signer.times = 2;
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
	add_time(&w, FACT_TIME_TSA, ID_TSA, NOW);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	set_operator(&w.logs[0].operator_name, "shop.example");
	set_operator(&w.tsas[0].operator_name, "shop.example");
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
}

static void
a_promise_is_no_timestamp(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.signer.timestamps = 1;
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
}

static void
cve_2024_55655_a_time_is_a_promise_or_a_timestamp(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_empty(&w);
	add_entry(&w, ID_LOG, false, 0);
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
	add_time(&w, FACT_TIME_LOG, ID_LOG, NOW);
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
	add_time(&w, FACT_TIME_LOG, ID_TSA, NOW);
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
	add_time(&w, FACT_TIME_TSA, ID_LOG, NOW);
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
	add_time(&w, FACT_TIME_TSA, ID_TSA, NOW);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
}

static void
a_tiled_log_without_a_timestamp_has_no_time(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_tiled(&w);
	w.fact.times = (struct span){ 0 };
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
}

static void
a_tiled_log_does_not_promise(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_empty(&w);
	add_entry(&w, ID_TILED, true, NOW);
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	add_time(&w, FACT_TIME_TSA, ID_TSA, NOW);
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
}

static void
a_tiled_log_is_valid_at_some_timestamp(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_tiled(&w);
	w.logs[2].valid = (struct validity){ NOW * 1000, NOW * 1000 };
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	w.logs[2].valid = (struct validity){ (NOW + 1) * 1000, INT64_MAX };
	EXPECT(&w, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	add_time(&w, FACT_TIME_TSA, ID_TSA2, NOW + 1);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
}

static void
a_timestamp_counts_by_an_authority_of_today_in_its_validity(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_tiled(&w);
	w.tsas[0].valid = (struct validity){ NOW * 1000, NOW * 1000 };
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	w.tsas[0].valid = (struct validity){ NOW * 1000 + 1, INT64_MAX };
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
	w.tsas[0].valid = (struct validity){ INT64_MIN, NOW * 1000 - 1 };
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
	w.tsas[0].valid = (struct validity){ INT64_MIN, INT64_MAX };
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	w.root.tsa_count = 0;
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
}

/* Nobody's word neither helps nor binds. */
static void
a_timestamp_of_a_stranger_is_ignored(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.root.tsa_count = 1;
	add_time(&w, FACT_TIME_TSA, ID_TSA2, NOW + 100000);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
}

static void
a_time_beyond_counting_is_out_of_every_validity(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	add_time(&w, FACT_TIME_TSA, ID_TSA, INT64_MAX);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	w.tsas[0].valid.to_ms = INT64_MAX;
	EXPECT(&w, NOTAR_REASON_KEY_EXPIRED);
}

static void
thresholds_of_none_do_not_give_a_time(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_empty(&w);
	w.signer.logs = w.signer.scts = w.signer.times = 0;
	EXPECT(&w, NOTAR_REASON_NO_TRUSTED_TIME);
	add_time(&w, FACT_TIME_TSA, ID_TSA, NOW);
	w.fact.scts = (struct span){ 0 };
	EXPECT(&w, NOTAR_REASON_TRUSTED);
}

static void
issuer_and_subject_are_exact(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.fact.issuer = span_str(ISSUER "/");
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
	w.fact.issuer = span_of(ISSUER "\0x", sizeof(ISSUER) + 1);
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
	w.fact.issuer = span_str(ISSUER);
	w.fact.san = span_str("x" SUBJECT);
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
	w.fact.san = (struct span){ 0 };
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
}

static void
issuer_and_subject_must_be_of_one_identity(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;
	char other[] = "https://other.example";

	world_init(&w);
	w.identities[1] = w.identities[0];
	w.identities[0].issuer.text = other;
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
	w.signer.count = 2;
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	w.identities[1].subject.text = other;
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
}

static void
a_pattern_takes_the_whole_of_a_name(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.identities[0].subject.text = NULL;
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
	assert_int_equal(pattern_compile(span_str("https://shop\\.example/.+\\.yml"),
					 &w.identities[0].subject.pattern, NULL),
			 NOTAR_OK);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	w.fact.san = span_str("https://evil.example/?" SUBJECT);
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
	w.fact.san = span_str(SUBJECT ".evil");
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
}

static void
an_extension_that_is_asked_for_is_there_and_equal(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;
	char wanted[] = "https://shop.example/app";

	world_init(&w);
	w.identities[0].extensions[12] = wanted;
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
	add_extension(&w, 13, wanted);
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
	add_extension(&w, 12, wanted);
	EXPECT(&w, NOTAR_REASON_TRUSTED);
	wanted[0] = 'H';
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
	wanted[0] = '\0';
	EXPECT(&w, NOTAR_REASON_IDENTITY_MISMATCH);
}

static void
a_key_that_must_be_logged_needs_the_log_only(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_empty(&w);
	w.signer.count = 0;
	w.fact = (struct fact){ .proof = FACT_BY_KEY };
	assert_int_equal(evaluate_logged(&w.signer, &w.fact), NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	add_entry(&w, ID_TILED, true, 0);
	assert_int_equal(evaluate_logged(&w.signer, &w.fact), NOTAR_REASON_TRUSTED);
	w.root.log_count = 2;
	assert_int_equal(evaluate_logged(&w.signer, &w.fact), NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	add_entry(&w, ID_LOG, false, NOW + 2 * HOUR);
	assert_int_equal(evaluate_logged(&w.signer, &w.fact), NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	add_entry(&w, ID_LOG, false, NOW);
	assert_int_equal(evaluate_logged(&w.signer, &w.fact), NOTAR_REASON_TRUSTED);
	w.signer.logs = 2;
	assert_int_equal(evaluate_logged(&w.signer, &w.fact), NOTAR_REASON_NO_TRANSPARENCY_PROOF);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_all_there_is_trusted),
		cmocka_unit_test(zeroes_are_refused),
		cmocka_unit_test(without_a_path_to_an_authority_nobody_is_known),
		cmocka_unit_test(an_authority_that_was_removed_does_not_count),
		cmocka_unit_test(the_authoritys_validity_binds_with_both_ends),
		cmocka_unit_test(the_paths_validity_binds_with_both_ends),
		cmocka_unit_test(cve_2026_24122_every_time_must_lie_in_the_whole_path),
		cmocka_unit_test(a_promise_out_of_the_path_binds_beside_a_timestamp_in_it),
		cmocka_unit_test(one_path_must_hold_at_all_times),
		cmocka_unit_test(a_log_that_was_removed_does_not_count),
		cmocka_unit_test(a_logs_validity_has_its_ends),
		cmocka_unit_test(a_promise_out_of_the_logs_validity_is_no_proof),
		cmocka_unit_test(an_sct_of_a_log_that_was_removed_does_not_count),
		cmocka_unit_test(an_sct_lies_in_its_logs_validity_to_the_millisecond),
		cmocka_unit_test(a_log_is_none_for_certificates_and_the_reverse),
		cmocka_unit_test(cve_2026_49834_logs_are_counted_and_not_entries),
		cmocka_unit_test(cve_2026_49834_scts_of_one_log_count_once),
		cmocka_unit_test(cve_2026_49834_authorities_are_counted_and_not_timestamps),
		cmocka_unit_test(logs_of_one_operator_count_once),
		cmocka_unit_test(a_log_and_an_authority_of_one_operator_give_one_time),
		cmocka_unit_test(a_promise_is_no_timestamp),
		cmocka_unit_test(cve_2024_55655_a_time_is_a_promise_or_a_timestamp),
		cmocka_unit_test(a_tiled_log_without_a_timestamp_has_no_time),
		cmocka_unit_test(a_tiled_log_does_not_promise),
		cmocka_unit_test(a_tiled_log_is_valid_at_some_timestamp),
		cmocka_unit_test(a_timestamp_counts_by_an_authority_of_today_in_its_validity),
		cmocka_unit_test(a_timestamp_of_a_stranger_is_ignored),
		cmocka_unit_test(a_time_beyond_counting_is_out_of_every_validity),
		cmocka_unit_test(thresholds_of_none_do_not_give_a_time),
		cmocka_unit_test(issuer_and_subject_are_exact),
		cmocka_unit_test(issuer_and_subject_must_be_of_one_identity),
		cmocka_unit_test(a_pattern_takes_the_whole_of_a_name),
		cmocka_unit_test(an_extension_that_is_asked_for_is_there_and_equal),
		cmocka_unit_test(a_key_that_must_be_logged_needs_the_log_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
