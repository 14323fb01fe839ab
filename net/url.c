/* SPDX-License-Identifier: Apache-2.0 */
#include "net/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <strings.h>

#include "base/limits.h"

NOTAR_AUTO_FOREIGN(curlu, CURLU, curl_url_cleanup)

static void
curl_chars_free(char *text)
{
	curl_free(text);
}
NOTAR_AUTO_FOREIGN(curl_chars, char, curl_chars_free)

void
url_release(struct url *url)
{
	free(url->text);
	free(url->host);
	free(url->path);
	*url = (struct url){ 0 };
}

static enum notar_code
fail_parse(CURLUcode rc, struct notar_error *err)
{
	if (rc == CURLUE_OUT_OF_MEMORY)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	return notar_fail(err, NOTAR_E_FORMAT, "not a usable http or https URL: %s",
			  curl_url_strerror(rc));
}

/* A copy on our own heap, so that one kind of free fits all. */
static enum notar_code
part(CURLU *from, CURLUPart which, unsigned flags, char **out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(curl_chars, char) *text = NULL;
	CURLUcode rc = curl_url_get(from, which, &text, flags);

	if (rc != CURLUE_OK)
		return fail_parse(rc, err);
	*out = strdup(text);
	return *out != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
}

static enum notar_code
read_port(CURLU *from, struct url *url, struct notar_error *err)
{
	NOTAR_AUTO_CHARS *port = NULL;
	NOTAR_AUTO_CHARS *scheme = NULL;

	NOTAR_TRY(part(from, CURLUPART_SCHEME, 0, &scheme, err));
	url->secure = strcmp(scheme, "https") == 0;
	if (!url->secure && strcmp(scheme, "http") != 0)
		return notar_fail(err, NOTAR_E_FORMAT, "not an http or https URL");
	NOTAR_TRY(part(from, CURLUPART_PORT, CURLU_DEFAULT_PORT, &port, err));
	url->port = (unsigned)strtoul(port, NULL, 10);
	return url->port != 0 ? NOTAR_OK : notar_fail(err, NOTAR_E_FORMAT, "port 0 in a URL");
}

static enum notar_code
take_apart(CURLU *from, struct url *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(url) url = { 0 };

	if (curl_url_set(from, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	NOTAR_TRY(read_port(from, &url, err));
	NOTAR_TRY(part(from, CURLUPART_HOST, 0, &url.host, err));
	NOTAR_TRY(part(from, CURLUPART_PATH, 0, &url.path, err));
	NOTAR_TRY(part(from, CURLUPART_URL, 0, &url.text, err));
	if (url.host[0] == '\0')
		return notar_fail(err, NOTAR_E_FORMAT, "a URL without a host");
	if (strlen(url.text) > LIMIT_URL_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a URL over %u bytes", LIMIT_URL_BYTES);
	*out = url;
	url = (struct url){ 0 };
	return NOTAR_OK;
}

/* "http:///path": curl takes the path for the host, browsers and others do not. */
static bool
has_empty_host(const char *text)
{
	return strncmp(text + strcspn(text, ":/?#"), ":///", 4) == 0;
}

static enum notar_code
set_text(CURLU *u, struct span text, struct notar_error *err)
{
	if (text.len > LIMIT_URL_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a URL over %u bytes", LIMIT_URL_BYTES);
	if (text.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "an empty URL");
	NOTAR_AUTO_CHARS *copy = span_dup(text);
	if (copy == NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "a NUL in a URL, or no memory");
	if (has_empty_host(copy))
		return notar_fail(err, NOTAR_E_FORMAT, "a URL without a host");
	CURLUcode rc = curl_url_set(u, CURLUPART_URL, copy, CURLU_DISALLOW_USER);
	return rc == CURLUE_OK ? NOTAR_OK : fail_parse(rc, err);
}

enum notar_code
url_parse(struct span text, struct url *out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(curlu, CURLU) *u = curl_url();

	if (u == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	NOTAR_TRY(set_text(u, text, err));
	return take_apart(u, out, err);
}

enum notar_code
url_resolve(const struct url *base, struct span target, struct url *out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(curlu, CURLU) *u = curl_url();

	if (u == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	NOTAR_TRY(set_text(u, span_str(base->text), err));
	NOTAR_TRY(set_text(u, target, err));
	return take_apart(u, out, err);
}

enum notar_code
url_with_query(const struct url *base, const char *name, struct span value, struct url *out,
	       struct notar_error *err)
{
	NOTAR_AUTO_PTR(curlu, CURLU) *u = curl_url();
	NOTAR_AUTO_OF(buf) pair = { .cap = LIMIT_URL_BYTES };

	if (u == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	NOTAR_TRY(set_text(u, span_str(base->text), err));
	buf_printf(&pair, "%s=", name);
	buf_append_span(&pair, value);
	const char *text = buf_cstr(&pair);
	if (text == NULL)
		return notar_fail(err, NOTAR_E_LIMIT, "a query parameter is too long");
	CURLUcode rc = curl_url_set(u, CURLUPART_QUERY, text, CURLU_APPENDQUERY | CURLU_URLENCODE);
	if (rc != CURLUE_OK)
		return fail_parse(rc, err);
	return take_apart(u, out, err);
}

bool
url_same_host(const struct url *a, const struct url *b)
{
	return strcasecmp(a->host, b->host) == 0;
}

bool
url_same_origin(const struct url *a, const struct url *b)
{
	return a->secure == b->secure && a->port == b->port && url_same_host(a, b);
}

bool
url_is_loopback(const struct url *url)
{
	struct in_addr v4;

	if (strcasecmp(url->host, "localhost") == 0 || strcmp(url->host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, url->host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}
