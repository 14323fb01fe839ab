/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include "http/loop.h"

static enum io
ssl_outcome(struct conn *conn, int rc)
{
	int error = SSL_get_error(conn->ssl, rc);

	ERR_clear_error();
	if (error == SSL_ERROR_WANT_READ)
		return IO_WANT_READ;
	if (error == SSL_ERROR_WANT_WRITE)
		return IO_WANT_WRITE;
	return error == SSL_ERROR_ZERO_RETURN ? IO_END : IO_FAILED;
}

#define RECORD_HEAD 5
#define RECORD_HANDSHAKE 22

/* The kernel keeps the bytes, and wakes us when so many are there. */
static enum io
await_bytes(struct conn *conn, size_t count)
{
	int bytes = (int)count;

	return setsockopt(conn->fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof(bytes)) == 0 ?
		       IO_WANT_READ :
		       IO_FAILED;
}

enum io
conn_await_hello(struct conn *conn)
{
	uint8_t *bytes = conn->loop->scratch;
	ssize_t got = recv(conn->fd, bytes, sizeof(conn->loop->scratch), MSG_PEEK);

	if (got == 0)
		return IO_END;
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? await_bytes(conn, RECORD_HEAD) :
							   IO_FAILED;
	if (bytes[0] != RECORD_HANDSHAKE)
		return IO_FAILED;
	if (got < RECORD_HEAD)
		return await_bytes(conn, RECORD_HEAD);
	size_t wanted = RECORD_HEAD + ((size_t)bytes[3] << 8 | bytes[4]);

	if (wanted > sizeof(conn->loop->scratch))
		return IO_FAILED;
	if ((size_t)got < wanted)
		return await_bytes(conn, wanted);
	return await_bytes(conn, 1) == IO_FAILED ? IO_FAILED : IO_DONE;
}

enum io
conn_handshake(struct conn *conn)
{
	int rc = SSL_do_handshake(conn->ssl);

	return rc == 1 ? IO_DONE : ssl_outcome(conn, rc);
}

static enum io
socket_outcome(ssize_t got, enum io want)
{
	if (got == 0)
		return IO_END;
	return errno == EAGAIN || errno == EINTR ? want : IO_FAILED;
}

enum io
conn_read(struct conn *conn)
{
	uint8_t *room = conn->loop->scratch;
	enum io outcome = IO_DONE;
	size_t got = 0;

	if (conn->ssl != NULL) {
		int rc = SSL_read_ex(conn->ssl, room, sizeof(conn->loop->scratch), &got);

		if (rc != 1)
			outcome = ssl_outcome(conn, rc);
	} else {
		ssize_t rc = recv(conn->fd, room, sizeof(conn->loop->scratch), 0);

		if (rc > 0)
			got = (size_t)rc;
		else
			outcome = socket_outcome(rc, IO_WANT_READ);
	}
	if (got > 0)
		buf_append(&conn->in, room, got);
	return conn->in.failed != NOTAR_OK ? IO_FAILED : outcome;
}

enum io
conn_write(struct conn *conn)
{
	while (conn->sent < conn->out.len) {
		const uint8_t *at = conn->out.ptr + conn->sent;
		size_t left = conn->out.len - conn->sent, done = 0;

		if (conn->ssl != NULL) {
			int rc = SSL_write_ex(conn->ssl, at, left, &done);

			if (rc != 1)
				return ssl_outcome(conn, rc);
		} else {
			ssize_t rc = send(conn->fd, at, left, MSG_NOSIGNAL);

			if (rc <= 0)
				return socket_outcome(rc == 0 ? -1 : rc, IO_WANT_WRITE);
			done = (size_t)rc;
		}
		conn->sent += done;
	}
	return IO_DONE;
}
