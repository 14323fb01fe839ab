/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fact.h"

/* The sequences in a fact: annotations, times, certificates, timestamps that lead to a root. */

void
fact_annotation_append(struct buf *b, struct span name, struct span value)
{
	if (name.len > UINT16_MAX || value.len > UINT32_MAX) {
		b->failed = NOTAR_E_LIMIT;
		return;
	}
	buf_append_be(b, name.len, 2);
	buf_append_span(b, name);
	buf_append_be(b, value.len, 4);
	buf_append_span(b, value);
}

bool
fact_annotation_next(struct span *rest, struct span *name, struct span *value)
{
	struct reader r = { .rest = *rest };
	struct span found_name = reader_take(&r, (size_t)reader_be(&r, 2));
	struct span found_value = reader_take(&r, (size_t)reader_be(&r, 4));

	if (r.failed)
		return false;
	*name = found_name;
	*value = found_value;
	*rest = r.rest;
	return true;
}

void
fact_time_append(struct buf *b, enum fact_time_source source, const uint8_t id[FACT_ID_BYTES],
		 int64_t time_s)
{
	buf_append_byte(b, (uint8_t)source);
	buf_append(b, id, FACT_ID_BYTES);
	buf_append_be(b, (uint64_t)time_s, 8);
}

bool
fact_time_next(struct span *rest, enum fact_time_source *source, struct span *id, int64_t *time_s)
{
	struct reader r = { .rest = *rest };
	uint64_t found_source = reader_be(&r, 1);
	struct span found_id = reader_take(&r, FACT_ID_BYTES);
	uint64_t found_time = reader_be(&r, 8);

	if (r.failed || found_time > INT64_MAX ||
	    (found_source != FACT_TIME_LOG && found_source != FACT_TIME_TSA))
		return false;
	*source = (enum fact_time_source)found_source;
	*id = found_id;
	*time_s = (int64_t)found_time;
	*rest = r.rest;
	return true;
}

void
fact_link_append(struct buf *b, const struct fact_link *link)
{
	buf_append(b, link->thumbprint, FACT_ID_BYTES);
	buf_append_be(b, (uint64_t)link->not_before_s, 8);
	buf_append_be(b, (uint64_t)link->not_after_s, 8);
	buf_append_byte(b, link->revocable ? 1 : 0);
}

bool
fact_link_next(struct span *rest, struct fact_link *link)
{
	struct reader r = { .rest = *rest };
	struct span thumbprint = reader_take(&r, FACT_ID_BYTES);
	int64_t from_s = (int64_t)reader_be(&r, 8);
	int64_t to_s = (int64_t)reader_be(&r, 8);
	uint64_t revocable = reader_be(&r, 1);

	if (r.failed || revocable > 1)
		return false;
	*link = (struct fact_link){ thumbprint.ptr, from_s, to_s, revocable == 1 };
	*rest = r.rest;
	return true;
}

void
fact_stamp_append(struct buf *b, const struct fact_stamp *stamp)
{
	buf_append(b, stamp->anchor, FACT_ID_BYTES);
	buf_append_be(b, (uint64_t)stamp->from_s, 8);
	buf_append_be(b, (uint64_t)stamp->to_s, 8);
	buf_append_byte(b, (uint8_t)(stamp->revocable.len / FACT_ID_BYTES));
	buf_append_span(b, stamp->revocable);
}

bool
fact_stamp_next(struct span *rest, struct fact_stamp *stamp)
{
	struct reader r = { .rest = *rest };
	struct span anchor = reader_take(&r, FACT_ID_BYTES);
	int64_t from_s = (int64_t)reader_be(&r, 8);
	int64_t to_s = (int64_t)reader_be(&r, 8);
	struct span revocable = reader_take(&r, (size_t)reader_be(&r, 1) * FACT_ID_BYTES);

	if (r.failed)
		return false;
	*stamp = (struct fact_stamp){ anchor.ptr, from_s, to_s, revocable };
	*rest = r.rest;
	return true;
}
