/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/limits.h"
#include "keys/der.h"
#include "tests/lib/key_fixture.h"

/* Tokens of tests/vectors/timestamp, whose script says what each is. */
#define VECTORS "tests/vectors/timestamp/"
#define PATH_BYTES 96
#define GEN_TIME_S 1767323045 /* 2026-01-02 03:04:05, of the tokens not made by openssl */
#define DER_SET ((enum der_tag)0x31)

static struct buf
vector(const char *name, const char *ending)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), VECTORS "%s%s", name, ending);
	return fixture_bytes(path);
}

static struct cert *
vector_cert(const char *name)
{
	NOTAR_AUTO_OF(buf) der = vector(name, ".crt");
	struct cert *cert = NULL;

	assert_int_equal(cert_parse(buf_span(&der), &cert, NULL), NOTAR_OK);
	return cert;
}

static enum notar_code
verify_bytes(struct span token, struct timestamp *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) message = vector("message", "");

	return timestamp_verify(token, buf_span(&message), out, err);
}

static enum notar_code
verify(const char *name, struct timestamp *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) token = vector(name, ".tst");

	return verify_bytes(buf_span(&token), out, err);
}

static enum notar_code
anchor(const struct timestamp *timestamp, const char *root_name, struct cert_list *out,
       struct notar_error *err)
{
	NOTAR_AUTO(cert) *root = vector_cert(root_name);

	return timestamp_anchor(timestamp, root, out, err);
}

/* A token that holds, with so many certificates of its own. */
static void
expect_good(const char *name, size_t certs, int64_t from_s, int64_t to_s)
{
	NOTAR_AUTO_OF(timestamp) found = { 0 };
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	struct notar_error err = { 0 };

	if (verify(name, &found, &err) != NOTAR_OK)
		fail_msg("%s: %s", name, err.msg);
	assert_int_equal(found.chain.count, certs);
	assert_int_equal(found.from_s, from_s);
	assert_int_equal(found.to_s, to_s);
	if (anchor(&found, "root", &chain, &err) != NOTAR_OK)
		fail_msg("%s: %s", name, err.msg);
	assert_int_equal(chain.count, 3);
}

static void
tokens_that_hold_lead_to_their_root(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		size_t certs;
		int64_t before_s, after_s; /* what the range adds to genTime */
	} good[] = {
		{ "good", 2, 0, 0 },
		{ "keyid", 2, 0, 0 },
		{ "ber", 2, 0, 0 },
		{ "with-root", 3, 0, 0 },
		{ "imprint-384", 2, 0, 0 },
		{ "signed-512", 2, 0, 0 },
		{ "signed-ec", 2, 0, 0 },
		{ "signed-pss", 2, 0, 0 },
		{ "ess-without-issuer", 2, 0, 0 },
		{ "ess-sha512", 2, 0, 0 },
		{ "ess-two-ids", 2, 0, 0 },
		{ "ess-both", 2, 0, 0 },
		{ "extension", 2, 0, 0 },
		{ "accuracy", 2, 3, 3 }, /* 2.500001 s */
		{ "fraction", 2, 0, 1 }, /* .25 */
		{ "fraction-accuracy", 2, 0, 1 },
		{ "fraction-tiny", 2, 0, 1 },
		{ "fraction-zero", 2, 0, 0 },
		{ "baseline", 2, 1, 1 },
		{ "baseline-accuracy", 2, 3, 3 },
	};
	for (size_t i = 0; i < NOTAR_COUNT(good); i++)
		expect_good(good[i].name, good[i].certs, GEN_TIME_S - good[i].before_s,
			    GEN_TIME_S + good[i].after_s);
}

static void
tokens_of_openssl_hold(void **state)
{
	(void)state;
	static const char *const names[] = { "ts-ec-sha256",  "ts-ec-sha384",  "ts-ec-sha512",
					     "ts-rsa-sha256", "ts-rsa-sha384", "ts-rsa-sha512" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		NOTAR_AUTO_OF(timestamp) found = { 0 };
		NOTAR_AUTO_OF(cert_list) chain = { 0 };

		assert_int_equal(verify(names[i], &found, NULL), NOTAR_OK);
		assert_true(found.from_s > GEN_TIME_S);
		assert_int_equal(found.to_s, found.from_s + 2); /* accurate to a second */
		assert_int_equal(found.chain.count, 3);
		assert_int_equal(anchor(&found, "root", &chain, NULL), NOTAR_OK);
	}
}

static void
each_broken_token_is_refused_for_its_own_reason(void **state)
{
	(void)state;
	static const struct {
		const char *name, *word;
		enum notar_code code;
	} bad[] = {
		{ "other-message", "other bytes", NOTAR_E_DIGEST },
		{ "imprint-sha1", "imprint", NOTAR_E_FORMAT },
		{ "imprint-cut", "other bytes", NOTAR_E_DIGEST },
		{ "imprint-empty", "other bytes", NOTAR_E_DIGEST },
		{ "version-2", "version", NOTAR_E_FORMAT },
		{ "critical-extension", "critical", NOTAR_E_FORMAT },
		{ "accuracy-negative", "accuracy", NOTAR_E_FORMAT },
		{ "accuracy-huge", "accuracy", NOTAR_E_FORMAT },
		{ "accuracy-millis", "accuracy", NOTAR_E_FORMAT },
		{ "time-zone", "genTime", NOTAR_E_FORMAT },
		{ "time-no-zone", "genTime", NOTAR_E_FORMAT },
		{ "time-no-seconds", "genTime", NOTAR_E_FORMAT },
		{ "time-no-date", "genTime", NOTAR_E_FORMAT },
		{ "time-comma", "genTime", NOTAR_E_FORMAT },
		{ "time-point", "genTime", NOTAR_E_FORMAT },
		{ "info-trailing", "TSTInfo", NOTAR_E_FORMAT },
		{ "info-garbage", "TSTInfo", NOTAR_E_FORMAT },
		{ "info-none", "TSTInfo", NOTAR_E_FORMAT },
		{ "ess-v1", "signing-certificate-v2", NOTAR_E_FORMAT },
		{ "ess-none", "signing-certificate-v2", NOTAR_E_FORMAT },
		{ "ess-twice", "signing-certificate-v2", NOTAR_E_FORMAT },
		{ "ess-two-values", "signing-certificate-v2", NOTAR_E_FORMAT },
		{ "ess-empty", "malformed", NOTAR_E_FORMAT },
		{ "ess-garbage", "signing-certificate-v2", NOTAR_E_FORMAT },
		{ "ess-sha1", "another hash", NOTAR_E_FORMAT },
		{ "ess-other", "another certificate", NOTAR_E_SIGNATURE },
		{ "ess-second", "another certificate", NOTAR_E_SIGNATURE },
		{ "ess-other-serial", "another certificate", NOTAR_E_SIGNATURE },
		{ "ess-other-issuer", "another certificate", NOTAR_E_SIGNATURE },
		{ "kind-none", "content type", NOTAR_E_FORMAT },
		{ "kind-other", "content type", NOTAR_E_FORMAT },
		{ "kind-twice", "content type", NOTAR_E_FORMAT },
		{ "digest-none", "message digest", NOTAR_E_FORMAT },
		{ "digest-two-values", "message digest", NOTAR_E_FORMAT },
		{ "digest-other", "content", NOTAR_E_SIGNATURE },
		{ "attributes-none", "not signed", NOTAR_E_FORMAT },
		{ "signers-two", "one signer", NOTAR_E_FORMAT },
		{ "signers-same", "one signer", NOTAR_E_FORMAT },
		{ "signers-none", "one signer", NOTAR_E_FORMAT },
		{ "signed-sha1", "hash", NOTAR_E_SIGNATURE },
		{ "signed-mixed", "another hash", NOTAR_E_SIGNATURE },
		{ "signed-unknown", "another hash", NOTAR_E_SIGNATURE },
		{ "signed-by-other", "does not hold", NOTAR_E_SIGNATURE },
		{ "content-data", "TSTInfo", NOTAR_E_FORMAT },
		{ "certs-none", "certificates", NOTAR_E_FORMAT },
		{ "certs-other", "not in it", NOTAR_E_FORMAT },
		{ "certs-many", "16 certificates", NOTAR_E_LIMIT },
		{ "cert-ber", "no DER", NOTAR_E_FORMAT },
	};
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		struct timestamp found = { 0 };
		struct notar_error err = { 0 };

		if (verify(bad[i].name, &found, &err) != bad[i].code ||
		    strstr(err.msg, bad[i].word) == NULL || found.chain.count != 0)
			fail_msg("%s: %s: %s", bad[i].name, notar_code_name(err.code), err.msg);
	}
}

/* A certificate with the authority's issuer and serial over a stranger's key: whoever finds the
 * signer twice may check the signature with one and everything else with the other. */
static void
a_twin_of_the_authority_does_not_sign_in_its_name(void **state)
{
	(void)state;
	static const char *const names[] = { "twin-first", "twin-last", "twin-last-own-ess" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		NOTAR_AUTO_OF(timestamp) found = { 0 };
		assert_int_equal(verify(names[i], &found, NULL), NOTAR_E_SIGNATURE);
	}
	/* A token of the twin alone, in which the authority is only present. */
	NOTAR_AUTO_OF(timestamp) own = { 0 };
	NOTAR_AUTO_OF(cert_list) chain = { 0 };

	assert_int_equal(verify("twin-first-own-ess", &own, NULL), NOTAR_OK);
	assert_int_equal(own.chain.count, 1);
	assert_int_equal(anchor(&own, "root", &chain, NULL), NOTAR_E_SIGNATURE);
	assert_int_equal(chain.count, 0);
}

static void
no_token_leads_to_a_root_that_is_not_its_own(void **state)
{
	(void)state;
	static const struct {
		const char *name, *root, *word;
		enum notar_code code;
	} bad[] = {
		{ "good", "other", "lead", NOTAR_E_SIGNATURE }, /* the same name, another key */
		{ "with-root", "other", "lead", NOTAR_E_SIGNATURE },
		{ "good", "middle", "no root", NOTAR_E_FORMAT }, /* not self-signed */
		{ "good", "tsa", "no root", NOTAR_E_FORMAT },
		{ "alone", "alone", "no root", NOTAR_E_FORMAT }, /* self-signed, and no CA */
		{ "leaf-only", "root", "lead", NOTAR_E_SIGNATURE },
		{ "good", "old-root", "expired", NOTAR_E_KEY }, /* the same key, until 2025 */
		{ "expired", "root", "expired", NOTAR_E_KEY },
		{ "not-yet", "root", "not valid yet", NOTAR_E_KEY },
		{ "expired-within", "root", "not valid yet", NOTAR_E_KEY }, /* by its accuracy */
		{ "eku-not-critical", "root", "not critical", NOTAR_E_FORMAT },
		{ "eku-further", "root", "nothing else", NOTAR_E_FORMAT },
		{ "eku-code", "root", "nothing else", NOTAR_E_FORMAT },
		{ "eku-none", "root", "nothing else", NOTAR_E_FORMAT },
		{ "no-ca", "root", "do not say CA", NOTAR_E_FORMAT },
		{ "circle", "root", "lead", NOTAR_E_SIGNATURE },
	};
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(timestamp) found = { 0 };
		struct cert_list chain = { 0 };
		struct notar_error err = { 0 };

		assert_int_equal(verify(bad[i].name, &found, &err), NOTAR_OK);
		if (anchor(&found, bad[i].root, &chain, &err) != bad[i].code ||
		    strstr(err.msg, bad[i].word) == NULL || chain.count != 0)
			fail_msg("%s: %s: %s", bad[i].name, notar_code_name(err.code), err.msg);
	}
}

static void
the_chain_ends_at_the_root_that_was_asked_for(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(timestamp) found = { 0 };
	NOTAR_AUTO_OF(cert_list) chain = { 0 };

	/* Authorities that certified each other: three certificates, then no further. */
	assert_int_equal(verify("circle", &found, NULL), NOTAR_OK);
	assert_int_equal(found.chain.count, 3);
	assert_int_equal(anchor(&found, "circle", &chain, NULL), NOTAR_OK);
	assert_int_equal(chain.count, 3);
	assert_true(chain.certs[2]->is_self_signed);
	/* Each list has references of its own. */
	cert_list_release(&chain);
	assert_true(found.chain.certs[0]->der.len > 0);
}

static void
every_truncation_is_refused(void **state)
{
	(void)state;
	static const char *const names[] = { "good", "ber", "ts-rsa-sha256" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		NOTAR_AUTO_OF(buf) token = vector(names[i], ".tst");

		for (size_t len = 0; len < token.len; len++) {
			struct timestamp found = { 0 };

			assert_int_equal(verify_bytes(span_of(token.ptr, len), &found, NULL),
					 NOTAR_E_FORMAT);
			assert_int_equal(found.chain.count, 0);
		}
	}
}

static void
bytes_behind_a_token_are_refused(void **state)
{
	(void)state;
	static const char *const names[] = { "good", "ber" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		NOTAR_AUTO_OF(buf) token = vector(names[i], ".tst");
		struct timestamp found = { 0 };

		buf_append_byte(&token, 0);
		assert_int_equal(verify_bytes(buf_span(&token), &found, NULL), NOTAR_E_FORMAT);
	}
}

/* A flipped byte may go unnoticed where nobody signs it and nobody asks: SignedData's version, its
 * digestAlgorithms, upper and lower case in the name that finds the signer. */
static void
no_flipped_byte_changes_what_a_token_proves(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) token = vector("good", ".tst");
	NOTAR_AUTO(cert) *root = vector_cert("root");
	size_t held = 0;

	for (size_t i = 0; i < token.len; i++) {
		NOTAR_AUTO_OF(timestamp) found = { 0 };
		NOTAR_AUTO_OF(cert_list) chain = { 0 };

		token.ptr[i] ^= 1;
		if (verify_bytes(buf_span(&token), &found, NULL) == NOTAR_OK &&
		    timestamp_anchor(&found, root, &chain, NULL) == NOTAR_OK) {
			assert_int_equal(found.from_s, GEN_TIME_S);
			assert_int_equal(found.to_s, GEN_TIME_S);
			assert_int_equal(chain.count, 3);
			held++;
		}
		token.ptr[i] ^= 1;
	}
	assert_true(held < 32);
}

/* The place of these bytes, which must be there. */
static size_t
place_of(const struct buf *token, struct span bytes)
{
	const uint8_t *at = memmem(token->ptr, token->len, bytes.ptr, bytes.len);

	assert_non_null(at);
	return (size_t)(at - token->ptr);
}

static void
each_signed_part_is_covered(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) token = vector("good", ".tst");
	NOTAR_AUTO(cert) *tsa = vector_cert("tsa");
	NOTAR_AUTO(cert) *middle = vector_cert("middle");
	static const uint8_t digest_type[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
					       0xf7, 0x0d, 0x01, 0x09, 0x04 };
	struct span tst_time = span_str("20260102030405Z");
	const size_t places[] = {
		token.len - 1,                                                    /* signature */
		place_of(&token, tst_time) + 13,                                  /* TSTInfo */
		place_of(&token, span_of(digest_type, sizeof(digest_type))) + 20, /* attributes */
		place_of(&token, buf_span(&tsa->der)) + tsa->der.len - 1,         /* certificate */
	};
	for (size_t i = 0; i < NOTAR_COUNT(places); i++) {
		NOTAR_AUTO_OF(timestamp) found = { 0 };

		token.ptr[places[i]] ^= 1;
		assert_int_equal(verify_bytes(buf_span(&token), &found, NULL), NOTAR_E_SIGNATURE);
		token.ptr[places[i]] ^= 1;
	}
	/* An issuer that does not hold is no issuer: the chain ends below it. */
	NOTAR_AUTO_OF(timestamp) found = { 0 };
	NOTAR_AUTO_OF(cert_list) chain = { 0 };

	token.ptr[place_of(&token, buf_span(&middle->der)) + middle->der.len - 1] ^= 1;
	assert_int_equal(verify_bytes(buf_span(&token), &found, NULL), NOTAR_OK);
	assert_int_equal(anchor(&found, "root", &chain, NULL), NOTAR_E_SIGNATURE);
}

/* The token with its digestAlgorithms, which nobody signs, replaced by many. */
static struct buf
with_many_algorithms(const struct buf *token, size_t count)
{
	struct reader r = { .rest = buf_span(token) };
	struct reader info = der_enter(&r, DER_SEQUENCE);
	struct span kind = der_take(&info, DER_OID);
	struct reader content = der_enter(&info, DER_CONTEXT_0);
	struct reader data = der_enter(&content, DER_SEQUENCE);
	struct span version = der_take(&data, DER_INTEGER);
	struct span one = der_take(&data, DER_SET);
	size_t size = der_size(version.len) + der_size(one.len * count) + data.rest.len;
	struct buf out = { 0 };

	der_put_header(&out, DER_SEQUENCE, der_size(kind.len) + der_size(der_size(size)));
	der_put(&out, DER_OID, kind);
	der_put_header(&out, DER_CONTEXT_0, der_size(size));
	der_put_header(&out, DER_SEQUENCE, size);
	der_put(&out, DER_INTEGER, version);
	der_put_header(&out, DER_SET, one.len * count);
	for (size_t i = 0; i < count; i++)
		buf_append_span(&out, one);
	buf_append_span(&out, data.rest);
	assert_int_equal(buf_finish(&out, "token", NULL), NOTAR_OK);
	return out;
}

/* CMS_verify takes a stack frame, and a hash of the content, for each of them. */
static void
a_megabyte_of_digest_algorithms_costs_nothing(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) token = vector("good", ".tst");
	NOTAR_AUTO_OF(buf) many = with_many_algorithms(&token, 70000);
	NOTAR_AUTO_OF(buf) over = with_many_algorithms(&token, 90000);
	NOTAR_AUTO_OF(timestamp) found = { 0 };

	assert_true(many.len < LIMIT_TIMESTAMP_BYTES && over.len > LIMIT_TIMESTAMP_BYTES);
	assert_int_equal(verify_bytes(buf_span(&many), &found, NULL), NOTAR_OK);
	assert_int_equal(verify_bytes(buf_span(&over), &found, NULL), NOTAR_E_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_that_hold_lead_to_their_root),
		cmocka_unit_test(tokens_of_openssl_hold),
		cmocka_unit_test(each_broken_token_is_refused_for_its_own_reason),
		cmocka_unit_test(a_twin_of_the_authority_does_not_sign_in_its_name),
		cmocka_unit_test(no_token_leads_to_a_root_that_is_not_its_own),
		cmocka_unit_test(the_chain_ends_at_the_root_that_was_asked_for),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(bytes_behind_a_token_are_refused),
		cmocka_unit_test(no_flipped_byte_changes_what_a_token_proves),
		cmocka_unit_test(each_signed_part_is_covered),
		cmocka_unit_test(a_megabyte_of_digest_algorithms_costs_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
