/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "http/loop.h"

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 200, "OK" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

static const char *
phrase_of(int status)
{
	for (size_t i = 0; i < NOTAR_COUNT(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "";
}

void
answer_write(struct buf *out, struct http_answer *answer, bool close)
{
	int status = answer->status == 0 ? 200 : answer->status;
	const char *type = answer->content_type == NULL ? "application/json" : answer->content_type;

	if (answer->body.failed != NOTAR_OK || answer->headers.failed != NOTAR_OK) {
		http_answer_release(answer);
		http_answer_error(answer, 500, "no memory for an answer");
		status = 500;
	}
	buf_printf(out,
		   "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		   "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n",
		   status, phrase_of(status), type, answer->body.len);
	if (answer->allow != NULL)
		buf_printf(out, "Allow: %s\r\n", answer->allow);
	if (answer->retry_after_s > 0)
		buf_printf(out, "Retry-After: %u\r\n", answer->retry_after_s);
	buf_append_span(out, buf_span(&answer->headers));
	buf_append_str(out, close ? "Connection: close\r\n\r\n" : "\r\n");
	buf_append_span(out, buf_span(&answer->body));
	http_answer_release(answer);
}

void
http_answer_header(struct http_answer *answer, const char *name, struct span value)
{
	buf_append_str(&answer->headers, name);
	buf_append_str(&answer->headers, ": ");
	for (size_t i = 0; i < value.len; i++)
		buf_append_byte(&answer->headers,
				value.ptr[i] >= 0x20 && value.ptr[i] < 0x7f ? value.ptr[i] : '?');
	buf_append_str(&answer->headers, "\r\n");
}

void
http_answer_release(struct http_answer *answer)
{
	buf_release(&answer->body);
	buf_release(&answer->headers);
}

void
http_answer_error(struct http_answer *answer, int status, const char *message)
{
	*answer = (struct http_answer){ .status = status };
	json_begin_object(&answer->body);
	json_pair_str(&answer->body, "error", message);
	json_end_object(&answer->body);
	buf_append_str(&answer->body, "\n");
}
