/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/rekor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/digest.h"
#include "tests/lib/fake_http.h"

#define HEX "abababababababababababababababababababababababababababababababab"
#define ENTRY                                                                                      \
	"{\"u\":{\"body\":\"eyJraW5kIjoiZHNzZSIsImFwaVZlcnNpb24iOiIwLjAuMSJ9\","                   \
	"\"integratedTime\":5,\"logID\":\"" HEX "\",\"logIndex\":7,\"verification\":{"             \
	"\"signedEntryTimestamp\":\"AQID\",\"inclusionProof\":{\"logIndex\":1,\"rootHash\":\"" HEX \
	"\",\"treeSize\":2,\"hashes\":[],\"checkpoint\":\"x\"}}}}"

/* The first answer is a refusal with this header; the second is the entry. */
static void
conflict(struct fake_http *server, unsigned nth, const char *request, struct buf *out, void *user)
{
	(void)server;
	(void)request;
	if (nth == 0)
		fake_reply(out, 409, user, "{}");
	else
		fake_reply(out, 200, "", ENTRY);
}

static void
refuse(struct fake_http *server, unsigned nth, const char *request, struct buf *out, void *user)
{
	(void)server;
	(void)nth;
	(void)request;
	fake_reply(out, 400, "", user);
}

static enum notar_code
enter(const struct fake_http *server, unsigned version, struct buf *entry, struct notar_error *err)
{
	const struct notar_digest digest = digest_of(NOTAR_SHA256, span_str("x"));
	const struct rekor_claim claim = { .leaf = span_str("leaf"),
					   .signature = span_str("s"),
					   .digest = &digest };
	const struct rekor_options options = { .log = { fake_http_url(server), version },
					       .deadline_ms = clock_deadline_ms(3000) };

	return rekor_log(&options, &claim, entry, err);
}

static void
an_entry_that_is_there_already_is_fetched_from_where_it_is(void **state)
{
	(void)state;
	char where[] = "Location: /api/v1/log/entries/u\r\n";
	struct fake_http *server = fake_http_start("127.0.0.1", conflict, where);
	NOTAR_AUTO_OF(buf) entry = { 0 };

	assert_int_equal(enter(server, 1, &entry, NULL), NOTAR_OK);
	assert_true(span_starts_with(buf_span(&entry), "{\"logIndex\":\"7\""));
	assert_true(fake_http_saw(server, "POST /api/v1/log/entries "));
	assert_true(fake_http_saw(server, "GET /api/v1/log/entries/u "));
	fake_http_stop(server);
}

static void
an_entry_on_another_host_is_not_fetched(void **state)
{
	(void)state;
	static const char *const headers[] = { "Location: http://127.0.0.9:1/x\r\n", "" };

	for (size_t i = 0; i < NOTAR_COUNT(headers); i++) {
		char where[64];
		struct notar_error err = { 0 };
		NOTAR_AUTO_OF(buf) entry = { 0 };

		(void)snprintf(where, sizeof(where), "%s", headers[i]);
		struct fake_http *server = fake_http_start("127.0.0.1", conflict, where);

		assert_int_not_equal(enter(server, 1, &entry, &err), NOTAR_OK);
		assert_int_equal(fake_http_count(server), 1);
		assert_int_equal(entry.len, 0);
		fake_http_stop(server);
	}
}

static void
what_a_log_says_against_an_entry_is_told(void **state)
{
	(void)state;
	char body[] = "{\"message\":\"bad signature\"}";

	for (unsigned version = 1; version <= 2; version++) {
		struct fake_http *server = fake_http_start("127.0.0.1", refuse, body);
		struct notar_error err = { 0 };
		NOTAR_AUTO_OF(buf) entry = { 0 };

		assert_int_equal(enter(server, version, &entry, &err), NOTAR_E_NET);
		assert_non_null(strstr(err.msg, "bad signature"));
		assert_true(fake_http_saw(server, version == 1 ? "POST /api/v1/log/entries " :
								 "POST /api/v2/log/entries "));
		fake_http_stop(server);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_that_is_there_already_is_fetched_from_where_it_is),
		cmocka_unit_test(an_entry_on_another_host_is_not_fetched),
		cmocka_unit_test(what_a_log_says_against_an_entry_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
