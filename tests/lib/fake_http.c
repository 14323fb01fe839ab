/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/fake_http.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUESTS_MOST 512
#define REQUEST_BYTES (1U << 20)

struct fake_http {
	int listener;
	int wake[2];
	pthread_t thread;
	pthread_mutex_t lock;
	fake_answer *answer;
	void *user;
	char url[64];
	char *requests[REQUESTS_MOST];
	unsigned count;
};

void
fake_reply(struct buf *out, int status, const char *headers, const char *body)
{
	buf_printf(out, "HTTP/1.1 %d Status\r\nConnection: close\r\nContent-Length: %zu\r\n",
		   status, strlen(body));
	buf_append_str(out, headers);
	buf_append_str(out, "\r\n");
	buf_append_str(out, body);
}

/* Content-Length of the header block, 0 without one. */
static size_t
body_length(const char *request)
{
	const char *line = strcasestr(request, "\r\ncontent-length:");

	return line == NULL ? 0 : (size_t)strtoul(line + 17, NULL, 10);
}

static bool
is_whole(struct buf *request)
{
	const char *text = buf_cstr(request);
	const char *end = text == NULL ? NULL : strstr(text, "\r\n\r\n");

	return end != NULL && request->len >= (size_t)(end - text) + 4 + body_length(text);
}

static void
read_request(int fd, struct buf *request)
{
	uint8_t bytes[4096];
	ssize_t n;

	while (!is_whole(request) && (n = read(fd, bytes, sizeof(bytes))) > 0)
		buf_append(request, bytes, (size_t)n);
}

static void
serve(struct fake_http *server, int fd)
{
	NOTAR_AUTO_OF(buf) request = { .cap = REQUEST_BYTES };
	NOTAR_AUTO_OF(buf) out = { 0 };
	unsigned nth;

	read_request(fd, &request);
	if (request.len == 0)
		return;
	(void)pthread_mutex_lock(&server->lock);
	nth = server->count;
	if (nth < REQUESTS_MOST)
		server->requests[server->count++] = strdup(buf_cstr(&request));
	(void)pthread_mutex_unlock(&server->lock);
	server->answer(server, nth, buf_cstr(&request), &out, server->user);
	for (size_t sent = 0; sent < out.len;) {
		ssize_t n = send(fd, out.ptr + sent, out.len - sent, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		sent += (size_t)n;
	}
}

static void *
run(void *arg)
{
	struct fake_http *server = arg;
	struct pollfd fds[2] = { { server->listener, POLLIN, 0 }, { server->wake[0], POLLIN, 0 } };

	while (poll(fds, 2, -1) >= 0 && fds[1].revents == 0) {
		int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		serve(server, fd);
		(void)shutdown(fd, SHUT_WR);
		(void)close(fd);
	}
	return NULL;
}

struct fake_http *
fake_http_start(const char *ip, fake_answer *answer, void *user)
{
	struct fake_http *server = calloc(1, sizeof(*server));
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);

	if (server == NULL || inet_pton(AF_INET, ip, &at.sin_addr) != 1)
		abort();
	server->answer = answer;
	server->user = user;
	(void)pthread_mutex_init(&server->lock, NULL);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server->listener < 0 || pipe(server->wake) != 0 ||
	    bind(server->listener, (struct sockaddr *)&at, len) != 0 ||
	    listen(server->listener, 64) != 0 ||
	    getsockname(server->listener, (struct sockaddr *)&at, &len) != 0)
		abort();
	(void)snprintf(server->url, sizeof(server->url), "http://%s:%u", ip,
		       (unsigned)ntohs(at.sin_port));
	if (pthread_create(&server->thread, NULL, run, server) != 0)
		abort();
	return server;
}

void
fake_http_stop(struct fake_http *server)
{
	(void)!write(server->wake[1], "", 1);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->listener);
	(void)close(server->wake[0]);
	(void)close(server->wake[1]);
	for (unsigned i = 0; i < server->count; i++)
		free(server->requests[i]);
	(void)pthread_mutex_destroy(&server->lock);
	free(server);
}

const char *
fake_http_url(const struct fake_http *server)
{
	return server->url;
}

const char *
fake_http_host(const struct fake_http *server)
{
	return server->url + strlen("http://");
}

unsigned
fake_http_count(struct fake_http *server)
{
	(void)pthread_mutex_lock(&server->lock);
	unsigned count = server->count;
	(void)pthread_mutex_unlock(&server->lock);
	return count;
}

const char *
fake_http_request(struct fake_http *server, unsigned nth)
{
	return nth < fake_http_count(server) ? server->requests[nth] : "";
}

bool
fake_http_saw(struct fake_http *server, const char *text)
{
	for (unsigned i = 0; i < fake_http_count(server); i++)
		if (strstr(server->requests[i], text) != NULL)
			return true;
	return false;
}
