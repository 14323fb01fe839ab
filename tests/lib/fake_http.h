/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_FAKE_HTTP_H
#define TESTS_LIB_FAKE_HTTP_H

#include "base/buf.h"

/*
 * An HTTP server on loopback that says exactly what a test wants: raw bytes, one request a
 * connection. It remembers what it was asked.
 */
struct fake_http;

/* Runs on the server's thread: appends the raw answer to the nth request (from 0). Nothing
 * appended hangs up; the connection is closed behind the answer. */
typedef void fake_answer(struct fake_http *server, unsigned nth, const char *request,
			 struct buf *out, void *user);

/* ip: "127.0.0.1", or another of 127.0.0.0/8 to be another host. */
struct fake_http *fake_http_start(const char *ip, fake_answer *answer, void *user);
void fake_http_stop(struct fake_http *server);

/* "http://127.0.0.1:PORT" and "127.0.0.1:PORT"; they live as long as the server. */
const char *fake_http_url(const struct fake_http *server);
const char *fake_http_host(const struct fake_http *server);

unsigned fake_http_count(struct fake_http *server);
/* The whole text of a request; an empty string when there was none. */
const char *fake_http_request(struct fake_http *server, unsigned nth);
/* Whether any request had this text in it. */
bool fake_http_saw(struct fake_http *server, const char *text);

/* A well-formed answer; headers is "Name: value\r\n"… or "". */
void fake_reply(struct buf *out, int status, const char *headers, const char *body);

#endif
