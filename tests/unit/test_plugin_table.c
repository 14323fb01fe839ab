/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/plugin_table.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define START 1000000

static const struct plugin_answer yes = { .known = true, .all_processed = true };
static const struct plugin_answer failure = { .failed = true };

/* All on one shelf when first is the same. */
static const uint8_t *
key_of(uint8_t first, uint8_t second, uint8_t key[PLUGIN_KEY_BYTES])
{
	memset(key, 0, PLUGIN_KEY_BYTES);
	key[0] = first;
	key[1] = second;
	return key;
}

static bool
has(const struct plugin_table *table, uint8_t first, uint8_t second, int64_t now_ms)
{
	uint8_t key[PLUGIN_KEY_BYTES];
	struct plugin_answer answer = yes;
	bool found = plugin_table_get(table, key_of(first, second, key), now_ms, &answer);

	assert_int_equal(found, answer.known || answer.failed);
	return found;
}

static void
put(struct plugin_table *table, uint8_t first, uint8_t second, const struct plugin_answer *answer,
    int64_t now_ms)
{
	uint8_t key[PLUGIN_KEY_BYTES];

	plugin_table_put(table, key_of(first, second, key), answer, now_ms);
}

static void
an_answer_lasts_its_time_and_not_a_millisecond_longer(void **state)
{
	(void)state;
	NOTAR_AUTO(plugin_table) *table = plugin_table_new();

	assert_false(has(table, 1, 1, START));
	put(table, 1, 1, &yes, START);
	assert_true(has(table, 1, 1, START));
	assert_true(has(table, 1, 1, START + PLUGIN_ANSWER_MS - 1));
	assert_false(has(table, 1, 1, START + PLUGIN_ANSWER_MS));
	assert_false(has(table, 1, 1, START - 1));
	assert_false(has(table, 1, 2, START));
	assert_false(has(table, 2, 1, START));
}

static void
looking_up_does_not_make_it_last(void **state)
{
	(void)state;
	NOTAR_AUTO(plugin_table) *table = plugin_table_new();

	put(table, 1, 1, &yes, START);
	for (int64_t at = START; at < START + PLUGIN_ANSWER_MS; at += 1000)
		assert_true(has(table, 1, 1, at));
	assert_false(has(table, 1, 1, START + PLUGIN_ANSWER_MS));
}

static void
a_failure_is_kept_for_seconds_only(void **state)
{
	(void)state;
	NOTAR_AUTO(plugin_table) *table = plugin_table_new();

	put(table, 1, 1, &failure, START);
	assert_true(has(table, 1, 1, START + PLUGIN_FAILURE_MS - 1));
	assert_false(has(table, 1, 1, START + PLUGIN_FAILURE_MS));
}

static void
a_later_answer_replaces_the_earlier_one(void **state)
{
	(void)state;
	NOTAR_AUTO(plugin_table) *table = plugin_table_new();
	uint8_t key[PLUGIN_KEY_BYTES];
	struct plugin_answer answer;

	put(table, 1, 1, &yes, START);
	put(table, 1, 1, &failure, START + 1);
	assert_true(plugin_table_get(table, key_of(1, 1, key), START + 2, &answer));
	assert_true(answer.failed && !answer.known && !answer.all_processed);
	assert_false(has(table, 1, 1, START + 1 + PLUGIN_FAILURE_MS));
}

static void
a_full_shelf_gives_up_its_oldest_and_grows_no_further(void **state)
{
	(void)state;
	NOTAR_AUTO(plugin_table) *table = plugin_table_new();
	unsigned left = 0;

	put(table, 2, 0, &yes, START);
	for (int i = 0; i < 256; i++)
		put(table, 1, (uint8_t)i, &yes, START + i);
	assert_true(has(table, 1, 255, START + 256));
	assert_false(has(table, 1, 0, START + 256));
	assert_true(has(table, 2, 0, START + 256));
	for (int i = 0; i < 256; i++)
		left += has(table, 1, (uint8_t)i, START + 256) ? 1 : 0;
	assert_int_equal(left, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_lasts_its_time_and_not_a_millisecond_longer),
		cmocka_unit_test(looking_up_does_not_make_it_last),
		cmocka_unit_test(a_failure_is_kept_for_seconds_only),
		cmocka_unit_test(a_later_answer_replaces_the_earlier_one),
		cmocka_unit_test(a_full_shelf_gives_up_its_oldest_and_grows_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
