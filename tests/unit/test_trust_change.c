/* SPDX-License-Identifier: Apache-2.0 */
#include "store/trust_change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/digest.h"
#include "store/change_log.h"
#include "tests/lib/store_fixture.h"

static void
add_makes_a_key_count_and_is_written_down(void **state)
{
	struct store_fixture *f = *state;
	struct trusted_key key;
	struct notar_error err = { 0 };

	assert_true(fixture_trust(f, TRUST_ADD, "one", "release"));
	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
	assert_int_equal(fixture_get(f, "one", &key), NOTAR_OK);
	assert_int_equal(key.status, TRUSTED_KEY_ACTIVE);
	assert_true(span_is(key.signer, "release"));
	assert_true(span_is(key.origin, "local"));
	assert_int_equal(store_trust_generation(f->reader), 1);
	assert_int_equal(fixture_log_length(f), 1);
}

static void
saying_the_same_again_writes_nothing(void **state)
{
	struct store_fixture *f = *state;

	assert_true(fixture_trust(f, TRUST_ADD, "one", "release"));
	assert_false(fixture_trust(f, TRUST_ADD, "one", "release"));
	assert_int_equal(store_trust_generation(f->reader), 1);
	assert_int_equal(fixture_log_length(f), 1);
}

static void
a_revoked_key_does_not_come_back(void **state)
{
	struct store_fixture *f = *state;
	static const enum trust_verb verbs[] = { TRUST_ADD, TRUST_STAGE, TRUST_RETIRE };
	struct trusted_key key;

	assert_true(fixture_trust(f, TRUST_ADD, "one", "release"));
	assert_true(fixture_trust(f, TRUST_REVOKE, "one", ""));
	for (size_t i = 0; i < NOTAR_COUNT(verbs); i++)
		assert_int_equal(fixture_try(f, verbs[i], "one", "release"), NOTAR_E_EXISTS);
	assert_int_equal(fixture_get(f, "one", &key), NOTAR_OK);
	assert_int_equal(key.status, TRUSTED_KEY_REVOKED);
	assert_int_equal(fixture_log_length(f), 2);
}

static void
revoking_does_not_take_back_compromised(void **state)
{
	struct store_fixture *f = *state;
	struct trusted_key key;

	assert_true(fixture_trust(f, TRUST_ADD, "one", "release"));
	assert_true(fixture_trust(f, TRUST_COMPROMISE, "one", ""));
	assert_false(fixture_trust(f, TRUST_REVOKE, "one", ""));
	assert_int_equal(fixture_get(f, "one", &key), NOTAR_OK);
	assert_int_equal(key.status, TRUSTED_KEY_COMPROMISED);
}

static void
a_key_can_be_revoked_before_anybody_trusted_it(void **state)
{
	struct store_fixture *f = *state;
	struct trusted_key key;

	assert_true(fixture_trust(f, TRUST_REVOKE, "unknown", ""));
	assert_int_equal(fixture_get(f, "unknown", &key), NOTAR_OK);
	assert_int_equal(key.status, TRUSTED_KEY_REVOKED);
	assert_int_equal(fixture_try(f, TRUST_ADD, "unknown", "release"), NOTAR_E_EXISTS);
}

static void
an_id_alone_must_be_known(void **state)
{
	struct store_fixture *f = *state;
	struct trust_change change = { .verb = TRUST_REVOKE, .at_s = 1 };
	struct notar_error err = { 0 };
	uint64_t generation;
	bool changed;

	assert_int_equal(trust_change_apply(f->store, &change, &changed, &generation, &err),
			 NOTAR_E_NOT_FOUND);
	assert_int_equal(fixture_log_length(f), 0);
}

static void
what_cannot_be_meant_is_refused(void **state)
{
	struct store_fixture *f = *state;
	char long_name[LIMIT_SIGNER_CHARS + 2];
	struct notar_error err = { 0 };
	uint64_t generation;
	bool changed;

	memset(long_name, 'x', sizeof(long_name));
	const struct trust_change bad[] = {
		{ .signer = span_of(long_name, LIMIT_SIGNER_CHARS + 1) },
		{ .origin = span_of(long_name, LIMIT_ORIGIN_CHARS + 1) },
		{ .not_before_s = 2, .not_after_s = 1 },
		{ .not_before_s = -1 },
		{ .compromised_since_s = -1 },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		struct trust_change change = bad[i];

		fixture_name_key(&change, "one");
		assert_int_equal(trust_change_apply(f->store, &change, &changed, &generation, &err),
				 NOTAR_E_USAGE);
	}
	struct trust_change other = { .spki = span_str("one") };

	assert_int_equal(trust_change_apply(f->store, &other, &changed, &generation, &err),
			 NOTAR_E_INTERNAL);
	assert_int_equal(fixture_log_length(f), 0);
}

/* What another process has been told counts for the next transaction here. */
static void
a_change_in_another_process_is_seen_at_the_next_question(void **state)
{
	struct store_fixture *f = *state;
	struct trusted_key key;
	int status;
	pid_t child = fork();

	if (child == 0) {
		/* A new process opens for itself; LMDB forbids using what was open before. */
		const struct store_options options = { .create = true };
		struct trust_change change = { .verb = TRUST_ADD, .at_s = 1 };
		struct store *store;
		struct notar_error err = { 0 };
		uint64_t generation;
		bool changed;

		fixture_name_key(&change, "childs");
		if (store_open(f->folder, &options, &store, &err) != NOTAR_OK ||
		    trust_change_apply(store, &change, &changed, &generation, &err) != NOTAR_OK)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(fixture_get(f, "childs", &key), NOTAR_OK);
}

static void
every_truncation_of_a_key_row_is_an_error(void **state)
{
	(void)state;
	struct trusted_key key = { .status = TRUSTED_KEY_ACTIVE,
				   .signer = span_str("release"),
				   .origin = span_str("local"),
				   .spki = span_str("spki") };
	NOTAR_AUTO_OF(buf) row = { 0 };
	uint8_t id[TRUSTED_KEY_ID_BYTES] = { 0 };
	struct notar_error err = { 0 };
	struct trusted_key out = { 0 };

	trusted_key_encode(&key, &row);
	assert_int_equal(trusted_key_decode(span_of(id, sizeof(id)), buf_span(&row), &out, &err),
			 NOTAR_OK);
	for (size_t len = 0; len < row.len; len++) {
		struct trusted_key cut = { 0 };

		assert_int_equal(trusted_key_decode(span_of(id, sizeof(id)), span_of(row.ptr, len),
						    &cut, &err),
				 NOTAR_E_STORE);
		assert_int_equal(cut.status, 0);
	}
	buf_append_byte(&row, 0);
	assert_int_equal(trusted_key_decode(span_of(id, sizeof(id)), buf_span(&row), &out, &err),
			 NOTAR_E_STORE);
}

static void
a_row_of_another_version_or_status_is_an_error(void **state)
{
	(void)state;
	struct trusted_key key = { .status = TRUSTED_KEY_ACTIVE,
				   .origin = span_str("local"),
				   .spki = span_str("spki") };
	NOTAR_AUTO_OF(buf) row = { 0 };
	uint8_t id[TRUSTED_KEY_ID_BYTES] = { 0 };
	struct notar_error err = { 0 };

	trusted_key_encode(&key, &row);
	for (unsigned byte = 0; byte < 2; byte++)
		for (unsigned value = 0; value < 256; value++) {
			struct trusted_key out;
			uint8_t was = row.ptr[byte];

			row.ptr[byte] = (uint8_t)value;
			bool good = byte == 0 ? value == 1 :
						value >= 1 && value <= TRUSTED_KEY_STATUS_LAST;

			assert_int_equal(trusted_key_decode(span_of(id, sizeof(id)), buf_span(&row),
							    &out, &err) == NOTAR_OK,
					 good);
			row.ptr[byte] = was;
		}
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, store_fixture_up, store_fixture_down)
	const struct CMUnitTest tests[] = {
		T(add_makes_a_key_count_and_is_written_down),
		T(saying_the_same_again_writes_nothing),
		T(a_revoked_key_does_not_come_back),
		T(revoking_does_not_take_back_compromised),
		T(a_key_can_be_revoked_before_anybody_trusted_it),
		T(an_id_alone_must_be_known),
		T(what_cannot_be_meant_is_refused),
		T(a_change_in_another_process_is_seen_at_the_next_question),
		T(every_truncation_of_a_key_row_is_an_error),
		T(a_row_of_another_version_or_status_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
