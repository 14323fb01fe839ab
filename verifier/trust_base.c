/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/trust_base.h"

#include <stdlib.h>

#include "base/limits.h"
#include "store/policy_row.h"
#include "store/trusted_keys.h"
#include "verifier/snapshot.h"

void
trust_base_release(struct trust_base *base)
{
	snapshot_keyring_release(&base->ring);
	for (size_t i = 0; i < base->stored_count; i++)
		key_free(base->stored[i].key);
	free(base->stored);
	policy_free(base->policy);
	*base = (struct trust_base){ 0 };
}

static enum notar_code
load_keys(const struct notar_verify_options *options, struct policy **out, struct notar_error *err)
{
	struct key **keys = calloc(options->key_count, sizeof(struct key *));
	enum notar_code code = NOTAR_OK;
	size_t loaded = 0;

	if (keys == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for keys");
	while (code == NOTAR_OK && loaded < options->key_count) {
		code = key_load_public(span_str(options->keys[loaded]), &keys[loaded], err);
		loaded += code == NOTAR_OK ? 1 : 0;
	}
	if (code == NOTAR_OK)
		code = policy_of_keys(keys, loaded,
				      options->threshold == 0 ? 1 : options->threshold,
				      options->predicate_type, out, err);
	else
		for (size_t i = 0; i < loaded; i++)
			key_free(keys[i]);
	free(keys);
	return code;
}

static bool
has_identity(const struct notar_verify_options *options)
{
	return options->identity.subject != NULL || options->identity.subject_pattern != NULL ||
	       options->identity.issuer != NULL || options->identity.issuer_pattern != NULL;
}

static enum notar_code
load_identity(const struct notar_verify_options *options, struct policy **out,
	      struct notar_error *err)
{
	const struct keyless_words words = { options->identity.issuer,
					     options->identity.issuer_pattern,
					     options->identity.subject,
					     options->identity.subject_pattern };
	NOTAR_AUTO(trusted_root) *root = NULL;

	NOTAR_TRY(trusted_root_load(span_str(options->trusted_root), &root, err));
	return policy_of_identities(&words, NOTAR_TAKE(root), options->predicate_type, out, err);
}

/* With a trusted root, what a key has signed must be logged, too. */
static enum notar_code
demand_log(const struct notar_verify_options *options, struct policy *policy,
	   struct notar_error *err)
{
	NOTAR_AUTO(trusted_root) *root = NULL;

	if (options->trusted_root == NULL)
		return NOTAR_OK;
	NOTAR_TRY(trusted_root_load(span_str(options->trusted_root), &root, err));
	return policy_demand_log(policy, NOTAR_TAKE(root), err);
}

static enum notar_code
check_options(const struct notar_verify_options *options, struct notar_error *err)
{
	if (options->key_count > LIMIT_KEYRING || options->annotation_count > LIMIT_ANNOTATIONS)
		return notar_fail(err, NOTAR_E_USAGE, "too many keys or annotations");
	if (options->threshold > options->key_count && options->key_count > 0)
		return notar_fail(err, NOTAR_E_USAGE, "the threshold is more than the keys given");
	if (options->key_count == 0 && !has_identity(options) && options->policy == NULL &&
	    options->state == NULL)
		return notar_fail(err, NOTAR_E_USAGE,
				  "neither keys nor an identity nor a policy nor a store");
	if (has_identity(options) && (options->key_count > 0 || options->trusted_root == NULL))
		return notar_fail(err, NOTAR_E_USAGE,
				  "an identity needs a trusted root, and no keys");
	return NOTAR_OK;
}

static bool
add_stored(void *context, const struct trusted_key *row)
{
	struct trust_base *base = context;
	struct stored_key *grown =
		realloc(base->stored, (base->stored_count + 1) * sizeof(*base->stored));
	struct notar_error err;

	if (grown == NULL)
		return false;
	base->stored = grown;
	struct stored_key *to = &base->stored[base->stored_count++];

	*to = (struct stored_key){ .standing = trusted_key_standing(row) };
	memcpy(to->id, row->id, KEY_ID_BYTES);
	if (key_load_public(row->spki, &to->key, &err) != NOTAR_OK)
		to->key = NULL;
	return true;
}

static int
compare_ids(const void *id, const void *stored)
{
	return memcmp(id, ((const struct stored_key *)stored)->id, KEY_ID_BYTES);
}

static enum notar_code
look_up(void *context, const uint8_t id[KEY_ID_BYTES], struct key_standing *out)
{
	const struct trust_base *base = context;
	const struct stored_key *found = base->stored_count == 0 ?
						 NULL :
						 bsearch(id, base->stored, base->stored_count,
							 sizeof(*base->stored), compare_ids);

	if (found != NULL)
		*out = found->standing;
	return NOTAR_OK;
}

static enum notar_code
read_store(struct store_reader *reader, bool want_policy, struct trust_base *base,
	   struct notar_error *err)
{
	struct policy_row row;

	NOTAR_TRY(trusted_keys_each(reader, add_stored, base, err));
	if (!want_policy || policy_row_generation(reader) == 0)
		return NOTAR_OK;
	NOTAR_TRY(policy_row_get(reader, &row, err));
	return policy_load(row.document, &base->policy, err);
}

static enum notar_code
load_store(const struct notar_verify_options *options, struct trust_base *base,
	   struct notar_error *err)
{
	const struct store_options how = { .read_only = true };
	NOTAR_AUTO(store) *store = NULL;
	NOTAR_AUTO(store_reader) *reader = NULL;
	bool want_policy = base->policy == NULL;

	NOTAR_TRY(store_open(options->state, &how, &store, err));
	NOTAR_TRY(store_reader_new(store, &reader, err));
	NOTAR_TRY(store_reader_renew(reader, err));
	base->book = (struct key_book){ look_up, base };
	return read_store(reader, want_policy, base, err);
}

/* Every key of the policy and the store, whatever it will count for. */
static enum notar_code
collect_ring(struct trust_base *base, struct notar_error *err)
{
	struct key_snapshot stored = { .keys = calloc(base->stored_count + 1,
						      sizeof(struct key *)) };

	if (stored.keys == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for keys");
	for (size_t i = 0; i < base->stored_count; i++)
		if (base->stored[i].key != NULL)
			stored.keys[stored.count++] = base->stored[i].key;
	enum notar_code code = snapshot_keyring(base->policy, &stored, &base->ring, err);

	free(stored.keys);
	return code;
}

enum notar_code
trust_base_load(const struct notar_verify_options *options, struct trust_base *out,
		struct notar_error *err)
{
	NOTAR_TRY(check_options(options, err));
	if (has_identity(options)) {
		NOTAR_TRY(load_identity(options, &out->policy, err));
	} else if (options->key_count > 0) {
		NOTAR_TRY(load_keys(options, &out->policy, err));
		NOTAR_TRY(demand_log(options, out->policy, err));
	} else if (options->policy != NULL) {
		NOTAR_TRY(policy_load(span_str(options->policy), &out->policy, err));
	}
	if (options->state != NULL)
		NOTAR_TRY(load_store(options, out, err));
	return collect_ring(out, err);
}
