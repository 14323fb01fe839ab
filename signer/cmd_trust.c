/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "keys/key.h"
#include "signer/command.h"
#include "store/change_log.h"
#include "store/trust_change.h"

/* `notar trust`: the keys of a store, and what happened to them. */

static enum notar_code
open_state(const struct options *options, bool create, struct store **out, struct notar_error *err)
{
	const struct store_options how = { .create = create, .read_only = false };

	return store_open(options->state != NULL ? options->state : DEFAULT_STATE, &how, out, err);
}

static enum notar_code
read_time(const char *option, const char *text, int64_t *out, struct notar_error *err)
{
	*out = 0;
	if (text == NULL)
		return NOTAR_OK;
	if (clock_parse_rfc3339(span_str(text), out, err) == NOTAR_OK && *out > 0)
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_USAGE, "--%s: not a time like 2026-01-31T00:00:00Z: %.40s",
			  option, text);
}

/* A key's id, or a file that holds the key. *key stays NULL for an id. */
static enum notar_code
name_key(const char *text, struct key **key, uint8_t id[KEY_ID_BYTES], struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) pem = { 0 };

	if (strlen(text) == KEY_ID_TEXT_BYTES - 1 &&
	    key_id_parse(span_str(text), id, err) == NOTAR_OK)
		return NOTAR_OK;
	if (file_read(text, LIMIT_KEY_FILE_BYTES, &pem, err) != NOTAR_OK ||
	    key_load_public(buf_span(&pem), key, err) != NOTAR_OK) {
		enum notar_code code =
			notar_context(err, "%s: neither a key's id nor a public key", text);

		if (code != NOTAR_E_NOMEM)
			err->code = NOTAR_E_USAGE;
		return err->code;
	}
	memcpy(id, key_id(*key), KEY_ID_BYTES);
	return NOTAR_OK;
}

static enum notar_code
read_change(const struct options *options, const char *verb, struct trust_change *out,
	    struct notar_error *err)
{
	out->signer = span_str(options->signer);
	out->at_s = clock_now_s();
	NOTAR_TRY(read_time("not-before", options->not_before, &out->not_before_s, err));
	NOTAR_TRY(read_time("not-after", options->not_after, &out->not_after_s, err));
	NOTAR_TRY(read_time("compromised-since", options->compromised_since,
			    &out->compromised_since_s, err));
	if (strcmp(verb, "add") == 0)
		out->verb = options->staged ? TRUST_STAGE : TRUST_ADD;
	else if (strcmp(verb, "retire") == 0)
		out->verb = TRUST_RETIRE;
	else
		out->verb = options->compromised_since != NULL ? TRUST_COMPROMISE : TRUST_REVOKE;
	if (out->verb == TRUST_ADD || out->verb == TRUST_STAGE)
		return options->compromised_since == NULL ?
			       NOTAR_OK :
			       notar_fail(err, NOTAR_E_USAGE,
					  "--compromised-since: only to revoke");
	if (options->signer != NULL || options->not_before != NULL || options->not_after != NULL ||
	    options->staged)
		return notar_fail(err, NOTAR_E_USAGE, "trust %s: takes only a key", verb);
	if (options->compromised_since != NULL && out->verb == TRUST_RETIRE)
		return notar_fail(err, NOTAR_E_USAGE, "--compromised-since: only to revoke");
	return NOTAR_OK;
}

static void
tell_change(const struct options *options, const struct trust_change *c, bool changed,
	    uint64_t generation, struct buf *out)
{
	static const char *const done[] = { [TRUST_ADD] = "trusted",
					    [TRUST_STAGE] = "staged",
					    [TRUST_RETIRE] = "retired",
					    [TRUST_REVOKE] = "revoked",
					    [TRUST_COMPROMISE] = "compromised" };
	char id[KEY_ID_TEXT_BYTES];

	(void)key_id_text(c->id, id);
	if (options->json) {
		json_begin_object(out);
		json_pair_str(out, "id", id);
		json_pair_bool(out, "changed", changed);
		json_pair_int(out, "generation", (int64_t)generation);
		json_end_object(out);
		buf_append_str(out, "\n");
	} else {
		buf_printf(out, "%s %s%s\n", id, changed ? "" : "already ", done[c->verb]);
	}
}

static enum notar_code
change_key(const struct options *options, const char *verb, struct buf *out,
	   struct notar_error *err)
{
	NOTAR_AUTO(store) *store = NULL;
	NOTAR_AUTO(key) *key = NULL;
	struct trust_change change = { 0 };
	uint64_t generation;
	bool changed;

	if (options->operands.count != 2)
		return notar_fail(err, NOTAR_E_USAGE, "trust %s: exactly one key", verb);
	NOTAR_TRY(read_change(options, verb, &change, err));
	NOTAR_TRY(name_key(options->operands.values[1], &key, change.id, err));
	if (key != NULL)
		change.spki = key_spki(key);
	bool adding = change.verb == TRUST_ADD || change.verb == TRUST_STAGE;

	if (adding && key == NULL)
		return notar_fail(err, NOTAR_E_USAGE,
				  "trust add: needs the key's file, not its id");
	NOTAR_TRY(open_state(options, true, &store, err));
	if (trust_change_apply(store, &change, &changed, &generation, err) != NOTAR_OK) {
		/* Naming a key that is not there, or is revoked, is the operator's mistake. */
		if (err->code == NOTAR_E_NOT_FOUND || err->code == NOTAR_E_EXISTS)
			err->code = NOTAR_E_USAGE;
		return notar_context(err, "%s", options->operands.values[1]);
	}
	tell_change(options, &change, changed, generation, out);
	return NOTAR_OK;
}

static void
put_time(struct buf *out, const char *name, int64_t time_s)
{
	char text[CLOCK_TEXT_BYTES];

	json_pair_str(out, name, time_s == 0 ? NULL : clock_format_rfc3339(time_s, text));
}

static void
put_key_json(struct buf *out, const struct trusted_key *row, const char *id, const char *type)
{
	json_begin_object(out);
	json_pair_str(out, "id", id);
	json_pair_str(out, "type", type);
	json_pair_str(out, "status", trusted_key_status_name(row->status));
	json_pair_span(out, "signer", row->signer);
	json_pair_span(out, "origin", row->origin);
	put_time(out, "notBefore", row->not_before_s);
	put_time(out, "notAfter", row->not_after_s);
	put_time(out, "compromisedSince", row->compromised_since_s);
	put_time(out, "added", row->added_s);
	put_time(out, "changed", row->changed_s);
	json_end_object(out);
}

struct listing_output {
	const struct options *options;
	struct buf *out;
};

static bool
list_key(void *context, const struct trusted_key *row)
{
	const struct listing_output *to = context;
	NOTAR_AUTO(key) *key = NULL;
	char id[KEY_ID_TEXT_BYTES];
	struct notar_error err;
	const char *type = key_load_public(row->spki, &key, &err) == NOTAR_OK ? key_describe(key) :
										"unsupported";

	(void)key_id_text(row->id, id);
	if (to->options->json)
		put_key_json(to->out, row, id, type);
	else
		buf_printf(to->out, "%s %-11s %-12s %.*s\n", id,
			   trusted_key_status_name(row->status), type, (int)row->signer.len,
			   row->signer.ptr == NULL ? "" : (const char *)row->signer.ptr);
	return true;
}

static bool
list_change(void *context, const struct change *change)
{
	const struct listing_output *to = context;
	char id[KEY_ID_TEXT_BYTES], when[CLOCK_TEXT_BYTES];

	(void)key_id_text(change->subject, id);
	(void)clock_format_rfc3339(change->at_s, when);
	if (to->options->json) {
		json_begin_object(to->out);
		json_pair_int(to->out, "number", (int64_t)change->number);
		json_pair_str(to->out, "time", when);
		json_pair_str(to->out, "action", change_action_name(change->action));
		json_pair_str(to->out, "subject", id);
		json_pair_int(to->out, "uid", change->uid);
		json_end_object(to->out);
	} else {
		buf_printf(to->out, "%llu %s %s %s uid %u\n", (unsigned long long)change->number,
			   when, change_action_name(change->action), id, change->uid);
	}
	return true;
}

static enum notar_code
list_all(const struct options *options, bool changes, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO(store) *store = NULL;
	NOTAR_AUTO(store_reader) *reader = NULL;
	struct listing_output to = { options, out };

	if (options->operands.count != 1)
		return notar_fail(err, NOTAR_E_USAGE, "takes no key");
	NOTAR_TRY(open_state(options, false, &store, err));
	NOTAR_TRY(store_reader_new(store, &reader, err));
	NOTAR_TRY(store_reader_renew(reader, err));
	if (options->json)
		json_begin_array(out);
	if (changes)
		NOTAR_TRY(change_log_each(reader, 0, list_change, &to, err));
	else
		NOTAR_TRY(trusted_keys_each(reader, list_key, &to, err));
	if (options->json) {
		json_end_array(out);
		buf_append_str(out, "\n");
	}
	return NOTAR_OK;
}

static enum notar_code
run(const struct options *options, struct buf *out, struct notar_error *err)
{
	const char *verb = options->operands.count > 0 ? options->operands.values[0] : "";

	if (strcmp(verb, "add") == 0 || strcmp(verb, "retire") == 0 || strcmp(verb, "revoke") == 0)
		return change_key(options, verb, out, err);
	if (strcmp(verb, "list") == 0 || strcmp(verb, "log") == 0)
		return list_all(options, strcmp(verb, "log") == 0, out, err);
	return notar_fail(err, NOTAR_E_USAGE, "trust: not add, list, log, retire or revoke: %.40s",
			  verb);
}

int
cmd_trust(const struct options *options, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) out = { 0 };

	if (run(options, &out, err) != NOTAR_OK)
		return -1;
	return options->quiet ? 0 : output_flush(&out, err);
}

/* `notar key list` is the same list. */
enum notar_code
trust_list(const struct options *options, struct buf *out, struct notar_error *err)
{
	return list_all(options, false, out, err);
}
