/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/digest.h"
#include "keys/der.h"
#include "tests/lib/key_fixture.h"

/* Requests, and replies of tests/vectors/timestamp, whose script says what each is. */
#define VECTORS "tests/vectors/timestamp/"
#define PATH_BYTES 96

static const uint8_t nonce[TIMESTAMP_NONCE_BYTES] = { 0x81, 0x82, 0x83, 0x84, 0x85, 0x86,
						      0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c,
						      0x8d, 0x8e, 0x8f, 0x90 };

static struct buf
vector(const char *name, const char *ending)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), VECTORS "%s%s", name, ending);
	return fixture_bytes(path);
}

static enum notar_code
reply_with(const char *name, const uint8_t asked[TIMESTAMP_NONCE_BYTES], struct buf *reply,
	   struct span *token, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) message = vector("message", "");
	const struct notar_digest imprint = digest_of(
		strstr(name, "-512") != NULL ? NOTAR_SHA512 : NOTAR_SHA256, buf_span(&message));

	*reply = vector(name, ".tsr");
	return timestamp_reply(buf_span(reply), &imprint, asked, token, err);
}

static void
granted_replies_give_their_token_as_it_stands_there(void **state)
{
	(void)state;
	static const char *const names[] = { "granted", "granted-512", "granted-keyid",
					     "granted-mods", "granted-open" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		NOTAR_AUTO_OF(buf) message = vector("message", "");
		NOTAR_AUTO_OF(buf) reply = { 0 };
		NOTAR_AUTO_OF(timestamp) found = { 0 };
		struct notar_error err = { 0 };
		struct span token = { 0 };

		if (reply_with(names[i], nonce, &reply, &token, &err) != NOTAR_OK)
			fail_msg("%s: %s", names[i], err.msg);
		assert_true(token.ptr > reply.ptr && token.ptr < reply.ptr + reply.len);
		assert_int_equal(timestamp_verify(token, buf_span(&message), &found, &err),
				 NOTAR_OK);
	}
}

static void
a_nonce_with_zeros_in_front_comes_back_shorter(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) reply = { 0 };
	uint8_t asked[TIMESTAMP_NONCE_BYTES];
	struct span token = { 0 };

	memcpy(asked, nonce, sizeof(asked));
	asked[0] = 0;
	asked[1] = 0;
	assert_int_equal(reply_with("granted-short-nonce", asked, &reply, &token, NULL), NOTAR_OK);
}

static void
each_other_reply_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *name, *word;
		enum notar_code code;
	} bad[] = {
		{ "granted-no-token", "without a token", NOTAR_E_FORMAT },
		{ "granted-short-nonce", "nonce", NOTAR_E_FORMAT },
		{ "nonce-none", "nonce", NOTAR_E_FORMAT },
		{ "nonce-other", "nonce", NOTAR_E_FORMAT },
		{ "nonce-negative", "nonce", NOTAR_E_FORMAT },
		{ "nonce-longer", "nonce", NOTAR_E_FORMAT },
		{ "imprint-other", "other bytes", NOTAR_E_DIGEST },
		{ "imprint-other-hash", "other bytes", NOTAR_E_DIGEST },
		{ "version-2", "version", NOTAR_E_FORMAT },
		{ "rejected", "status 2, timeNotAvailable: \"no ?[31mclock?!!", NOTAR_E_NET },
		{ "rejected-real", "unacceptedPolicy", NOTAR_E_NET },
		{ "rejected-with-token", "status 2", NOTAR_E_NET },
		{ "waiting", "status 3", NOTAR_E_NET },
		{ "status-negative", "status -1", NOTAR_E_NET },
		{ "status-huge", "without a status", NOTAR_E_FORMAT },
		{ "two-tokens", "behind", NOTAR_E_FORMAT },
		{ "trailing", "no TimeStampResp", NOTAR_E_FORMAT },
		{ "open-no-end", "behind", NOTAR_E_FORMAT },
		{ "open-trailing", "behind", NOTAR_E_FORMAT },
	};
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(buf) reply = { 0 };
		struct notar_error err = { 0 };
		struct span token = { 0 };

		if (reply_with(bad[i].name, nonce, &reply, &token, &err) != bad[i].code ||
		    strstr(err.msg, bad[i].word) == NULL || token.ptr != NULL)
			fail_msg("%s: %s: %s", bad[i].name, notar_code_name(err.code), err.msg);
		assert_true(strlen(err.msg) < 200);
	}
}

static void
every_truncated_reply_is_refused(void **state)
{
	(void)state;
	static const char *const names[] = { "granted", "granted-open", "rejected" };
	const struct notar_digest imprint = digest_of(NOTAR_SHA256, span_str("x"));

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		NOTAR_AUTO_OF(buf) reply = vector(names[i], ".tsr");

		for (size_t len = 0; len < reply.len; len++) {
			struct span token = { 0 };
			struct span cut = span_of(reply.ptr, len);

			assert_int_not_equal(timestamp_reply(cut, &imprint, nonce, &token, NULL),
					     NOTAR_OK);
			assert_null(token.ptr);
		}
	}
}

static void
a_request_is_written_as_rfc_3161_has_it(void **state)
{
	(void)state;
	static const uint8_t before[] = { 0x30, 0x4c, 2, 1,    1,    0x30, 0x31, 0x30,
					  0x0d, 6,    9, 0x60, 0x86, 0x48, 1,    0x65,
					  3,    4,    2, 1,    5,    0,    4,    0x20 };
	const struct notar_digest imprint = digest_of(NOTAR_SHA256, span_str("x"));
	const struct notar_digest none = { 0 };
	NOTAR_AUTO_OF(buf) out = { 0 };

	assert_int_equal(timestamp_request(&imprint, nonce, &out, NULL), NOTAR_OK);
	struct reader r = { .rest = buf_span(&out) };

	assert_true(span_equal(reader_take(&r, sizeof(before)), span_of(before, sizeof(before))));
	assert_true(span_equal(reader_take(&r, 32), digest_span(&imprint)));
	assert_true(span_equal(der_take_unsigned(&r), span_of(nonce, sizeof(nonce))));
	assert_memory_equal(r.rest.ptr, "\x01\x01\xff", 3); /* certReq */
	assert_int_equal(r.rest.len, 3);
	assert_int_equal(timestamp_request(&none, nonce, &out, NULL), NOTAR_E_INTERNAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(granted_replies_give_their_token_as_it_stands_there),
		cmocka_unit_test(a_nonce_with_zeros_in_front_comes_back_shorter),
		cmocka_unit_test(each_other_reply_is_refused),
		cmocka_unit_test(every_truncated_reply_is_refused),
		cmocka_unit_test(a_request_is_written_as_rfc_3161_has_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
