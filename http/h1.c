/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1.h"

#include <strings.h>

#define LIMIT_TARGET_BYTES 4096

static enum h1_progress
refuse(struct h1_request *request, int status, const char *problem)
{
	request->status = status;
	request->problem = problem;
	return H1_WRONG;
}

/* RFC 9110 section 5.6.2. */
static bool
is_token_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_token(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_token_byte(text.ptr[i]))
			return false;
	return text.len > 0;
}

/* Visible ASCII, so neither spaces nor control bytes nor anything above. */
static bool
is_visible(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= 0x20 || text.ptr[i] >= 0x7f)
			return false;
	return text.len > 0;
}

static bool
is_field_value(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((text.ptr[i] < 0x20 && text.ptr[i] != '\t') || text.ptr[i] == 0x7f)
			return false;
	return true;
}

static bool
equals_ignoring_case(struct span a, const char *b)
{
	return a.len == strlen(b) && (a.len == 0 ||
		strncasecmp((const char *)a.ptr, b, a.len) == 0);
}

enum line { LINE_MORE, LINE_WHOLE, LINE_WRONG };

/* One line and its CRLF. A CR or LF of its own is wrong wherever it stands. */
static enum line
take_line(struct span *rest, struct span *line)
{
	for (size_t i = 0; i < rest->len; i++) {
		if (rest->ptr[i] == '\n')
			return LINE_WRONG;
		if (rest->ptr[i] != '\r')
			continue;
		if (i + 1 == rest->len)
			return LINE_MORE;
		if (rest->ptr[i + 1] != '\n')
			return LINE_WRONG;
		*line = (struct span){ rest->ptr, i };
		*rest = span_from(*rest, i + 2);
		return LINE_WHOLE;
	}
	return LINE_MORE;
}

static struct span
take_word(struct span *line)
{
	size_t end = span_find(*line, ' ');
	struct span word = { line->ptr, end };

	*line = span_from(*line, end < line->len ? end + 1 : end);
	return word;
}

static enum h1_progress
read_request_line(struct span line, struct h1_request *out)
{
	out->method = take_word(&line);
	struct span target = take_word(&line);

	if (!is_token(out->method))
		return refuse(out, 400, "not an HTTP request");
	if (target.len > LIMIT_TARGET_BYTES)
		return refuse(out, 414, "too long a target");
	if (!is_visible(target) || target.ptr[0] != '/' || span_find(target, '#') != target.len)
		return refuse(out, 400, "the target is no path");
	size_t query = span_find(target, '?');

	out->path = (struct span){ target.ptr, query };
	out->query = span_from(target, query < target.len ? query + 1 : query);
	if (span_is(line, "HTTP/1.1"))
		out->keep_alive = true;
	else if (!span_is(line, "HTTP/1.0"))
		return refuse(out, 505, "only HTTP/1.0 and HTTP/1.1");
	return H1_HEAD;
}

static struct span
trim(struct span text)
{
	while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		text = span_from(text, 1);
	while (text.len > 0 &&
	       (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
		text.len--;
	return text;
}

static enum h1_progress
read_field(struct span line, struct h1_request *out)
{
	size_t colon = span_find(line, ':');

	if (line.ptr[0] == ' ' || line.ptr[0] == '\t')
		return refuse(out, 400, "a folded header line");
	if (colon == line.len || !is_token((struct span){ line.ptr, colon }))
		return refuse(out, 400, "not a header line");
	struct span value = trim(span_from(line, colon + 1));

	if (!is_field_value(value))
		return refuse(out, 400, "a control byte in a header");
	if (out->header_count == H1_HEADERS)
		return refuse(out, 431, "too many headers");
	out->headers[out->header_count++] =
		(struct h1_header){ { line.ptr, colon }, value };
	return H1_HEAD;
}

static size_t
count_headers(const struct h1_request *request, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < request->header_count; i++)
		count += equals_ignoring_case(request->headers[i].name, name) ? 1 : 0;
	return count;
}

struct span
h1_header(const struct h1_request *request, const char *name)
{
	if (count_headers(request, name) != 1)
		return (struct span){ 0 };
	for (size_t i = 0; i < request->header_count; i++)
		if (equals_ignoring_case(request->headers[i].name, name)) {
			struct span value = request->headers[i].value;

			return value.ptr != NULL ? value : span_str("");
		}
	return (struct span){ 0 };
}

static bool
read_length(struct span text, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9' || *out > UINT64_MAX / 100)
			return false;
		*out = *out * 10 + (uint64_t)(text.ptr[i] - '0');
	}
	return text.len > 0;
}

/* How long the body is: the one thing that must never be understood in two ways. */
static enum h1_progress
read_framing(struct h1_request *out)
{
	size_t lengths = count_headers(out, "content-length");
	size_t encodings = count_headers(out, "transfer-encoding");

	if (lengths + encodings > 1)
		return refuse(out, 400, "more than one length");
	if (lengths == 1 && !read_length(h1_header(out, "content-length"), &out->content_length))
		return refuse(out, 400, "Content-Length is no number");
	if (encodings == 1) {
		if (!equals_ignoring_case(h1_header(out, "transfer-encoding"), "chunked"))
			return refuse(out, 501, "only the chunked transfer coding");
		if (!out->keep_alive)
			return refuse(out, 400, "a transfer coding in HTTP/1.0");
		out->chunked = true;
	}
	return H1_HEAD;
}

static enum h1_progress
read_meaning(struct h1_request *out)
{
	bool is_1_1 = out->keep_alive;
	struct span connection = h1_header(out, "connection");
	struct span expect = h1_header(out, "expect");
	size_t hosts = count_headers(out, "host");

	if (hosts > 1 || (is_1_1 && hosts == 0))
		return refuse(out, 400, "not exactly one Host");
	if (read_framing(out) == H1_WRONG)
		return H1_WRONG;
	if (count_headers(out, "connection") > 1 || equals_ignoring_case(connection, "close"))
		out->keep_alive = false;
	if (count_headers(out, "expect") > 0) {
		if (!equals_ignoring_case(expect, "100-continue"))
			return refuse(out, 417, "an expectation that is not met");
		out->expects_continue = is_1_1;
	}
	return H1_HEAD;
}

/* A request that is not all there may already be recognised as none. */
static enum h1_progress
incomplete(struct span in, struct span line, bool first, struct h1_request *out)
{
	for (size_t i = 0; first && i < line.len; i++)
		if ((line.ptr[i] < 0x20 && line.ptr[i] != '\r') || line.ptr[i] >= 0x7f)
			return refuse(out, 400, "not an HTTP request");
	return in.len > LIMIT_HTTP_HEADER_BYTES ? refuse(out, 431, "too long a header") : H1_MORE;
}

enum h1_progress
h1_read_head(struct span in, struct h1_request *out)
{
	struct span rest = in, line;
	bool first = true;

	*out = (struct h1_request){ 0 };
	for (;;) {
		switch (take_line(&rest, &line)) {
		case LINE_MORE:
			return incomplete(in, rest, first, out);
		case LINE_WRONG:
			return refuse(out, 400, "a line that does not end in CR LF");
		case LINE_WHOLE:
			break;
		}
		if (!first && line.len == 0)
			break;
		if ((first ? read_request_line(line, out) : read_field(line, out)) == H1_WRONG)
			return H1_WRONG;
		first = false;
	}
	out->head_bytes = in.len - rest.len;
	if (out->head_bytes > LIMIT_HTTP_HEADER_BYTES)
		return refuse(out, 431, "too long a header");
	return read_meaning(out);
}

/* "1a2B": at most 8 digits, no extension. */
static bool
read_chunk_size(struct span line, size_t *out)
{
	*out = 0;
	for (size_t i = 0; i < line.len; i++) {
		uint8_t c = line.ptr[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;
		if (digit < 0)
			return false;
		*out = *out * 16 + (size_t)digit;
	}
	return line.len > 0 && line.len <= 8;
}

static enum h1_progress
read_chunks(struct span in, size_t body_cap, struct buf *decoded, struct h1_request *r)
{
	struct span rest = span_from(in, r->chunk_offset > 0 ? r->chunk_offset : r->head_bytes);
	struct span line;
	size_t size;

	for (;;) {
		r->chunk_offset = in.len - rest.len;
		enum line got = take_line(&rest, &line);

		if (got == LINE_MORE)
			return rest.len > 16 ? refuse(r, 400, "not a chunk's size") : H1_HEAD;
		if (got == LINE_WRONG || !read_chunk_size(line, &size))
			return refuse(r, 400, "not a chunk's size");
		if (size > body_cap || decoded->len > body_cap - size)
			return refuse(r, 413, "too large a body");
		if (rest.len < size + 2)
			return H1_HEAD;
		buf_append(decoded, rest.ptr, size);
		/* A chunk's data, and behind size 0 the empty trailer, end in CR LF. */
		if (rest.ptr[size] != '\r' || rest.ptr[size + 1] != '\n')
			return refuse(r, 400, "a chunk of another size, or trailers");
		rest = span_from(rest, size + 2);
		if (size == 0)
			break;
	}
	if (decoded->failed != NOTAR_OK)
		return refuse(r, 503, "no memory");
	r->total_bytes = in.len - rest.len;
	r->body = buf_span(decoded);
	return H1_READY;
}

enum h1_progress
h1_read_body(struct span in, size_t body_cap, struct buf *decoded, struct h1_request *r)
{
	if (r->chunked)
		return read_chunks(in, body_cap, decoded, r);
	if (r->content_length > body_cap)
		return refuse(r, 413, "too large a body");
	r->total_bytes = r->head_bytes + (size_t)r->content_length;
	if (in.len < r->total_bytes)
		return H1_HEAD;
	r->body = (struct span){ in.ptr + r->head_bytes, (size_t)r->content_length };
	return H1_READY;
}

struct span
h1_query_value(struct span query, const char *name)
{
	struct span found = { 0 };
	size_t times = 0;

	while (query.len > 0) {
		size_t end = span_find(query, '&');
		struct span pair = { query.ptr, end };
		size_t equals = span_find(pair, '=');

		if (span_is((struct span){ pair.ptr, equals }, name)) {
			found = span_from(pair, equals < pair.len ? equals + 1 : equals);
			times++;
		}
		query = span_from(query, end < query.len ? end + 1 : end);
	}
	return times == 1 ? found : (struct span){ 0 };
}
