/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/digest.h"
#include "store/change_log.h"

#define NOW 1800000000

int
store_fixture_up(void **state)
{
	const struct store_options options = { .create = true, .map_bytes = 256U << 20 };
	struct store_fixture *f = calloc(1, sizeof(*f));
	struct notar_error err = { 0 };

	assert_non_null(f);
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/notar-store-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	if (store_open(f->folder, &options, &f->store, &err) != NOTAR_OK ||
	    store_reader_new(f->store, &f->reader, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	*state = f;
	return 0;
}

int
store_fixture_down(void **state)
{
	struct store_fixture *f = *state;
	static const char *const names[] = { "data.mdb", "lock.mdb" };

	store_reader_free(f->reader);
	store_free(f->store);
	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "%s/%s", f->folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(f->folder);
	free(f);
	return 0;
}

void
fixture_name_key(struct trust_change *change, const char *key)
{
	struct notar_digest id = digest_of(NOTAR_SHA256, span_str(key));

	change->spki = span_str(key);
	memcpy(change->id, id.bytes, sizeof(change->id));
}

static enum notar_code
apply(struct store_fixture *f, enum trust_verb verb, const char *key, const char *signer,
      bool *changed, struct notar_error *err)
{
	struct trust_change change = { .verb = verb, .signer = span_str(signer), .at_s = NOW };
	uint64_t generation;

	fixture_name_key(&change, key);
	return trust_change_apply(f->store, &change, changed, &generation, err);
}

enum notar_code
fixture_try(struct store_fixture *f, enum trust_verb verb, const char *key, const char *signer)
{
	struct notar_error err = { 0 };
	bool changed;

	return apply(f, verb, key, signer, &changed, &err);
}

bool
fixture_trust(struct store_fixture *f, enum trust_verb verb, const char *key, const char *signer)
{
	struct notar_error err = { 0 };
	bool changed = false;

	if (apply(f, verb, key, signer, &changed, &err) != NOTAR_OK ||
	    store_reader_renew(f->reader, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	return changed;
}

enum notar_code
fixture_get(struct store_fixture *f, const char *key, struct trusted_key *out)
{
	struct notar_digest id = digest_of(NOTAR_SHA256, span_str(key));
	struct notar_error err = { 0 };

	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
	return trusted_key_get(f->reader, id.bytes, out, &err);
}

static bool
count_change(void *context, const struct change *change)
{
	size_t *count = context;

	(*count)++;
	return change->number == *count;
}

size_t
fixture_log_length(struct store_fixture *f)
{
	struct notar_error err = { 0 };
	size_t count = 0;

	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
	assert_int_equal(change_log_each(f->reader, 0, count_change, &count, &err), NOTAR_OK);
	return count;
}
