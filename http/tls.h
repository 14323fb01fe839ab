/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/own.h"

/*
 * The server's side of TLS 1.2 and 1.3: a certificate and key from files, read again when they
 * change. Connections keep the context they began with, so no request is lost by a change.
 */
struct http_tls;

struct http_tls_options {
	const char *certificate, *key; /* PEM files */
	const char *client_ca; /* PEM file: clients may prove who they are; NULL: none is asked */
	bool require_client;   /* and those who do not are turned away */
	bool only_tls_1_3;
};

/* Copies the options. NOTAR_E_CONFIG naming the file. */
NOTAR_MUST_USE enum notar_code http_tls_new(const struct http_tls_options *options,
					    struct http_tls **out, struct notar_error *err);
void http_tls_free(struct http_tls *tls);
NOTAR_AUTO_DEFINE(http_tls)

/* Reads the files again when they are others than last time. A pair that cannot be used leaves
 * the old one in place and is the error. *changed may be NULL. Any thread. */
NOTAR_MUST_USE enum notar_code
http_tls_refresh(struct http_tls *tls, bool *changed, struct notar_error *err);

/* A new connection's state with the current context, or NULL. */
SSL *http_tls_connect(struct http_tls *tls, int fd);

/* When the current certificate ends, seconds since the epoch. */
int64_t http_tls_expires_s(struct http_tls *tls);

#endif
