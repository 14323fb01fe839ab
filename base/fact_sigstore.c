/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fact.h"

/* The sequences in a fact that tell what Sigstore's services vouched for. */

void
fact_path_append(struct buf *b, const struct fact_path *path)
{
	buf_append(b, path->authority, FACT_ID_BYTES);
	buf_append_be(b, (uint64_t)path->from_s, 8);
	buf_append_be(b, (uint64_t)path->to_s, 8);
}

bool
fact_path_next(struct span *rest, struct fact_path *path)
{
	struct reader r = { .rest = *rest };
	struct span authority = reader_take(&r, FACT_ID_BYTES);
	int64_t from_s = (int64_t)reader_be(&r, 8);
	int64_t to_s = (int64_t)reader_be(&r, 8);

	if (r.failed)
		return false;
	*path = (struct fact_path){ authority.ptr, from_s, to_s };
	*rest = r.rest;
	return true;
}

void
fact_log_append(struct buf *b, const struct fact_log *log)
{
	buf_append(b, log->log, FACT_ID_BYTES);
	buf_append_byte(b, log->is_tiled ? 1 : 0);
	buf_append_be(b, (uint64_t)log->time_s, 8);
}

bool
fact_log_next(struct span *rest, struct fact_log *log)
{
	struct reader r = { .rest = *rest };
	struct span id = reader_take(&r, FACT_ID_BYTES);
	uint64_t is_tiled = reader_be(&r, 1);
	uint64_t time_s = reader_be(&r, 8);

	if (r.failed || is_tiled > 1 || time_s > INT64_MAX)
		return false;
	*log = (struct fact_log){ id.ptr, is_tiled == 1, (int64_t)time_s };
	*rest = r.rest;
	return true;
}

void
fact_sct_append(struct buf *b, const uint8_t log[FACT_ID_BYTES], int64_t time_ms)
{
	buf_append(b, log, FACT_ID_BYTES);
	buf_append_be(b, (uint64_t)time_ms, 8);
}

bool
fact_sct_next(struct span *rest, const uint8_t **log, int64_t *time_ms)
{
	struct reader r = { .rest = *rest };
	struct span id = reader_take(&r, FACT_ID_BYTES);
	uint64_t time = reader_be(&r, 8);

	if (r.failed || time > INT64_MAX)
		return false;
	*log = id.ptr;
	*time_ms = (int64_t)time;
	*rest = r.rest;
	return true;
}

void
fact_extension_append(struct buf *b, size_t number, struct span text)
{
	if (number >= FACT_EXTENSIONS || text.len > UINT16_MAX) {
		b->failed = NOTAR_E_LIMIT;
		return;
	}
	buf_append_byte(b, (uint8_t)number);
	buf_append_be(b, text.len, 2);
	buf_append_span(b, text);
}

bool
fact_extension_next(struct span *rest, size_t *number, struct span *text)
{
	struct reader r = { .rest = *rest };
	uint64_t n = reader_be(&r, 1);
	struct span found = reader_take(&r, (size_t)reader_be(&r, 2));

	if (r.failed || n >= FACT_EXTENSIONS)
		return false;
	*number = (size_t)n;
	*text = found;
	*rest = r.rest;
	return true;
}

#define PARTS_MAX_BYTES 8192 /* of one kind: nobody trusts so many */

/* `of`, then the parts of `more` that are not in it. Parts of a kind have one size. */
static void
unite(struct span of, struct span more, size_t part_bytes, struct buf *out)
{
	buf_append_span(out, of);
	for (size_t at = 0; at + part_bytes <= more.len && out->len < PARTS_MAX_BYTES;
	     at += part_bytes) {
		bool is_known = false;

		for (size_t i = 0; i + part_bytes <= of.len && !is_known; i += part_bytes)
			is_known = memcmp(of.ptr + i, more.ptr + at, part_bytes) == 0;
		if (!is_known)
			buf_append(out, more.ptr + at, part_bytes);
	}
}

void
fact_unite(struct span row, struct span earlier, struct buf *out)
{
	enum { PATHS, LOGS, SCTS, TIMES, KINDS };
	struct buf united[KINDS] = { 0 };
	struct fact fact, old;
	bool is_same = fact_decode(row, &fact, NULL) == NOTAR_OK &&
		       fact_decode(earlier, &old, NULL) == NOTAR_OK &&
		       memcmp(fact.sig_id, old.sig_id, FACT_ID_BYTES) == 0 &&
		       memcmp(fact.key_id, old.key_id, FACT_ID_BYTES) == 0;

	if (!is_same) {
		buf_append_span(out, row);
		return;
	}
	unite(fact.paths, old.paths, FACT_ID_BYTES + 16, &united[PATHS]);
	unite(fact.logs, old.logs, FACT_ID_BYTES + 9, &united[LOGS]);
	unite(fact.scts, old.scts, FACT_ID_BYTES + 8, &united[SCTS]);
	unite(fact.times, old.times, FACT_ID_BYTES + 9, &united[TIMES]);
	fact.paths = buf_span(&united[PATHS]);
	fact.logs = buf_span(&united[LOGS]);
	fact.scts = buf_span(&united[SCTS]);
	fact.times = buf_span(&united[TIMES]);
	fact_encode(&fact, out);
	for (size_t i = 0; i < KINDS; i++) {
		if (united[i].failed != NOTAR_OK && out->failed == NOTAR_OK)
			out->failed = united[i].failed;
		buf_release(&united[i]);
	}
}
