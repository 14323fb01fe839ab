/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/snapshot.h"

#include <pthread.h>
#include <stdlib.h>

#include "store/policy_row.h"
#include "store/revocations.h"
#include "store/trusted_keys.h"

/* A mutex for a pointer and a count: a bare atomic pointer could be freed between the load and
 * the count. Compiling happens under it too: rarely, and everybody needs the result. */
struct snapshots {
	pthread_mutex_t lock;
	struct policy_snapshot *policy;
	struct key_snapshot *keys;
};

struct snapshots *
snapshots_new(void)
{
	struct snapshots *snapshots = calloc(1, sizeof(*snapshots));

	if (snapshots != NULL)
		(void)pthread_mutex_init(&snapshots->lock, NULL);
	return snapshots;
}

static void
drop_policy(struct policy_snapshot *policy)
{
	if (policy == NULL || --policy->owners > 0)
		return;
	policy_free(policy->policy);
	free(policy);
}

static void
drop_keys(struct key_snapshot *keys)
{
	if (keys == NULL || --keys->owners > 0)
		return;
	for (size_t i = 0; i < keys->count; i++)
		key_free(keys->keys[i]);
	free(keys->keys);
	free(keys);
}

void
snapshots_free(struct snapshots *snapshots)
{
	if (snapshots == NULL)
		return;
	drop_policy(snapshots->policy);
	drop_keys(snapshots->keys);
	(void)pthread_mutex_destroy(&snapshots->lock);
	free(snapshots);
}

static enum notar_code
compile_policy(struct store_reader *reader, uint64_t generation, struct policy_snapshot **out,
	       struct notar_error *err)
{
	struct policy_snapshot *made = NULL;
	struct policy *policy = NULL;
	struct policy_row row;

	if (generation > 0) {
		NOTAR_TRY(policy_row_get(reader, &row, err));
		NOTAR_TRY(policy_load(row.document, &policy, err));
	}
	if ((made = calloc(1, sizeof(*made))) == NULL) {
		policy_free(policy);
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
	}
	*made = (struct policy_snapshot){ 1, generation, policy };
	*out = made;
	return NOTAR_OK;
}

static enum notar_code
renew_policy(struct snapshots *s, struct store_reader *reader, struct notar_error *err)
{
	uint64_t generation = policy_row_generation(reader);
	struct policy_snapshot *made = NULL;

	if (s->policy != NULL && s->policy->generation == generation)
		return NOTAR_OK;
	NOTAR_TRY(compile_policy(reader, generation, &made, err));
	drop_policy(s->policy);
	s->policy = made;
	return NOTAR_OK;
}

enum notar_code
snapshots_policy(struct snapshots *s, struct store_reader *reader, struct policy_snapshot **out,
		 struct notar_error *err)
{
	(void)pthread_mutex_lock(&s->lock);
	enum notar_code code = renew_policy(s, reader, err);

	if (code == NOTAR_OK) {
		s->policy->owners++;
		*out = s->policy;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return code;
}

void
snapshots_drop_policy(struct snapshots *s, struct policy_snapshot *policy)
{
	(void)pthread_mutex_lock(&s->lock);
	drop_policy(policy);
	(void)pthread_mutex_unlock(&s->lock);
}

/* A key that cannot be loaded stays out of the ring: it verifies nothing, so counts nothing. */
static bool
add_key(void *context, const struct trusted_key *row)
{
	struct key_snapshot *made = context;
	struct key *key = NULL;
	struct notar_error err;

	if (key_load_public(row->spki, &key, &err) != NOTAR_OK)
		return true;
	struct key **grown = realloc(made->keys, (made->count + 1) * sizeof(struct key *));

	if (grown == NULL) {
		key_free(key);
		return true;
	}
	made->keys = grown;
	made->keys[made->count++] = key;
	return true;
}

static enum notar_code
renew_keys(struct snapshots *s, struct store_reader *reader, struct notar_error *err)
{
	uint64_t generation = store_trust_generation(reader);

	if (s->keys != NULL && s->keys->generation == generation)
		return NOTAR_OK;
	struct key_snapshot *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for keys");
	made->owners = 1;
	made->generation = generation;
	enum notar_code code = trusted_keys_each(reader, add_key, made, err);

	if (code != NOTAR_OK) {
		drop_keys(made);
		return code;
	}
	drop_keys(s->keys);
	s->keys = made;
	return NOTAR_OK;
}

enum notar_code
snapshots_keys(struct snapshots *s, struct store_reader *reader, struct key_snapshot **out,
	       struct notar_error *err)
{
	(void)pthread_mutex_lock(&s->lock);
	enum notar_code code = renew_keys(s, reader, err);

	if (code == NOTAR_OK) {
		s->keys->owners++;
		*out = s->keys;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return code;
}

void
snapshots_drop_keys(struct snapshots *s, struct key_snapshot *keys)
{
	(void)pthread_mutex_lock(&s->lock);
	drop_keys(keys);
	(void)pthread_mutex_unlock(&s->lock);
}

static enum key_status
status_of(enum trusted_key_status status)
{
	switch (status) {
	case TRUSTED_KEY_STAGED:
		return KEY_STAGED;
	case TRUSTED_KEY_ACTIVE:
		return KEY_ACTIVE;
	case TRUSTED_KEY_RETIRED:
		return KEY_RETIRED;
	case TRUSTED_KEY_REVOKED:
	case TRUSTED_KEY_COMPROMISED:
		break;
	}
	return KEY_REVOKED;
}

struct key_standing
trusted_key_standing(const struct trusted_key *row)
{
	struct key_standing standing = { .status = status_of(row->status),
					 .not_before_s = row->not_before_s,
					 .not_after_s = row->not_after_s };

	/* The row's decoder bounds the name; the rest of the array is zero. */
	if (row->signer.len > 0 && row->signer.len < sizeof(standing.signer))
		memcpy(standing.signer, row->signer.ptr, row->signer.len);
	return standing;
}

static enum notar_code
look_up(void *context, const uint8_t id[KEY_ID_BYTES], struct key_standing *out)
{
	struct trusted_key row;
	struct notar_error err;
	enum notar_code code = trusted_key_get(context, id, &row, &err);

	if (code == NOTAR_E_NOT_FOUND)
		return NOTAR_OK;
	if (code == NOTAR_OK)
		*out = trusted_key_standing(&row);
	return code;
}

struct key_book
snapshot_key_book(struct store_reader *reader)
{
	return (struct key_book){ look_up, reader };
}

enum notar_code
snapshot_revocation(struct store_reader *reader, const uint8_t thumbprint[FACT_ID_BYTES],
		    int64_t now_s, struct revocation_answer *out)
{
	struct revocation_row row;
	struct notar_error err;
	enum notar_code code = revocation_row_get(reader, thumbprint, &row, &err);

	*out = (struct revocation_answer){ 0 };
	/* A damaged row is none: it will be asked for, and written, again. */
	if (code == NOTAR_E_NOT_FOUND || code == NOTAR_E_STORE)
		return NOTAR_OK;
	NOTAR_TRY(code);
	/* What was revoked stays so until somebody says otherwise; good news run out. */
	if (row.status != REVOCATION_REVOKED && row.next_update_s != 0 && row.next_update_s < now_s)
		return NOTAR_OK;
	*out = (struct revocation_answer){ (enum revocation_status)row.status, row.revoked_s,
					   row.invalidity_s, row.this_update_s, row.next_update_s };
	return NOTAR_OK;
}

static size_t
count_policy_keys(const struct policy *policy)
{
	size_t count = 0;

	for (size_t i = 0; policy != NULL && i < policy->signer_count; i++)
		count += policy->signers[i].count;
	return count;
}

/* Where timestamps may lead. */
static enum notar_code
collect_roots(const struct policy *policy, struct keyring *ring, struct notar_error *err)
{
	size_t room = 0;

	for (size_t i = 0; policy != NULL && i < policy->signer_count; i++)
		if (policy->signers[i].x509 != NULL) {
			ring->has_anchors = true;
			room += policy->signers[i].x509->anchors[X509_ANCHOR_TSA].count;
		}
	if (room == 0)
		return NOTAR_OK;
	const struct cert **roots = calloc(room, sizeof(struct cert *));

	if (roots == NULL) {
		snapshot_keyring_release(ring);
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for roots");
	}
	ring->roots = roots;
	for (size_t i = 0; i < policy->signer_count; i++) {
		const struct policy_x509 *x509 = policy->signers[i].x509;

		for (size_t k = 0; x509 != NULL && k < x509->anchors[X509_ANCHOR_TSA].count; k++)
			roots[ring->root_count++] = x509->anchors[X509_ANCHOR_TSA].certs[k];
	}
	return NOTAR_OK;
}

/* What certificates and logs may lead to, whoever of the policy it is for. */
static enum notar_code
collect_sigstore(const struct policy *policy, struct keyring *ring, struct notar_error *err)
{
	size_t count = policy == NULL ? 0 : policy->roots.count;
	const struct trusted_root **roots =
		count == 0 ? NULL : calloc(count, sizeof(struct trusted_root *));

	if (count == 0)
		return NOTAR_OK;
	if (roots == NULL) {
		snapshot_keyring_release(ring);
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for roots");
	}
	for (size_t i = 0; i < count; i++)
		roots[i] = policy->roots.items[i].root;
	ring->sigstore = (struct trusted_roots){ roots, count };
	return NOTAR_OK;
}

enum notar_code
snapshot_keyring(const struct policy *policy, const struct key_snapshot *keys, struct keyring *out,
		 struct notar_error *err)
{
	size_t count = 0, stored = keys == NULL ? 0 : keys->count;
	const struct key **ring =
		calloc(count_policy_keys(policy) + stored + 1, sizeof(struct key *));

	if (ring == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for keys");
	for (size_t i = 0; policy != NULL && i < policy->signer_count; i++)
		for (size_t k = 0; k < policy->signers[i].count; k++)
			ring[count++] = policy->signers[i].keys[k];
	for (size_t i = 0; i < stored; i++)
		ring[count++] = keys->keys[i];
	*out = (struct keyring){ .keys = ring, .count = count };
	NOTAR_TRY(collect_roots(policy, out, err));
	return collect_sigstore(policy, out, err);
}

void
snapshot_keyring_release(struct keyring *ring)
{
	union {
		const struct key *const *in;
		void *out;
	} bridge = { .in = ring->keys };
	union {
		const struct cert *const *in;
		void *out;
	} bridge_roots = { .in = ring->roots };
	union {
		const struct trusted_root *const *in;
		void *out;
	} bridge_sigstore = { .in = ring->sigstore.roots };

	free(bridge.out);
	free(bridge_roots.out);
	free(bridge_sigstore.out);
	*ring = (struct keyring){ 0 };
}
