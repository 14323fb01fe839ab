/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "base/codec.h"
#include "base/digest.h"
#include "envelope/log_entry.h"

/* Section 4.7: RFC 8785's form of the four members, which is what the log signed. */
static enum notar_code
promise_text(const struct log_entry *entry, struct buf *out, struct notar_error *err)
{
	char id[2 * FACT_ID_BYTES + 1];

	buf_append_str(out, "{\"body\":\"");
	base64_append(out, buf_span(&entry->body));
	buf_printf(out,
		   "\",\"integratedTime\":%" PRId64 ",\"logID\":\"%s\",\"logIndex\":%" PRIu64 "}",
		   entry->integrated_s, hex_encode(span_of(entry->log_id, FACT_ID_BYTES), id),
		   entry->index);
	return buf_finish(out, "log promise", err);
}

static bool
is_ecdsa(const struct key *key)
{
	switch (key_kind_of(key)) {
	case KEY_P256:
	case KEY_P384:
	case KEY_P521:
		return true;
	case KEY_RSA:
	case KEY_ED25519:
		return false;
	}
	return false;
}

static enum notar_code
verify_promise(const struct log_entry *entry, const struct root_log *log, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) text = { 0 };

	if (!is_ecdsa(log->key)) /* as Rekor and all who read it have it */
		return notar_fail(err, NOTAR_E_SIGNATURE, "log promise: by a key that is no ECDSA");
	NOTAR_TRY(promise_text(entry, &text, err));
	struct notar_digest digest = digest_of(NOTAR_SHA256, buf_span(&text));
	enum notar_code code = key_verify_digest(log->key, &digest, buf_span(&entry->promise), err);

	return code == NOTAR_OK || err == NULL ? code : notar_context(err, "log promise");
}

/* Section 4.8. In a tiled log the proof's own place, size and root are nobody's word. */
static enum notar_code
verify_proof(const struct log_entry *entry, const struct root_log *log, struct notar_error *err)
{
	const struct log_proof *proof = &entry->proof;
	bool is_tiled = log_entry_is_tiled(entry);
	uint8_t leaf[MERKLE_HASH_BYTES];
	struct checkpoint checkpoint;

	NOTAR_TRY(checkpoint_parse(buf_span(&proof->checkpoint), &checkpoint, err));
	NOTAR_TRY(checkpoint_verify(&checkpoint, log, err));
	if (!is_tiled && (proof->size != checkpoint.size ||
			  memcmp(proof->root, checkpoint.root, sizeof(proof->root)) != 0))
		return notar_fail(err, NOTAR_E_SIGNATURE,
				  "the checkpoint is of another state of the log than the proof");
	merkle_leaf(buf_span(&entry->body), leaf);
	return merkle_check(leaf, is_tiled ? entry->index : proof->index, checkpoint.size,
			    buf_span(&proof->hashes), checkpoint.root, err);
}

/* A time that nobody vouches for is none (CVE-2024-55655, CVE-2026-48816), but may still give a
 * forger away. */
static enum notar_code
check_loose_time(const struct log_entry *entry, const struct log_claim *claim,
		 struct notar_error *err)
{
	const struct cert *cert = claim->certificate;

	if (entry->has_promise || entry->integrated_s == 0 || cert == NULL)
		return NOTAR_OK;
	if (entry->integrated_s < cert->not_before_s || entry->integrated_s > cert->not_after_s)
		return notar_fail(err, NOTAR_E_SIGNATURE,
				  "the log entry's time is outside of the certificate's validity");
	return NOTAR_OK;
}

static enum notar_code
verify_with(const struct log_entry *entry, const struct log_claim *claim,
	    const struct root_log *log, struct log_seen *out, struct notar_error *err)
{
	if (entry->has_promise)
		NOTAR_TRY(verify_promise(entry, log, err));
	if (entry->has_proof)
		NOTAR_TRY(verify_proof(entry, log, err));
	NOTAR_TRY(check_loose_time(entry, claim, err));
	*out = (struct log_seen){ .log = log,
				  .time_s = entry->has_promise ? entry->integrated_s : 0,
				  .is_tiled = log_entry_is_tiled(entry) };
	return NOTAR_OK;
}

/* What there must be, whoever the log is. */
static enum notar_code
check_parts(const struct log_entry *entry, bool wants_proof, struct notar_error *err)
{
	bool is_tiled = log_entry_is_tiled(entry);

	if (is_tiled && entry->has_promise)
		return notar_fail(err, NOTAR_E_FORMAT, "a promise of a log that makes none");
	if ((wants_proof || is_tiled) && !entry->has_proof)
		return notar_fail(err, NOTAR_E_FORMAT, "a log entry without an inclusion proof");
	if (!wants_proof && !entry->has_promise)
		return notar_fail(err, NOTAR_E_FORMAT, "a log entry without a promise");
	return NOTAR_OK;
}

/* Two roots may know different keys by one id: one that holds is enough, as a policy asks for a
 * log by its key. */
static enum notar_code
verify_in_root(const struct log_entry *entry, const struct log_claim *claim,
	       const struct trusted_root *root, struct log_seen *out, struct notar_error *err)
{
	enum notar_code last = NOTAR_OK;

	for (size_t i = 0; i < root->log_count; i++) {
		const struct root_log *log = &root->logs[i];

		if (out->log != NULL || memcmp(log->id, entry->log_id, FACT_ID_BYTES) != 0)
			continue;
		last = verify_with(entry, claim, log, out, err);
	}
	return last;
}

enum notar_code
log_entry_verify(const struct log_entry *entry, const struct log_claim *claim, bool wants_proof,
		 const struct trusted_roots *roots, struct log_seen *out, struct notar_error *err)
{
	enum notar_code failed = NOTAR_OK;
	struct log_seen seen = { 0 };

	NOTAR_TRY(check_parts(entry, wants_proof, err));
	NOTAR_TRY(log_entry_bind(entry, claim, err));
	for (size_t i = 0; i < roots->count && seen.log == NULL; i++) {
		enum notar_code code = verify_in_root(entry, claim, roots->roots[i], &seen, err);

		if (code != NOTAR_OK)
			failed = code;
	}
	if (seen.log == NULL && failed != NOTAR_OK)
		return failed;
	if (err != NULL)
		*err = (struct notar_error){ 0 }; /* words of a log of the same id */
	*out = seen;
	return NOTAR_OK;
}
