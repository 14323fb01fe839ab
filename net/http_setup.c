/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_internal.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "notar/version.h"

#define CONNECT_MS 3000L
#define SLOW_BYTES_PER_S 16L
#define SLOW_S 20L

/* The options that curl's type-checking macro cannot check are few; all are set through here so
 * that the first failure is kept. */
#define SET(rc, easy, option, value)                                                               \
	do {                                                                                       \
		if ((rc) == CURLE_OK)                                                              \
			(rc) = curl_easy_setopt((easy), (option), (value));                        \
	} while (0)

static int
status_of(const struct transfer *t)
{
	long status = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

/* Before the first byte: what is announced is not awaited when it is too much. */
static bool
announced_too_much(const struct transfer *t, size_t cap)
{
	curl_off_t length = -1;

	(void)curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	return length > 0 && (uint64_t)length > cap;
}

/* Returning less than was given makes curl break off. */
static size_t
on_body(char *bytes, size_t one, size_t len, void *user)
{
	struct transfer *t = user;
	struct buf *body = &t->x->response.body;
	bool is_error = status_of(t) >= 300;
	size_t cap = is_error ? LIMIT_ERROR_BODY_BYTES : t->x->request.cap;

	(void)one;
	if (!is_error && body->len == 0 && announced_too_much(t, cap)) {
		t->over_cap = true;
		return 0;
	}
	if (len > cap - body->len) {
		t->over_cap = !is_error;
		t->error_body_cut = is_error;
		return 0;
	}
	buf_append(body, bytes, len);
	return body->failed == NOTAR_OK ? len : 0;
}

/* Every status line starts anew: 100 Continue and the like leave nothing behind. */
static size_t
on_header(char *line, size_t one, size_t len, void *user)
{
	struct transfer *t = user;
	struct buf *headers = &t->x->response.headers;

	(void)one;
	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0)
		buf_clear(headers);
	if (len > LIMIT_HEADER_BYTES - headers->len) {
		t->over_headers = true;
		return 0;
	}
	buf_append(headers, line, len);
	return headers->failed == NOTAR_OK ? len : 0;
}

static size_t
on_read(char *to, size_t one, size_t room, void *user)
{
	struct transfer *t = user;
	struct span rest = span_from(t->x->request.body, t->sent);
	size_t n = rest.len < room ? rest.len : room;

	(void)one;
	if (n > 0)
		memcpy(to, rest.ptr, n);
	t->sent += n;
	return n;
}

static int
on_seek(void *user, curl_off_t offset, int origin)
{
	struct transfer *t = user;

	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > t->x->request.body.len)
		return CURL_SEEKFUNC_FAIL;
	t->sent = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* The guard, before a connection is made … */
static curl_socket_t
on_open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = user;

	(void)purpose;
	if (net_reach_of(&address->addr, address->addrlen) > t->reach) {
		t->blocked = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* … and before one that stands already is used. */
static int
on_before_request(void *user, char *remote, char *local, int remote_port, int local_port)
{
	struct transfer *t = user;

	(void)local;
	(void)remote_port;
	(void)local_port;
	if (net_reach_of_text(remote) <= t->reach)
		return CURL_PREREQFUNC_OK;
	t->blocked = true;
	return CURL_PREREQFUNC_ABORT;
}

static CURLcode
set_method(struct transfer *t)
{
	const struct http_request *request = &t->x->request;
	bool has_body = strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0;
	CURLcode rc = CURLE_OK;

	if (strcmp(request->method, "HEAD") == 0)
		SET(rc, t->easy, CURLOPT_NOBODY, 1L);
	if (has_body) {
		SET(rc, t->easy, CURLOPT_UPLOAD, 1L);
		SET(rc, t->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body.len);
		SET(rc, t->easy, CURLOPT_READFUNCTION, on_read);
		SET(rc, t->easy, CURLOPT_READDATA, t);
		SET(rc, t->easy, CURLOPT_SEEKFUNCTION, on_seek);
		SET(rc, t->easy, CURLOPT_SEEKDATA, t);
	}
	if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
		SET(rc, t->easy, CURLOPT_CUSTOMREQUEST, request->method);
	return rc;
}

static CURLcode
set_limits(struct transfer *t)
{
	CURL *easy = t->easy;
	CURLcode rc = CURLE_OK;

	SET(rc, easy, CURLOPT_TIMEOUT_MS, (long)clock_left_ms(t->x->request.deadline_ms) + 1);
	SET(rc, easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	SET(rc, easy, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_PER_S);
	SET(rc, easy, CURLOPT_LOW_SPEED_TIME, SLOW_S);
	SET(rc, easy, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(rc, easy, CURLOPT_FOLLOWLOCATION, 0L);
	SET(rc, easy, CURLOPT_NOSIGNAL, 1L);
	SET(rc, easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(rc, easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(rc, easy, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(rc, easy, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(rc, easy, CURLOPT_PIPEWAIT, t->at.secure ? 1L : 0L);
	if (t->client->ca_file != NULL)
		SET(rc, easy, CURLOPT_CAINFO, t->client->ca_file);
	return rc;
}

/* A proxy would connect for us, where the guard cannot see it. */
static CURLcode
set_guard(struct transfer *t)
{
	CURLcode rc = CURLE_OK;

	if (t->client->guard_private || url_is_loopback(&t->at))
		SET(rc, t->easy, CURLOPT_PROXY, "");
	if (!t->client->guard_private)
		return rc;
	SET(rc, t->easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	SET(rc, t->easy, CURLOPT_OPENSOCKETDATA, t);
	SET(rc, t->easy, CURLOPT_PREREQFUNCTION, on_before_request);
	SET(rc, t->easy, CURLOPT_PREREQDATA, t);
	return rc;
}

static CURLcode
set_callbacks(struct transfer *t)
{
	CURL *easy = t->easy;
	CURLcode rc = CURLE_OK;

	SET(rc, easy, CURLOPT_URL, t->at.text);
	SET(rc, easy, CURLOPT_PRIVATE, t);
	SET(rc, easy, CURLOPT_ERRORBUFFER, t->why);
	SET(rc, easy, CURLOPT_USERAGENT, "notar/" NOTAR_VERSION);
	SET(rc, easy, CURLOPT_WRITEFUNCTION, on_body);
	SET(rc, easy, CURLOPT_WRITEDATA, t);
	SET(rc, easy, CURLOPT_HEADERFUNCTION, on_header);
	SET(rc, easy, CURLOPT_HEADERDATA, t);
	SET(rc, easy, CURLOPT_HTTPHEADER, t->headers);
	return rc;
}

static bool
add_header(struct transfer *t, const char *name, const char *value)
{
	NOTAR_AUTO_OF(buf) line = { 0 };

	buf_printf(&line, "%s: ", name);
	buf_append_str(&line, value);
	const char *text = buf_cstr(&line);
	struct curl_slist *longer = text == NULL ? NULL : curl_slist_append(t->headers, text);
	if (line.ptr != NULL)
		explicit_bzero(line.ptr, line.len);
	if (longer == NULL)
		return false;
	t->headers = longer;
	return true;
}

/* Credentials go to the origin that they were given for, on whatever hop that is. */
static bool
make_headers(struct transfer *t)
{
	const struct http_request *request = &t->x->request;
	bool ok = true;

	for (size_t i = 0; i < NOTAR_COUNT(request->headers); i++)
		if (request->headers[i].value != NULL)
			ok = ok &&
			     add_header(t, request->headers[i].name, request->headers[i].value);
	if (request->authorization != NULL && url_same_origin(&t->first, &t->at))
		ok = ok && add_header(t, "Authorization", request->authorization);
	/* Some proxies stall when asked first whether a body is welcome. */
	struct curl_slist *longer = curl_slist_append(t->headers, "Expect:");
	if (longer != NULL)
		t->headers = longer;
	return ok && longer != NULL;
}

enum notar_code
transfer_setup(struct transfer *t, struct notar_error *err)
{
	if (!make_headers(t))
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for request headers");
	CURLcode rc = set_callbacks(t);
	if (rc == CURLE_OK)
		rc = set_method(t);
	if (rc == CURLE_OK)
		rc = set_limits(t);
	if (rc == CURLE_OK)
		rc = set_guard(t);
	return rc == CURLE_OK ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_INTERNAL, "curl: %s", curl_easy_strerror(rc));
}
