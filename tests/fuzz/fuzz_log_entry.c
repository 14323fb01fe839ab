/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/log_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t spki[] = {
	0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00, 0xd7, 0x5a, 0x98,
	0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1,
	0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
};

/* Against a signature that no input is about, and a log that signed none of them. */
static void
try_entry(const struct log_entry *entry, bool is_dsse)
{
	NOTAR_AUTO(key) *key = NULL;
	struct root_log log = { .host_len = 0 };
	const struct trusted_root root = { .logs = &log, .log_count = 1 };
	const struct trusted_root *const list[] = { &root };
	const struct trusted_roots roots = { list, 1 };
	struct notar_error err = { 0 };
	struct log_seen seen = { 0 };

	if (key_load_public(span_of(spki, sizeof(spki)), &key, &err) != NOTAR_OK)
		abort();
	const struct log_claim claim = { .signature = span_str("never a signature"),
					 .key = key,
					 .is_dsse = is_dsse,
					 .message = span_str("m"),
					 .payload = span_str("p") };

	memcpy(log.id, entry->log_id, FACT_ID_BYTES);
	log.key = key;
	if (log_entry_verify(entry, &claim, entry->has_proof, &roots, &seen, &err) == NOTAR_OK ||
	    err.msg[0] == '\0' || seen.log != NULL)
		abort();
}

static void
try_both(const struct log_entry *entry)
{
	if (entry->body.len == 0 || entry->integrated_s < 0 || entry->index > INT64_MAX ||
	    entry->proof.hashes.len % MERKLE_HASH_BYTES != 0 ||
	    entry->proof.hashes.len > LIMIT_PROOF_HASHES * (size_t)MERKLE_HASH_BYTES ||
	    entry->has_promise != (entry->promise.len > 0) ||
	    entry->has_proof != (entry->proof.checkpoint.len > 0))
		abort();
	try_entry(entry, false);
	try_entry(entry, true);
}

/* As an entry of a bundle and as what cosign annotates. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct json_limits limits = { 1U << 20, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(log_entry) entry = { 0 };
	NOTAR_AUTO_OF(log_entry) annotation = { 0 };
	struct notar_error err = { 0 };
	struct span in = span_of(data, size);
	struct json top;

	if (json_parse(in, limits, "entry", &root, &top, &err) != NOTAR_OK)
		return 0;
	if (log_entry_read(&top, &entry, &err) == NOTAR_OK)
		try_both(&entry);
	else if (err.msg[0] == '\0' || entry.body.ptr != NULL)
		abort();
	if (log_entry_read_annotation(in, &annotation, &err) == NOTAR_OK)
		try_both(&annotation);
	else if (annotation.body.ptr != NULL)
		abort();
	return 0;
}
