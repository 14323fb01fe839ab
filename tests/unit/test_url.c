/* SPDX-License-Identifier: Apache-2.0 */
#include "net/url.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/limits.h"

static struct url
parsed(const char *text)
{
	struct url url = { 0 };

	assert_int_equal(url_parse(span_str(text), &url, NULL), NOTAR_OK);
	return url;
}

static void
parts_are_taken_from_absolute_urls(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(url) a = parsed("https://Registry.example/v2/x?y=z#part");
	NOTAR_AUTO_OF(url) b = parsed("http://[::1]:5000");

	assert_true(a.secure);
	assert_int_equal(a.port, 443);
	assert_string_equal(a.path, "/v2/x");
	assert_null(strchr(a.text, '#'));
	assert_false(b.secure);
	assert_int_equal(b.port, 5000);
	assert_string_equal(b.host, "[::1]");
}

static void
what_is_no_http_url_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		"x",
		"not a url",
		"/v2/",
		"//host/",
		"http://",
		"https://[::1",
		"https://h:99999/",
		"http://h:0/",
		"file:///etc/passwd",
		"ftp://h/",
		"gopher://h/",
		"http://u@h/",
		"http://u:p@h/",
		"http://h\n/",
		"http://h/\r\nX: y",
		"http://a b/",
		"http://h/\x01",
		"javascript:x",
		"http:///path",
	};

	for (size_t i = 0; i < NOTAR_COUNT(texts); i++) {
		struct url url = { 0 };
		if (url_parse(span_str(texts[i]), &url, NULL) != NOTAR_E_FORMAT)
			fail_msg("accepted: %s as %s", texts[i], url.text);
		assert_null(url.text);
	}
	struct url url = { 0 };
	assert_int_equal(url_parse(span_of("http://h/\0x", 11), &url, NULL), NOTAR_E_FORMAT);
}

static void
a_url_too_long_is_a_limit(void **state)
{
	(void)state;
	static char text[LIMIT_URL_BYTES + 100];
	struct url url = { 0 };

	memset(text, 'a', sizeof(text));
	memcpy(text, "http://h/", 9);
	assert_int_equal(url_parse(span_of(text, LIMIT_URL_BYTES + 1), &url, NULL), NOTAR_E_LIMIT);
}

static void
targets_resolve_as_rfc_3986_says(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(url) base = parsed("https://h:8443/v2/app/referrers/d?n=1");
	static const char *const rows[][2] = {
		{ "/v2/x?last=2", "https://h:8443/v2/x?last=2" },
		{ "?last=2", "https://h:8443/v2/app/referrers/d?last=2" },
		{ "../y", "https://h:8443/v2/app/y" },
		{ "http://other/z", "http://other/z" },
		{ "//other/z", "https://other/z" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(rows); i++) {
		NOTAR_AUTO_OF(url) url = { 0 };
		assert_int_equal(url_resolve(&base, span_str(rows[i][0]), &url, NULL), NOTAR_OK);
		assert_string_equal(url.text, rows[i][1]);
	}
	struct url url = { 0 };
	assert_int_equal(url_resolve(&base, span_str(""), &url, NULL), NOTAR_E_FORMAT);
	assert_int_equal(url_resolve(&base, span_str("ftp://h/"), &url, NULL), NOTAR_E_FORMAT);
}

static void
query_parameters_are_escaped_and_those_there_stay(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(url) base = parsed("https://h/token?a=b%20c");
	NOTAR_AUTO_OF(url) url = { 0 };

	assert_int_equal(
		url_with_query(&base, "scope", span_str("repository:a/b:pull&x=y#z"), &url, NULL),
		NOTAR_OK);
	assert_non_null(strstr(url.text, "?a=b%20c&scope="));
	assert_null(strstr(url.text, "&x="));
	assert_null(strchr(url.text, '#'));
}

static void
origins_differ_by_scheme_host_or_port(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(url) a = parsed("https://h/x");
	static const char *const others[] = { "http://h/x", "https://h:444/x", "https://h.x/",
					      "http://h:443/", "https://i/x" };
	NOTAR_AUTO_OF(url) same = parsed("https://H:443/y?z");

	assert_true(url_same_origin(&a, &same));
	for (size_t i = 0; i < NOTAR_COUNT(others); i++) {
		NOTAR_AUTO_OF(url) b = parsed(others[i]);
		assert_false(url_same_origin(&a, &b));
	}
}

static void
loopback_is_known_by_its_spelling(void **state)
{
	(void)state;
	static const char *const yes[] = { "http://localhost", "http://LOCALHOST:1/",
					   "http://127.0.0.1", "http://127.9.9.9:5",
					   "http://[::1]" };
	static const char *const no[] = { "http://localhost.example",
					  "http://127.0.0.1.example",
					  "http://128.0.0.1",
					  "http://10.0.0.1",
					  "http://[::2]",
					  "http://xlocalhost" };

	for (size_t i = 0; i < NOTAR_COUNT(yes); i++) {
		NOTAR_AUTO_OF(url) url = parsed(yes[i]);
		assert_true(url_is_loopback(&url));
	}
	for (size_t i = 0; i < NOTAR_COUNT(no); i++) {
		NOTAR_AUTO_OF(url) url = parsed(no[i]);
		assert_false(url_is_loopback(&url));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_taken_from_absolute_urls),
		cmocka_unit_test(what_is_no_http_url_is_refused),
		cmocka_unit_test(a_url_too_long_is_a_limit),
		cmocka_unit_test(targets_resolve_as_rfc_3986_says),
		cmocka_unit_test(query_parameters_are_escaped_and_those_there_stay),
		cmocka_unit_test(origins_differ_by_scheme_host_or_port),
		cmocka_unit_test(loopback_is_known_by_its_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
