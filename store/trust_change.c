/* SPDX-License-Identifier: Apache-2.0 */
#include "store/trust_change.h"

#include "base/digest.h"
#include "store/change_log.h"

static bool
is_revoked(enum trusted_key_status status)
{
	return status == TRUSTED_KEY_REVOKED || status == TRUSTED_KEY_COMPROMISED;
}

static enum trusted_key_status
status_after(enum trust_verb verb)
{
	switch (verb) {
	case TRUST_ADD:
		return TRUSTED_KEY_ACTIVE;
	case TRUST_STAGE:
		return TRUSTED_KEY_STAGED;
	case TRUST_RETIRE:
		return TRUSTED_KEY_RETIRED;
	case TRUST_REVOKE:
		return TRUSTED_KEY_REVOKED;
	case TRUST_COMPROMISE:
		break;
	}
	return TRUSTED_KEY_COMPROMISED;
}

static enum change_action
action_of(enum trusted_key_status before, enum trusted_key_status after, bool is_new)
{
	if (!is_new && before == after)
		return CHANGE_KEY_EDITED;
	switch (after) {
	case TRUSTED_KEY_STAGED:
		return CHANGE_KEY_STAGED;
	case TRUSTED_KEY_ACTIVE:
		return is_new ? CHANGE_KEY_ADDED : CHANGE_KEY_ACTIVATED;
	case TRUSTED_KEY_RETIRED:
		return CHANGE_KEY_RETIRED;
	case TRUSTED_KEY_REVOKED:
		return CHANGE_KEY_REVOKED;
	case TRUSTED_KEY_COMPROMISED:
		break;
	}
	return CHANGE_KEY_COMPROMISED;
}

static enum notar_code
check_request(const struct trust_change *c, struct notar_error *err)
{
	if (c->signer.len > LIMIT_SIGNER_CHARS)
		return notar_fail(err, NOTAR_E_USAGE, "signer: over %d bytes", LIMIT_SIGNER_CHARS);
	if (c->origin.len > LIMIT_ORIGIN_CHARS)
		return notar_fail(err, NOTAR_E_USAGE, "origin: over %d bytes", LIMIT_ORIGIN_CHARS);
	if (c->not_before_s < 0 || c->not_after_s < 0 || c->compromised_since_s < 0)
		return notar_fail(err, NOTAR_E_USAGE, "a time before 1970");
	if (c->not_after_s != 0 && c->not_after_s < c->not_before_s)
		return notar_fail(err, NOTAR_E_USAGE, "the window ends before it begins");
	if (c->spki.len == 0)
		return NOTAR_OK;
	struct notar_digest id = digest_of(NOTAR_SHA256, c->spki);

	return memcmp(id.bytes, c->id, sizeof(c->id)) == 0 ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_INTERNAL, "the id is another key's");
}

/* What the row becomes; *key holds what it was, or zeros. */
static enum notar_code
merge(const struct trust_change *c, bool is_new, struct trusted_key *key, struct notar_error *err)
{
	bool adding = c->verb == TRUST_ADD || c->verb == TRUST_STAGE;

	if (is_new) {
		memcpy(key->id, c->id, sizeof(key->id));
		key->spki = c->spki;
		key->origin = c->origin.len > 0 ? c->origin : span_str("local");
		key->added_s = c->at_s;
	}
	if (!is_new && is_revoked(key->status) && (adding || c->verb == TRUST_RETIRE))
		return notar_fail(err, NOTAR_E_EXISTS,
				  "the key is %s; a revoked key does not come back",
				  trusted_key_status_name(key->status));
	if (adding) {
		key->signer = c->signer.len > 0 ? c->signer : key->signer;
		key->not_before_s = c->not_before_s;
		key->not_after_s = c->not_after_s;
	}
	/* Compromised says more than revoked, and is not taken back by it. */
	if (c->verb != TRUST_REVOKE || key->status != TRUSTED_KEY_COMPROMISED)
		key->status = status_after(c->verb);
	if (c->verb == TRUST_COMPROMISE)
		key->compromised_since_s = c->compromised_since_s;
	return NOTAR_OK;
}

static bool
is_same(const struct trusted_key *a, const struct trusted_key *b)
{
	return a->status == b->status && a->not_before_s == b->not_before_s &&
	       a->not_after_s == b->not_after_s &&
	       a->compromised_since_s == b->compromised_since_s &&
	       span_equal(a->signer, b->signer) && span_equal(a->origin, b->origin);
}

static enum notar_code
read_row(struct store_write *write, const struct trust_change *c, struct trusted_key *key,
	 bool *is_new, struct notar_error *err)
{
	enum notar_code code = trusted_key_get(store_write_reader(write), c->id, key, err);

	*is_new = code == NOTAR_E_NOT_FOUND;
	if (!*is_new)
		return code;
	*key = (struct trusted_key){ 0 };
	if (c->spki.len == 0)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "no such key in the store");
	return NOTAR_OK;
}

static enum notar_code
write_row(struct store_write *write, const struct trusted_key *key, enum change_action action,
	  uint64_t *generation, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) row = { 0 };

	trusted_key_encode(key, &row);
	NOTAR_TRY(buf_finish(&row, "key row", err));
	NOTAR_TRY(store_put(write, TABLE_KEYS, span_of(key->id, sizeof(key->id)), buf_span(&row),
			    err));
	NOTAR_TRY(store_bump_counter(write, META_TRUST_GENERATION, generation, err));
	return change_log_append(write, action, key->id, key->changed_s, err);
}

enum notar_code
trust_change_apply(struct store *store, const struct trust_change *c, bool *changed,
		   uint64_t *generation, struct notar_error *err)
{
	NOTAR_AUTO(store_write) *write = NULL;
	struct trusted_key before, after;
	bool is_new;

	NOTAR_TRY(check_request(c, err));
	NOTAR_TRY(store_write_begin(store, STORE_SYNCED, &write, err));
	NOTAR_TRY(read_row(write, c, &before, &is_new, err));
	after = before;
	NOTAR_TRY(merge(c, is_new, &after, err));
	if (!is_new && is_same(&before, &after)) {
		*changed = false;
		*generation = store_trust_generation(store_write_reader(write));
		return NOTAR_OK;
	}
	after.changed_s = c->at_s;
	NOTAR_TRY(write_row(write, &after, action_of(before.status, after.status, is_new),
			    generation, err));
	NOTAR_TRY(store_write_commit(NOTAR_TAKE(write), err));
	*changed = true;
	return NOTAR_OK;
}
