/* SPDX-License-Identifier: Apache-2.0 */
#include "base/audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As lines of a log: a record that reads is in its one spelling, and hashed. */
static void
read_lines(struct span log)
{
	struct audit_chain chain = { 0 };

	while (log.len > 0) {
		NOTAR_AUTO_OF(audit_record) record = { 0 };
		size_t end = span_find(log, '\n');
		struct span line = span_of(log.ptr, end);

		log = span_from(log, end + 1);
		if (audit_decode(line, &record, NULL) != NOTAR_OK)
			continue;
		uint64_t before = chain.count;
		bool follows = audit_chain_add(&chain, &record, NULL) == NOTAR_OK;

		if (chain.count != before + (follows ? 1 : 0) || record.seq == 0)
			abort();
	}
}

/* As a stranger's text and, hashed, as a record's members: no hash is guessed by chance. */
static void
write_and_read(struct span text)
{
	NOTAR_AUTO_OF(buf) body = { 0 };
	NOTAR_AUTO_OF(buf) line = { 0 };
	NOTAR_AUTO_OF(audit_record) record = { 0 };
	uint8_t hash[SHA256_BYTES] = { 1 };
	const struct audit_field fields[] = { AUDIT_F_SPAN("image", text), AUDIT_F_INT("us", 1) };

	if (audit_encode_body(&body, "decision", fields, 2, NULL) != NOTAR_OK)
		abort();
	audit_encode(&line, 2, 0, buf_span(&body), hash);
	if (audit_decode(span_of(line.ptr, line.len - 1), &record, NULL) != NOTAR_OK)
		abort();
}

static void
read_hashed(struct span body)
{
	NOTAR_AUTO_OF(buf) line = { 0 };
	NOTAR_AUTO_OF(audit_record) record = { 0 };
	uint8_t hash[SHA256_BYTES] = { 1 };

	audit_encode(&line, 2, 0, body, hash);
	(void)!audit_decode(span_of(line.ptr, line.len - 1), &record, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_lines(span_of(data, size));
	write_and_read(span_of(data, size));
	read_hashed(span_of(data, size));
	return 0;
}
