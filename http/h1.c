/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1.h"

enum h1_progress
h1_refuse(struct h1_request *request, int status, const char *problem)
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

/* keep_alive tells the two versions apart until read_meaning. */
static enum h1_progress
read_version(struct span text, struct h1_request *out)
{
	out->keep_alive = span_is(text, "HTTP/1.1");
	if (out->keep_alive || span_is(text, "HTTP/1.0"))
		return H1_HEAD;
	if (text.len == strlen("HTTP/1.1") && span_starts_with(text, "HTTP/"))
		return h1_refuse(out, 505, "only HTTP/1.0 and HTTP/1.1");
	return h1_refuse(out, 400, "not an HTTP request");
}

static enum h1_progress
read_request_line(struct span line, struct h1_request *out)
{
	out->method = take_word(&line);
	struct span target = take_word(&line);

	if (!is_token(out->method))
		return h1_refuse(out, 400, "not an HTTP request");
	if (target.len > LIMIT_HTTP_TARGET_BYTES)
		return h1_refuse(out, 414, "too long a target");
	if (!is_visible(target) || !span_starts_with(target, "/") ||
	    span_find(target, '#') != target.len)
		return h1_refuse(out, 400, "the target is no path");
	size_t query = span_find(target, '?');

	out->path = (struct span){ target.ptr, query };
	out->query = span_from(target, query < target.len ? query + 1 : query);
	return read_version(line, out);
}

static struct span
trim(struct span text)
{
	while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		text = span_from(text, 1);
	while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
		text.len--;
	return text;
}

static enum h1_progress
read_field(struct span line, struct h1_request *out)
{
	size_t colon = span_find(line, ':');

	if (line.ptr[0] == ' ' || line.ptr[0] == '\t')
		return h1_refuse(out, 400, "a folded header line");
	if (colon == line.len || !is_token((struct span){ line.ptr, colon }))
		return h1_refuse(out, 400, "not a header line");
	struct span value = trim(span_from(line, colon + 1));

	if (!is_field_value(value))
		return h1_refuse(out, 400, "a control byte in a header");
	if (out->header_count == LIMIT_HTTP_HEADERS)
		return h1_refuse(out, 431, "too many headers");
	out->headers[out->header_count++] = (struct h1_header){ { line.ptr, colon }, value };
	return H1_HEAD;
}

static bool
is_same_word(struct span text, const char *word)
{
	return span_find(text, ',') == text.len && h1_has_word(text, word);
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
	size_t lengths = h1_header_count(out, "content-length");
	size_t encodings = h1_header_count(out, "transfer-encoding");

	if (lengths + encodings > 1)
		return h1_refuse(out, 400, "more than one length");
	if (lengths == 1 && !read_length(h1_header(out, "content-length"), &out->content_length))
		return h1_refuse(out, 400, "Content-Length is no number");
	if (encodings == 1) {
		if (!is_same_word(h1_header(out, "transfer-encoding"), "chunked"))
			return h1_refuse(out, 501, "only the chunked transfer coding");
		if (!out->keep_alive)
			return h1_refuse(out, 400, "a transfer coding in HTTP/1.0");
		out->chunked = true;
	}
	return H1_HEAD;
}

/* A name or address and maybe a port: nothing that could hide a second one. Empty is allowed. */
static bool
is_host(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= 0x20 || text.ptr[i] >= 0x7f ||
		    strchr("\"#%,/<>?@\\^`{|}", text.ptr[i]) != NULL)
			return false;
	return true;
}

static bool
asks_to_close(const struct h1_request *request)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (is_same_word(request->headers[i].name, "connection") &&
		    h1_has_word(request->headers[i].value, "close"))
			return true;
	return false;
}

static enum h1_progress
read_meaning(struct h1_request *out)
{
	bool is_1_1 = out->keep_alive;
	size_t hosts = h1_header_count(out, "host");

	if (hosts > 1 || (is_1_1 && hosts == 0))
		return h1_refuse(out, 400, "not exactly one Host");
	if (!is_host(h1_header(out, "host")))
		return h1_refuse(out, 400, "Host is no host");
	if (read_framing(out) == H1_WRONG)
		return H1_WRONG;
	if (asks_to_close(out))
		out->keep_alive = false;
	if (h1_header_count(out, "expect") > 0) {
		if (!is_same_word(h1_header(out, "expect"), "100-continue"))
			return h1_refuse(out, 417, "an expectation that is not met");
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
			return h1_refuse(out, 400, "not an HTTP request");
	if (in.len <= LIMIT_HTTP_HEADER_BYTES)
		return H1_MORE;
	return first ? h1_refuse(out, 414, "too long a target") :
		       h1_refuse(out, 431, "too long a header");
}

bool
h1_may_progress(struct span in, size_t seen)
{
	return seen == 0 || in.len > LIMIT_HTTP_HEADER_BYTES ||
	       span_find(span_from(in, seen), '\n') < in.len - seen;
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
			return h1_refuse(out, 400, "a line that does not end in CR LF");
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
		return h1_refuse(out, 431, "too long a header");
	return read_meaning(out);
}
