/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/fulcio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "pki/request.h"
#include "tests/lib/fake_http.h"

#define TOKEN "eyJhIjoxfQ.e30.c2ln"

/* What the server says to every request. */
struct said {
	int status;
	const char *headers, *body;
};

static void
say(struct fake_http *server, unsigned nth, const char *request, struct buf *out, void *user)
{
	const struct said *said = user;

	(void)server;
	(void)nth;
	(void)request;
	fake_reply(out, said->status, said->headers, said->body);
}

static enum notar_code
ask(const char *url, struct cert_list *chain, struct notar_error *err)
{
	const struct fulcio_options options = { .url = url,
						.deadline_ms = clock_deadline_ms(2000) };
	NOTAR_AUTO(key) *key = NULL;
	NOTAR_AUTO_OF(secret) token = { 0 };

	NOTAR_TRY(key_generate(KEY_P256, 0, &key, err));
	NOTAR_TRY(secret_copy(span_str(TOKEN), &token, err));
	return fulcio_certificate(&options, &token, key, chain, err);
}

static void
answers_that_are_no_certificate_of_this_key_are_refused(void **state)
{
	(void)state;
#define JSON "Content-Type: application/json\r\n"
#define EMBEDDED(list) "{\"signedCertificateEmbeddedSct\":{\"chain\":{\"certificates\":" list "}}}"
	static const struct {
		struct said said;
		enum notar_code code;
		const char *names;
	} cases[] = {
		{ { 200, JSON, "[]" }, NOTAR_E_FORMAT, "answer" },
		{ { 200, JSON, "{}" }, NOTAR_E_FORMAT, "signedCertificateEmbeddedSct" },
		{ { 200, JSON, EMBEDDED("[]") }, NOTAR_E_FORMAT, "no certificate" },
		{ { 200, JSON, EMBEDDED("[7]") }, NOTAR_E_FORMAT, "certificates[0]" },
		{ { 200, JSON,
		    EMBEDDED(
			    "[\"-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----\"]") },
		  NOTAR_E_FORMAT,
		  "not a certificate" },
		{ { 200, JSON, "{\"signedCertificateDetachedSct\":{}}" },
		  NOTAR_E_UNSUPPORTED,
		  "detached SCT" },
		{ { 401, JSON, "{\"message\":\"not you\"}" }, NOTAR_E_AUTH, "not you" },
		{ { 400, JSON, "{\"message\":\"is " TOKEN "\"}" }, NOTAR_E_NET, "status 400" },
		{ { 307, "Location: http://127.0.0.9:1/\r\n", "" }, NOTAR_E_NET, "status 307" },
	};
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		struct said said = cases[i].said;
		struct fake_http *server = fake_http_start("127.0.0.1", say, &said);
		NOTAR_AUTO_OF(cert_list) chain = { 0 };
		struct notar_error err = { 0 };

		assert_int_equal(ask(fake_http_url(server), &chain, &err), cases[i].code);
		if (strstr(err.msg, cases[i].names) == NULL)
			fail_msg("case %zu: %s", i, err.msg);
		assert_null(strstr(err.msg, "eyJ"));
		assert_int_equal(chain.count, 0);
		assert_true(fake_http_saw(server, "POST /api/v2/signingCert "));
		assert_true(fake_http_saw(server, "Bearer " TOKEN));
		fake_http_stop(server);
	}
}

static void
a_certificate_of_another_key_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *other = NULL;
	NOTAR_AUTO_OF(buf) pem = { 0 };
	NOTAR_AUTO_OF(buf) body = { 0 };
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(key_generate(KEY_P256, 0, &other, NULL), NOTAR_OK);
	assert_int_equal(request_make_test(other, "x", clock_now_s(), &pem, NULL), NOTAR_OK);
	buf_append_str(&body, "{\"signedCertificateEmbeddedSct\":{\"chain\":{\"certificates\":[\"");
	for (size_t i = 0; i < pem.len; i++)
		if (pem.ptr[i] == '\n')
			buf_append_str(&body, "\\n");
		else
			buf_append_byte(&body, pem.ptr[i]);
	buf_append_str(&body, "\"]}}}");
	struct said said = { 200, JSON, buf_cstr(&body) };
	struct fake_http *server = fake_http_start("127.0.0.1", say, &said);

	assert_int_equal(ask(fake_http_url(server), &chain, &err), NOTAR_E_SIGNATURE);
	assert_non_null(strstr(err.msg, "another key"));
	fake_http_stop(server);
}

static void
the_token_goes_nowhere_in_the_clear(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(ask("http://192.0.2.1/", &chain, &err), NOTAR_E_CONFIG);
	assert_non_null(strstr(err.msg, "https only"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_that_are_no_certificate_of_this_key_are_refused),
		cmocka_unit_test(a_certificate_of_another_key_is_refused),
		cmocka_unit_test(the_token_goes_nowhere_in_the_clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
