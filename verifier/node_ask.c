/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/node_ask.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"

#define ANSWER_BYTES (1U << 20)

static enum notar_code
fail(struct notar_error *err, const char *what)
{
	return notar_fail(err, NOTAR_E_NET, "notard: %s: %s", what, strerrordesc_np(errno));
}

static enum notar_code
open_socket(const char *path, int *out, struct notar_error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	union {
		const struct sockaddr_un *un;
		const struct sockaddr *sa;
	} a = { &address };
	NOTAR_AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		return notar_fail(err, NOTAR_E_CONFIG, "%s: too long a path", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	/* A listener whose backlog is full says EAGAIN: as good as nobody there. */
	if (fd < 0 || connect(fd, a.sa, sizeof(address)) != 0)
		return fail(err, path);
	*out = fd;
	fd = -1;
	return NOTAR_OK;
}

static enum notar_code
wait_for(int fd, short events, int64_t deadline_ms, struct notar_error *err)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int64_t left = clock_left_ms(deadline_ms);
	int got = left > 0 ? poll(&poll_fd, 1, (int)(left > 60000 ? 60000 : left)) : 0;

	if (got > 0)
		return NOTAR_OK;
	return got == 0 ? notar_fail(err, NOTAR_E_TIMEOUT, "notard does not answer in time") :
			  fail(err, "waiting");
}

static enum notar_code
send_all(int fd, struct span bytes, int64_t deadline_ms, struct notar_error *err)
{
	while (bytes.len > 0) {
		NOTAR_TRY(wait_for(fd, POLLOUT, deadline_ms, err));
		ssize_t done = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

		if (done < 0 && errno != EAGAIN && errno != EINTR)
			return fail(err, "asking");
		if (done > 0)
			bytes = span_from(bytes, (size_t)done);
	}
	return NOTAR_OK;
}

/* Until the other end closes, as it was asked to. */
static enum notar_code
receive_all(int fd, int64_t deadline_ms, struct buf *out, struct notar_error *err)
{
	for (;;) {
		uint8_t chunk[16384];

		NOTAR_TRY(wait_for(fd, POLLIN, deadline_ms, err));
		ssize_t got = recv(fd, chunk, sizeof(chunk), 0);

		if (got == 0)
			return NOTAR_OK;
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return fail(err, "reading");
		if (got > 0)
			buf_append(out, chunk, (size_t)got);
		if (out->len > ANSWER_BYTES)
			return notar_fail(err, NOTAR_E_LIMIT, "notard: too long an answer");
	}
}

static void
write_request(const char *image, int64_t left_ms, struct buf *out)
{
	NOTAR_AUTO_OF(buf) body = { 0 };

	json_begin_object(&body);
	json_name(&body, "images");
	json_begin_array(&body);
	json_put_str(&body, image);
	json_end_array(&body);
	json_end_object(&body);
	buf_printf(out,
		   "POST /v1/verify?timeout=%lldms HTTP/1.1\r\nHost: notard\r\n"
		   "Content-Type: application/json\r\nConnection: close\r\n"
		   "Content-Length: %zu\r\n\r\n",
		   (long long)left_ms, body.len);
	buf_append_span(out, buf_span(&body));
	if (body.failed != NOTAR_OK)
		out->failed = body.failed;
}

/* The body of a 200; everything else is no answer. */
static enum notar_code
find_body(struct span answer, struct span *out, struct notar_error *err)
{
	static const char ok[] = "HTTP/1.1 200 ", gap[] = "\r\n\r\n";
	const uint8_t *at = answer.len < sizeof(ok) ?
				    NULL :
				    memmem(answer.ptr, answer.len, gap, sizeof(gap) - 1);

	if (at == NULL || memcmp(answer.ptr, ok, sizeof(ok) - 1) != 0)
		return notar_fail(err, NOTAR_E_NET, "notard answers %.*s",
				  (int)span_find(answer, '\r') < 60 ? (int)span_find(answer, '\r') :
								      60,
				  answer.ptr == NULL ? "" : (const char *)answer.ptr);
	*out = span_from(answer, (size_t)(at - answer.ptr) + sizeof(gap) - 1);
	return NOTAR_OK;
}

static void
copy_text(char *out, size_t room, struct span text)
{
	size_t len = text.len < room ? text.len : room - 1;

	if (len > 0)
		memcpy(out, text.ptr, len);
	out[len] = '\0';
}

static enum notar_code
read_result(const struct json *result, struct node_answer *out, struct notar_error *err)
{
	struct span verdict, reason, message, action;

	NOTAR_TRY(json_member_string(result, "verdict", &verdict, err));
	NOTAR_TRY(json_member_string(result, "reason", &reason, err));
	NOTAR_TRY(json_member_string(result, "message", &message, err));
	NOTAR_TRY(json_member_string(result, "action", &action, err));
	out->verdict = span_is(verdict, "allow") ? NOTAR_ALLOW :
		       span_is(verdict, "deny")  ? NOTAR_DENY :
						   NOTAR_UNDETERMINED;
	out->let_run = span_is(action, "warn") || span_is(action, "audit");
	copy_text(out->reason, sizeof(out->reason), reason);
	copy_text(out->message, sizeof(out->message), message);
	return NOTAR_OK;
}

static enum notar_code
read_answer(struct span body, struct node_answer *out, struct notar_error *err)
{
	const struct json_limits limits = { ANSWER_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top, results;
	size_t count;

	NOTAR_TRY(json_parse(body, limits, "notard's answer", &root, &top, err));
	NOTAR_TRY(json_member(&top, "results", &results, err));
	NOTAR_TRY(json_as_array(&results, 1, &count, err));
	if (count != 1)
		return notar_fail(err, NOTAR_E_FORMAT, "notard's answer: not one result");
	struct json one = json_item(&results, 0);

	return read_result(&one, out, err);
}

enum notar_code
node_ask(const char *socket_path, const char *image, int64_t deadline_ms, struct node_answer *out,
	 struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) request = { 0 };
	NOTAR_AUTO_OF(buf) answer = { 0 };
	struct node_answer read = { 0 };
	NOTAR_AUTO_FD fd = -1;
	struct span body;

	NOTAR_TRY(open_socket(socket_path, &fd, err));
	write_request(image, clock_left_ms(deadline_ms), &request);
	NOTAR_TRY(buf_finish(&request, "question", err));
	NOTAR_TRY(send_all(fd, buf_span(&request), deadline_ms, err));
	NOTAR_TRY(receive_all(fd, deadline_ms, &answer, err));
	NOTAR_TRY(buf_finish(&answer, "answer", err));
	NOTAR_TRY(find_body(buf_span(&answer), &body, err));
	NOTAR_TRY(read_answer(body, &read, err));
	*out = read;
	return NOTAR_OK;
}
