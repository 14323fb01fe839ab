/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/evaluate_keyless.h"

#include "base/limits.h"

/* Who counts once: what a log or an authority is, or whoever runs it where the root says so
 * (CVE-2026-49834: entries are not what is counted). */
struct party {
	const uint8_t *identity;
	struct span operator_name;
};

struct parties {
	struct party items[2 * LIMIT_ROOT_ENTRIES];
	size_t count;
};

static bool
is_same_party(const struct party *a, const struct party *b)
{
	if (memcmp(a->identity, b->identity, FACT_ID_BYTES) == 0)
		return true;
	return a->operator_name.len > 0 && span_equal(a->operator_name, b->operator_name);
}

static void
count_party(struct parties *parties, const uint8_t *identity, const struct buf *operator_name)
{
	const struct party party = { identity, buf_span(operator_name) };

	for (size_t i = 0; i < parties->count; i++)
		if (is_same_party(&parties->items[i], &party))
			return;
	if (parties->count < NOTAR_COUNT(parties->items)) /* uncounted can only lead to a refusal */
		parties->items[parties->count++] = party;
}

static bool
has_enough(const struct parties *parties, int64_t threshold)
{
	return (int64_t)parties->count >= threshold;
}

/* A time out of range stays out of every validity that has an end. */
static int64_t
to_ms(int64_t time_s)
{
	if (time_s > INT64_MAX / 1000)
		return INT64_MAX;
	return time_s < INT64_MIN / 1000 ? INT64_MIN : time_s * 1000;
}

/* The log that has this identity, at that time; else NULL. */
static const struct root_log *
find_log(const struct root_log *logs, size_t count, const uint8_t *identity, int64_t time_ms)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(logs[i].identity, identity, FACT_ID_BYTES) == 0 &&
		    validity_has(&logs[i].valid, time_ms))
			return &logs[i];
	return NULL;
}

static const struct root_authority *
find_tsa(const struct trusted_root *root, struct span identity, int64_t time_s)
{
	for (size_t i = 0; i < root->tsa_count; i++)
		if (memcmp(root->tsas[i].identity, identity.ptr, FACT_ID_BYTES) == 0 &&
		    validity_has(&root->tsas[i].valid, to_ms(time_s)))
			return &root->tsas[i];
	return NULL;
}

/* The next timestamp by an authority of the root, within its validity. What a row calls a log's
 * time is none: those are promises only (CVE-2024-55655). */
static const struct root_authority *
next_timestamp(const struct trusted_root *root, struct span *rest, int64_t *time_s)
{
	enum fact_time_source source;
	struct span id;

	while (fact_time_next(rest, &source, &id, time_s)) {
		const struct root_authority *tsa = find_tsa(root, id, *time_s);

		if (source == FACT_TIME_TSA && tsa != NULL)
			return tsa;
	}
	return NULL;
}

/* The next promise of a log of the root, within its validity. */
static const struct root_log *
next_promise(const struct trusted_root *root, struct span *rest, int64_t *time_s)
{
	struct fact_log log;

	while (fact_log_next(rest, &log)) {
		const struct root_log *found = NULL;

		if (!log.is_tiled && log.time_s != 0)
			found = find_log(root->logs, root->log_count, log.log, to_ms(log.time_s));
		*time_s = log.time_s;
		if (found != NULL)
			return found;
	}
	return NULL;
}

/* A log of the root with some timestamp in its validity: it promises no time itself. */
static const struct root_log *
find_stamped_log(const struct trusted_root *root, const uint8_t *identity, const struct fact *fact)
{
	struct span rest = fact->times;
	int64_t time_s;

	while (next_timestamp(root, &rest, &time_s) != NULL) {
		const struct root_log *log =
			find_log(root->logs, root->log_count, identity, to_ms(time_s));

		if (log != NULL)
			return log;
	}
	return NULL;
}

/* A log of the root, whenever it is or was valid. */
static const struct root_log *
find_any_log(const struct trusted_root *root, const uint8_t *identity)
{
	for (size_t i = 0; i < root->log_count; i++)
		if (memcmp(root->logs[i].identity, identity, FACT_ID_BYTES) == 0)
			return &root->logs[i];
	return NULL;
}

/* Whether enough logs have it; stamped: one that promises no time must have been valid at some
 * timestamp. */
static bool
is_logged(const struct policy_keyless *signer, const struct fact *fact, bool stamped)
{
	const struct trusted_root *root = signer->root;
	struct parties parties = { .count = 0 };
	struct span rest = fact->logs;
	struct fact_log log;

	while (fact_log_next(&rest, &log)) {
		const struct root_log *found = NULL;

		if (log.time_s != 0 && !log.is_tiled)
			found = find_log(root->logs, root->log_count, log.log, to_ms(log.time_s));
		else if (log.time_s == 0)
			found = stamped ? find_stamped_log(root, log.log, fact) :
					  find_any_log(root, log.log);
		if (found != NULL)
			count_party(&parties, found->identity, &found->operator_name);
	}
	return has_enough(&parties, signer->logs);
}

static bool
has_scts(const struct policy_keyless *signer, const struct fact *fact)
{
	const struct trusted_root *root = signer->root;
	struct parties parties = { .count = 0 };
	struct span rest = fact->scts;
	const uint8_t *id;
	int64_t time_ms;

	while (fact_sct_next(&rest, &id, &time_ms)) {
		const struct root_log *log =
			find_log(root->ct_logs, root->ct_log_count, id, time_ms);

		if (log != NULL)
			count_party(&parties, log->identity, &log->operator_name);
	}
	return has_enough(&parties, signer->scts);
}

/* Without a time there is nothing to judge a certificate at, whatever the thresholds are. */
static bool
has_times(const struct policy_keyless *signer, const struct fact *fact)
{
	struct parties all = { .count = 0 }, stamps = { .count = 0 };
	const struct root_authority *tsa;
	const struct root_log *log;
	int64_t time_s;

	for (struct span rest = fact->times;
	     (tsa = next_timestamp(signer->root, &rest, &time_s)) != NULL;) {
		count_party(&all, tsa->identity, &tsa->operator_name);
		count_party(&stamps, tsa->identity, &tsa->operator_name);
	}
	for (struct span rest = fact->logs;
	     (log = next_promise(signer->root, &rest, &time_s)) != NULL;)
		count_party(&all, log->identity, &log->operator_name);
	return all.count > 0 && has_enough(&all, signer->times) &&
	       has_enough(&stamps, signer->timestamps);
}

/* Whether all of the path and the authority are valid then, not only the leaf (CVE-2026-24122). */
static bool
is_valid_at(const struct fact_path *path, const struct root_authority *ca, int64_t time_s)
{
	return time_s >= path->from_s && time_s <= path->to_s &&
	       validity_has(&ca->valid, to_ms(time_s));
}

static bool
is_valid_always(const struct trusted_root *root, const struct fact *fact,
		const struct fact_path *path, const struct root_authority *ca)
{
	int64_t time_s;

	for (struct span rest = fact->times; next_timestamp(root, &rest, &time_s) != NULL;)
		if (!is_valid_at(path, ca, time_s))
			return false;
	for (struct span rest = fact->logs; next_promise(root, &rest, &time_s) != NULL;)
		if (!is_valid_at(path, ca, time_s))
			return false;
	return true;
}

/* Whether a path leads to an authority of the root; at_times: that is valid at all of them. */
static bool
has_path(const struct trusted_root *root, const struct fact *fact, bool at_times)
{
	struct span rest = fact->paths;
	struct fact_path path;

	while (fact_path_next(&rest, &path))
		for (size_t i = 0; i < root->ca_count; i++) {
			const struct root_authority *ca = &root->cas[i];

			if (memcmp(ca->identity, path.authority, FACT_ID_BYTES) == 0 &&
			    (!at_times || is_valid_always(root, fact, &path, ca)))
				return true;
		}
	return false;
}

static bool
matches(const struct keyless_match *match, struct span text)
{
	if (match->text != NULL)
		return span_is(text, match->text);
	return match->pattern != NULL && pattern_matches(match->pattern, text);
}

static bool
has_extension(const struct fact *fact, size_t number, const char *wanted)
{
	struct span rest = fact->extensions, text;
	size_t found;

	while (fact_extension_next(&rest, &found, &text))
		if (found == number)
			return span_is(text, wanted);
	return false;
}

static bool
is_identity(const struct keyless_identity *identity, const struct fact *fact)
{
	for (size_t n = 0; n < FULCIO_EXTENSIONS; n++)
		if (identity->extensions[n] != NULL &&
		    !has_extension(fact, n, identity->extensions[n]))
			return false;
	return matches(&identity->issuer, fact->issuer) && matches(&identity->subject, fact->san);
}

static bool
has_identity(const struct policy_keyless *signer, const struct fact *fact)
{
	for (size_t i = 0; i < signer->count; i++)
		if (is_identity(&signer->identities[i], fact))
			return true;
	return false;
}

enum notar_reason
evaluate_keyless(const struct policy_keyless *signer, const struct fact *fact)
{
	if (fact->proof != FACT_BY_FULCIO || signer->root == NULL ||
	    !has_path(signer->root, fact, false))
		return NOTAR_REASON_UNTRUSTED_KEY;
	if (!has_identity(signer, fact))
		return NOTAR_REASON_IDENTITY_MISMATCH;
	if (!is_logged(signer, fact, false) || !has_scts(signer, fact))
		return NOTAR_REASON_NO_TRANSPARENCY_PROOF;
	if (!has_times(signer, fact))
		return NOTAR_REASON_NO_TRUSTED_TIME;
	if (!is_logged(signer, fact, true))
		return NOTAR_REASON_NO_TRANSPARENCY_PROOF;
	if (!has_path(signer->root, fact, true))
		return NOTAR_REASON_KEY_EXPIRED;
	return NOTAR_REASON_TRUSTED;
}

enum notar_reason
evaluate_logged(const struct policy_keyless *signer, const struct fact *fact)
{
	if (signer->root == NULL || !is_logged(signer, fact, false))
		return NOTAR_REASON_NO_TRANSPARENCY_PROOF;
	return NOTAR_REASON_TRUSTED;
}
