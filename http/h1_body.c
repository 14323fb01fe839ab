/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1.h"

#define CRLF_BYTES 2

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * "1a2B" CR LF; no sign, space or extension. H1_READY when it is there, H1_HEAD when it may
 * still come. Each byte is judged as it comes, so that nothing waits behind a wrong one.
 */
static enum h1_progress
read_size_line(struct span in, size_t *size, size_t *line_bytes, struct h1_request *r)
{
	size_t i = 0;

	*size = 0;
	for (; i < in.len && hex_digit(in.ptr[i]) >= 0; i++) {
		if (i == LIMIT_HTTP_CHUNK_LINE_BYTES)
			return h1_refuse(r, 413, "too large a chunk");
		*size = *size * 16 + (size_t)hex_digit(in.ptr[i]);
	}
	if (i == in.len)
		return H1_HEAD;
	if (i == 0 || in.ptr[i] != '\r')
		return h1_refuse(r, 400, "not a chunk's size");
	if (i + 1 == in.len)
		return H1_HEAD;
	if (in.ptr[i + 1] != '\n')
		return h1_refuse(r, 400, "not a chunk's size");
	*line_bytes = i + CRLF_BYTES;
	return H1_READY;
}

static enum h1_progress
begin_chunk(struct span in, size_t body_cap, const struct buf *decoded, struct h1_request *r)
{
	size_t size = 0, line_bytes = 0;
	enum h1_progress got =
		read_size_line(span_from(in, r->chunk_offset), &size, &line_bytes, r);

	if (got != H1_READY)
		return got;
	if (decoded->len > body_cap || size > body_cap - decoded->len)
		return h1_refuse(r, 413, "too large a body");
	r->chunk_offset += line_bytes;
	r->chunk_left = size + CRLF_BYTES;
	r->chunk_last = size == 0;
	return H1_READY;
}

/* What has come of a chunk, and the CRLF that ends it; behind size 0 this is the end of the
 * trailer, which must be empty. */
static enum h1_progress
read_chunk(struct span in, struct buf *decoded, struct h1_request *r)
{
	struct span rest = span_from(in, r->chunk_offset);
	size_t data = r->chunk_left > CRLF_BYTES ? r->chunk_left - CRLF_BYTES : 0;

	if (data > rest.len)
		data = rest.len;
	buf_append(decoded, rest.ptr, data);
	r->chunk_offset += data;
	r->chunk_left -= data;
	for (; r->chunk_left <= CRLF_BYTES && r->chunk_left > 0; r->chunk_left--) {
		if (r->chunk_offset >= in.len)
			return H1_HEAD;
		if (in.ptr[r->chunk_offset++] != (r->chunk_left == CRLF_BYTES ? '\r' : '\n'))
			return h1_refuse(r, 400, "a chunk of another size, or trailers");
	}
	return r->chunk_left == 0 ? H1_READY : H1_HEAD;
}

static enum h1_progress
read_chunks(struct span in, size_t body_cap, struct buf *decoded, struct h1_request *r)
{
	enum h1_progress got = H1_READY;

	if (r->chunk_offset < r->head_bytes)
		r->chunk_offset = r->head_bytes;
	while (got == H1_READY) {
		if (r->chunk_left == 0)
			got = begin_chunk(in, body_cap, decoded, r);
		if (got == H1_READY)
			got = read_chunk(in, decoded, r);
		if (decoded->failed != NOTAR_OK)
			return h1_refuse(r, 503, "no memory");
		if (got == H1_READY && r->chunk_last)
			break;
	}
	if (got != H1_READY)
		return got;
	r->total_bytes = r->chunk_offset;
	r->body = buf_span(decoded);
	return H1_READY;
}

enum h1_progress
h1_read_body(struct span in, size_t body_cap, struct buf *decoded, struct h1_request *r)
{
	if (r->chunked)
		return read_chunks(in, body_cap, decoded, r);
	if (r->content_length > body_cap)
		return h1_refuse(r, 413, "too large a body");
	r->total_bytes = r->head_bytes + (size_t)r->content_length;
	if (in.len < r->total_bytes)
		return H1_HEAD;
	r->body = (struct span){ in.ptr + r->head_bytes, (size_t)r->content_length };
	return H1_READY;
}

void
h1_forget_chunks(struct buf *in, struct h1_request *r)
{
	if (!r->chunked || r->chunk_offset <= r->head_bytes)
		return;
	size_t left = in->len - r->chunk_offset;

	memmove(in->ptr + r->head_bytes, in->ptr + r->chunk_offset, left);
	buf_cut(in, r->head_bytes + left);
	r->chunk_offset = r->head_bytes;
}
