/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "http/loop.h"

#define BACKLOG 1024
#define UNIX_PREFIX "unix:"

/* "127.0.0.1:8443", "[::1]:0": numbers only, so that nothing depends on a resolver. */
static enum notar_code
parse_address(const char *text, unsigned port, struct addrinfo **out, struct notar_error *err)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
					.ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(text, ':');
	char host[64], service[12];

	if (colon == NULL || (size_t)(colon - text) >= sizeof(host) || strlen(colon + 1) > 5 ||
	    colon[1] == '\0')
		return notar_fail(err, NOTAR_E_CONFIG, "listen: not an address and a port: %s",
				  text);
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	size_t len = strlen(host);

	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		memmove(host, host + 1, len - 1);
	}
	(void)snprintf(service, sizeof(service), "%s", colon + 1);
	if (port != 0)
		(void)snprintf(service, sizeof(service), "%u", port);
	if (host[0] == '\0' || getaddrinfo(host, service, &hints, out) != 0)
		return notar_fail(err, NOTAR_E_CONFIG, "listen: not an address and a port: %s",
				  text);
	return NOTAR_OK;
}

static enum notar_code
fail(struct notar_error *err, const char *text)
{
	return notar_fail(err, NOTAR_E_IO, "listen on %s: %s", text, strerrordesc_np(errno));
}

static enum notar_code
bind_tcp(const char *text, const struct addrinfo *address, int *out, struct notar_error *err)
{
	NOTAR_AUTO_FD fd =
		socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail(err, text);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	/* A listener a loop: the kernel spreads connections. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){ 1 }, sizeof(int));
	if (address->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 }, sizeof(int));
	if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)
		return fail(err, text);
	*out = fd;
	fd = -1;
	return NOTAR_OK;
}

static unsigned
port_of(int fd)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof(address);
	union {
		struct sockaddr_storage *any;
		struct sockaddr *sa;
		struct sockaddr_in *v4;
		struct sockaddr_in6 *v6;
	} a = { &address };

	if (getsockname(fd, a.sa, &len) != 0)
		return 0;
	return ntohs(address.ss_family == AF_INET6 ? a.v6->sin6_port : a.v4->sin_port);
}

/*
 * SO_REUSEPORT would let a second notard of the same user share the port unnoticed, half the
 * questions each: the first listener is tried without it.
 */
static bool
is_taken(const struct addrinfo *address)
{
	NOTAR_AUTO_FD fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	return bind(fd, address->ai_addr, address->ai_addrlen) != 0 && errno == EADDRINUSE;
}

static enum notar_code
listen_tcp(struct http_server *server, size_t i, size_t loop, int *out, struct notar_error *err)
{
	const char *text = server->options.listen[i];
	struct addrinfo *address;

	NOTAR_TRY(parse_address(text, server->ports[i], &address, err));
	enum notar_code code = NOTAR_OK;

	if (loop == 0 && is_taken(address)) {
		errno = EADDRINUSE;
		code = fail(err, text);
	}
	if (code == NOTAR_OK)
		code = bind_tcp(text, address, out, err);
	freeaddrinfo(address);
	if (code == NOTAR_OK)
		server->ports[i] = port_of(*out);
	return code;
}

/* A socket that is left from a notard that was killed is removed; one that answers is not. */
static bool
is_answering(const struct sockaddr_un *address)
{
	NOTAR_AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	union {
		const struct sockaddr_un *un;
		const struct sockaddr *sa;
	} a = { address };

	return fd >= 0 && connect(fd, a.sa, sizeof(*address)) == 0;
}

static enum notar_code
listen_unix(struct http_server *server, size_t i, int *out, struct notar_error *err)
{
	const char *text = server->options.listen[i], *path = text + strlen(UNIX_PREFIX);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	union {
		const struct sockaddr_un *un;
		const struct sockaddr *sa;
	} a = { &address };
	NOTAR_AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct stat st;

	if (path[0] == '\0' || strlen(path) >= sizeof(address.sun_path))
		return notar_fail(err, NOTAR_E_CONFIG, "listen: too long or empty a path: %s",
				  text);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (fd < 0)
		return fail(err, text);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) && !is_answering(&address))
		(void)unlink(path);
	if (bind(fd, a.sa, sizeof(address)) != 0 || chmod(path, 0660) != 0 ||
	    listen(fd, BACKLOG) != 0)
		return fail(err, text);
	server->unix_paths[i] = strdup(path);
	*out = fd;
	fd = -1;
	return NOTAR_OK;
}

enum notar_code
listen_all(struct http_server *server, size_t loop, struct notar_error *err)
{
	for (size_t i = 0; server->options.listen[i] != NULL; i++) {
		const char *text = server->options.listen[i];
		bool is_unix = strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0;
		int fd = -1;

		if (i == LISTENERS)
			return notar_fail(err, NOTAR_E_CONFIG, "listen: over %d addresses",
					  LISTENERS);
		if (is_unix && loop > 0)
			continue;
		NOTAR_TRY(is_unix ? listen_unix(server, i, &fd, err) :
				    listen_tcp(server, i, loop, &fd, err));
		server->listeners[server->listener_count++] =
			(struct listener){ fd, is_unix, loop };
	}
	return NOTAR_OK;
}

void
listen_close(struct http_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		(void)close(server->listeners[i].fd);
	server->listener_count = 0;
	for (size_t i = 0; i < LISTENERS; i++) {
		if (server->unix_paths[i] != NULL)
			(void)unlink(server->unix_paths[i]);
		free(server->unix_paths[i]);
		server->unix_paths[i] = NULL;
	}
}
