/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/cose.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/limits.h"
#include "envelope/cbor.h"
#include "envelope/notary_header.h"
#include "tests/lib/key_fixture.h"
#include "tests/lib/notary_fixture.h"

/* Bytes with a NUL somewhere. */
#define BYTES(literal)                                                                             \
	{                                                                                          \
		(const uint8_t *)(literal), sizeof(literal) - 1                                    \
	}

/* The parts of the golden protected map, as CBOR. */
#define T_SCHEME "\x78\x1c" NOTARY_SCHEME
#define T_SIGNED "\x78\x1a" NOTARY_SIGNING_TIME
#define T_AUTHENTIC "\x78\x23" NOTARY_AUTHENTIC_TIME
#define T_EXPIRY "\x75" NOTARY_EXPIRY
#define T_PLUGIN "\x78\x21" NOTARY_PLUGIN
#define T_PLUGIN_MIN "\x78\x2b" NOTARY_PLUGIN_MIN
#define T_TYPE "\x78\x2b" NOTARY_PAYLOAD_TYPE
#define X509 "\x6bnotary.x509"
#define AUTHORITY "\x78\x1cnotary.x509.signingAuthority"
#define AT_SIGNED "\xc1\x1a\x65\x53\xf1\x00"
#define AT_EXPIRY "\xc1\x1a\x67\x35\x24\x80"
#define ALG "\x01\x26"
#define CRIT "\x02\x82" T_SCHEME T_EXPIRY
#define CTY "\x03" T_TYPE
#define EXPIRES T_EXPIRY AT_EXPIRY
#define SIGNED T_SIGNED AT_SIGNED
#define SCHEME T_SCHEME X509
#define PROTECTED "\xa6" ALG CRIT CTY EXPIRES SIGNED SCHEME

static const struct span protected_map = BYTES(PROTECTED);

/* One change to good bytes, a word of what is said of it, and what it is when not plain. */
struct change {
	struct span from, to;
	int pairs; /* that the map has more */
	const char *word;
};

static struct buf envelope_of(struct span protected)
{
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	struct buf out = { 0 };

	fixture_certificates(&chain, 1);
	cose_write(protected, span_str(FIXTURE_PAYLOAD), span_str("signature"), &chain,
		   span_str("token"), "notar/1", &out);
	return out;
}

static void
expect_refused(struct span bytes, const char *word, size_t number)
{
	static const struct notary_envelope nothing;
	struct notary_envelope read = { 0 };
	struct notar_error err = { 0 };
	enum notar_code code = cose_parse(bytes, &read, &err);

	if (code != NOTAR_E_FORMAT || strstr(err.msg, word) == NULL)
		fail_msg("change %zu: %d, says \"%s\", not \"%s\"", number, code, err.msg, word);
	assert_memory_equal(&read, &nothing, sizeof(nothing));
}

static struct buf
changed_envelope(const struct change *change)
{
	NOTAR_AUTO_OF(buf) map = fixture_replaced(protected_map, change->from, change->to);

	map.ptr[0] = (uint8_t)(map.ptr[0] + change->pairs);
	return envelope_of(buf_span(&map));
}

static void
expect_maps_refused(const struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		NOTAR_AUTO_OF(buf) bytes = changed_envelope(&changes[i]);

		expect_refused(buf_span(&bytes), changes[i].word, i);
	}
}

static void
read_map(const struct change *change, struct notary_envelope *out)
{
	NOTAR_AUTO_OF(buf) bytes = changed_envelope(change);
	struct notar_error err = { 0 };

	if (cose_parse(buf_span(&bytes), out, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
}

static void
what_is_signed_has_the_golden_bytes(void **state)
{
	(void)state;
	static const char hex[] =
		"a601260282781c696f2e636e63662e6e6f746172792e7369676e696e67536368656d6575696f2e636e"
		"63662e6e6f746172792e65787069727903782b6170706c69636174696f6e2f766e642e636e63662e6e"
		"6f746172792e7061796c6f61642e76312b6a736f6e75696f2e636e63662e6e6f746172792e65787069"
		"7279c11a67352480781a696f2e636e63662e6e6f746172792e7369676e696e6754696d65c11a6553f1"
		"00781c696f2e636e63662e6e6f746172792e7369676e696e67536368656d656b6e6f746172792e7835"
		"3039";
	NOTAR_AUTO_OF(buf) protected = { 0 }, tbs = { 0 };
	const struct notary_draft draft = fixture_draft();
	char text[2 * 207 + 1];

	cose_write_protected(&draft, &protected);
	cose_write_tbs(buf_span(&protected), draft.payload, &tbs);
	assert_int_equal(protected.len, 207);
	assert_string_equal(hex_encode(buf_span(&protected), text), hex);
	assert_true(span_equal(buf_span(&protected), protected_map));
	assert_int_equal(tbs.len, 394);
	assert_memory_equal(tbs.ptr, "\x84\x6aSignature1\x58\xcf", 14);
	fixture_expect_sha256(buf_span(&tbs),
			      "cfa0c82f7aed65063480459a3bef0535b951c7fc730215d5d358c1b6efb429d5");
}

static void
an_authority_s_map_has_its_time_in_crit_and_no_other_time(void **state)
{
	(void)state;
	static const struct span want =
		BYTES("\xa5" ALG
		      "\x02\x82" T_SCHEME T_AUTHENTIC CTY T_SCHEME AUTHORITY T_AUTHENTIC AT_SIGNED);
	NOTAR_AUTO_OF(buf) protected = { 0 };
	struct notary_draft draft = fixture_draft();

	draft.scheme = NOTARY_X509_AUTHORITY;
	draft.expires_s = 0;
	cose_write_protected(&draft, &protected);
	assert_true(span_equal(buf_span(&protected), want));
}

static void
what_is_written_reads_as_it_was_meant(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) bytes = envelope_of(protected_map);
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };

	assert_memory_equal(bytes.ptr, "\xd2\x84", 2);
	assert_int_equal(cose_parse(buf_span(&bytes), &read, NULL), NOTAR_OK);
	assert_int_equal(read.format, FACT_COSE);
	assert_int_equal(read.suite->cose, -7);
	assert_int_equal(read.scheme, NOTARY_X509);
	assert_int_equal(read.signed_s, FIXTURE_SIGNED_S);
	assert_int_equal(read.expires_s, FIXTURE_EXPIRES_S);
	assert_true(span_is(buf_span(&read.payload), FIXTURE_PAYLOAD));
	assert_true(span_is(buf_span(&read.signature), "signature"));
	assert_true(span_is(buf_span(&read.timestamp), "token"));
	assert_true(span_is(buf_span(&read.agent), "notar/1"));
	assert_int_equal(read.chain.count, 1);
	assert_int_equal(read.plugin.len, 0);
	assert_int_equal(read.extra_count, 0);
	fixture_expect_sha256(buf_span(&read.to_be_signed),
			      "cfa0c82f7aed65063480459a3bef0535b951c7fc730215d5d358c1b6efb429d5");
}

static void
an_envelope_of_notation_is_read_and_its_signature_holds(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) bytes = fixture_bytes("tests/fuzz/corpus/cose/notation-p256");
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };
	const struct key *key = NULL;

	assert_int_equal(cose_parse(buf_span(&bytes), &read, NULL), NOTAR_OK);
	assert_int_equal(cert_key(read.chain.certs[0], &key, NULL), NOTAR_OK);
	assert_int_equal(key_verify(key, buf_span(&read.to_be_signed), buf_span(&read.signature),
				    SIG_RAW, NULL),
			 NOTAR_OK);
	read.to_be_signed.ptr[20] ^= 1;
	assert_int_equal(key_verify(key, buf_span(&read.to_be_signed), buf_span(&read.signature),
				    SIG_RAW, NULL),
			 NOTAR_E_SIGNATURE);
}

/* What is signed is the map as it came, and not as we would have written it. */
static void
the_protected_map_is_signed_in_the_order_it_came(void **state)
{
	(void)state;
	static const struct span other = BYTES("\xa6" SCHEME SIGNED EXPIRES CTY CRIT ALG);
	NOTAR_AUTO_OF(buf) bytes = envelope_of(other), tbs = { 0 };
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };

	assert_int_equal(cose_parse(buf_span(&bytes), &read, NULL), NOTAR_OK);
	cose_write_tbs(other, span_str(FIXTURE_PAYLOAD), &tbs);
	assert_true(span_equal(buf_span(&read.to_be_signed), buf_span(&tbs)));
}

static void
each_rule_for_crit_is_enforced_alone(void **state)
{
	(void)state;
	static const struct change changes[] = {
		{ BYTES(CRIT), BYTES(""), -1, "crit: absent" },
		{ BYTES(CRIT), BYTES("\x02\x80"), 0, "crit: absent or empty" },
		{ BYTES(CRIT), BYTES("\x02\xf6"), 0, "another type" },
		{ BYTES(CRIT), BYTES("\x02" T_SCHEME), 0, "another type" },
		{ BYTES(CRIT), BYTES("\x02\xa1" T_SCHEME T_EXPIRY), 0, "another type" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY "\x41x"), 0, "another type" },
		{ BYTES(CRIT), BYTES("\x02\x81" T_EXPIRY), 0, NOTARY_SCHEME " is not listed" },
		{ BYTES(CRIT), BYTES("\x02\x81" T_SCHEME), 0, NOTARY_EXPIRY " is not listed" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY T_SCHEME), 0, "twice" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY T_EXPIRY), 0, "twice" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY "\x01"), 0, "another type" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY "\x02"), 0, "another type" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY "\x03"), 0, "another type" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY "\x00"), 0, "another type" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY "\x08"), 0, "another type" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY "\x09"), 0, "\"9\" is absent" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY "\x18\x21"), 0, "is absent" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY "\x20"), 0, "is absent" },
		{ BYTES(CRIT),
		  BYTES("\x02\x83" T_SCHEME T_EXPIRY "\x63"
			"alg"),
		  0, "is absent" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY T_SIGNED), 0, "may not be" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY T_AUTHENTIC), 0, "is absent" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY T_PLUGIN), 0, "is absent" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY T_PLUGIN_MIN), 0, "is absent" },
		{ BYTES(CRIT), BYTES("\x02\x83" T_SCHEME T_EXPIRY "\x60"), 0, "is absent" },
		{ BYTES(EXPIRES), BYTES(""), -1, NOTARY_EXPIRY "\" is absent" },
		{ BYTES(CTY), BYTES(CTY T_PLUGIN "\x61p"), 1, NOTARY_PLUGIN " is not listed" },
		{ BYTES(CTY), BYTES(CTY T_PLUGIN_MIN "\x61p"), 1, NOTARY_PLUGIN_MIN " is not" },
	};

	expect_maps_refused(changes, NOTAR_COUNT(changes));
}

static void
each_rule_for_scheme_and_times_is_enforced_alone(void **state)
{
	(void)state;
	static const struct change changes[] = {
		{ BYTES(SCHEME), BYTES(""), -1, "signingScheme" },
		{ BYTES(X509), BYTES("\x6bnotary.X509"), 0, "signingScheme" },
		{ BYTES(X509), BYTES("\x60"), 0, "signingScheme" },
		{ BYTES(X509), BYTES("\x4bnotary.x509"), 0, "another type" },
		{ BYTES(X509), BYTES("\x01"), 0, "another type" },
		{ BYTES(SIGNED), BYTES(""), -1, "signing time not present" },
		{ BYTES(X509), BYTES(AUTHORITY), 0, "other" },
		{ BYTES(SIGNED), BYTES(T_AUTHENTIC AT_SIGNED), 0, "other" },
		{ BYTES(SIGNED), BYTES(SIGNED T_AUTHENTIC AT_SIGNED), 1, "other" },
		{ BYTES(AT_SIGNED), BYTES("\x1a\x65\x53\xf1\x00"), 0, "another type" },
		{ BYTES(AT_SIGNED),
		  BYTES("\xc0\x74"
			"2023-11-14T22:13:20Z"),
		  0, "well-formed" },
		{ BYTES(AT_SIGNED),
		  BYTES("\x74"
			"2023-11-14T22:13:20Z"),
		  0, "another type" },
		{ BYTES(AT_SIGNED),
		  BYTES("\xc1\x74"
			"2023-11-14T22:13:20Z"),
		  0, "another type" },
		{ BYTES(AT_SIGNED), BYTES("\xc1\xfa\x4e\xca\xa7\xe2"), 0, "well-formed" },
		{ BYTES(AT_SIGNED), BYTES("\xc1\xc1\x1a\x65\x53\xf1\x00"), 0, "another type" },
		{ BYTES(AT_SIGNED), BYTES("\xc1\x1b\x00\x00\x00\x00\x65\x53\xf1\x00"), 0, "well" },
		{ BYTES(AT_SIGNED), BYTES("\xf6"), 0, "another type" },
		{ BYTES(AT_EXPIRY), BYTES("\x1a\x67\x35\x24\x80"), 0, "another type" },
		{ BYTES(AT_EXPIRY), BYTES("\xf6"), 0, "another type" },
		{ BYTES(AT_EXPIRY), BYTES(AT_SIGNED), 0, "not after" },
		{ BYTES(AT_EXPIRY), BYTES("\xc1\x00"), 0, "not after" },
		{ BYTES(AT_EXPIRY), BYTES("\xc1\x20"), 0, "not after" },
		/* Signed before 1970, so that an expiry of 0, which says "never", is after it. */
		{ BYTES(EXPIRES SIGNED), BYTES(T_EXPIRY "\xc1\x00" T_SIGNED "\xc1\x20"), 0,
		  "1970" },
		{ BYTES(EXPIRES SIGNED), BYTES(T_EXPIRY "\xc1\x20" T_SIGNED "\xc1\x21"), 0,
		  "1970" },
	};

	expect_maps_refused(changes, NOTAR_COUNT(changes));
}

static void
each_rule_for_the_protected_map_is_enforced_alone(void **state)
{
	(void)state;
	static const struct change changes[] = {
		{ BYTES(PROTECTED), BYTES("\xa0"), 0, "no algorithm" },
		{ BYTES(PROTECTED), BYTES("\x80"), 0, "not one well-formed map" },
		{ BYTES(PROTECTED), BYTES("\xf6"), 0, "not one well-formed map" },
		{ BYTES(PROTECTED), BYTES("\xbf" ALG "\xff"), 0, "not one well-formed map" },
		{ BYTES(PROTECTED), BYTES(PROTECTED "\xa0"), 0, "not one well-formed map" },
		{ BYTES(PROTECTED), BYTES(PROTECTED), 1, "not one well-formed map" },
		{ BYTES(PROTECTED), BYTES(PROTECTED), -1, "not one well-formed map" },
		{ BYTES(ALG), BYTES(""), -1, "no algorithm" },
		{ BYTES(ALG), BYTES("\x01\x27"), 0, "algorithm is not" },         /* EdDSA */
		{ BYTES(ALG), BYTES("\x01\x05"), 0, "algorithm is not" },         /* HMAC */
		{ BYTES(ALG), BYTES("\x01\x39\x01\x00"), 0, "algorithm is not" }, /* RS256 */
		{ BYTES(ALG), BYTES("\x01\x07"), 0, "algorithm is not" },
		{ BYTES(ALG),
		  BYTES("\x01\x65"
			"ES256"),
		  0, "algorithm is not" },
		{ BYTES(ALG), BYTES(ALG ALG), 1, "not one well-formed map" },
		{ BYTES(SCHEME), BYTES(SCHEME SCHEME), 1, "not one well-formed map" },
		{ BYTES(ALG), BYTES("\x41\x01\x26"), 0, "another type" },
		{ BYTES(ALG), BYTES(ALG "\x80\x00"), 1, "another type" },
		{ BYTES(ALG), BYTES(ALG "\x40\x00"), 1, "another type" },
		{ BYTES(ALG), BYTES(ALG "\xf5\x00"), 1, "another type" },
		{ BYTES(ALG), BYTES(ALG "\x61\xff\x00"), 1, "not one well-formed map" },
		{ BYTES(ALG), BYTES(ALG "\x09\xd8\x20\x61u"), 1, "not one well-formed map" },
		{ BYTES(ALG), BYTES(ALG "\x18\x21\x80"), 1, "in both headers" },
		{ BYTES(ALG), BYTES(ALG "\x78\x1b" NOTARY_AGENT "\x60"), 1, "in both headers" },
		{ BYTES(CTY), BYTES(""), -1, "content type" },
		{ BYTES(CTY), BYTES("\x03\x18\x32"), 0, "another type" },
		{ BYTES(CTY),
		  BYTES("\x03\x70"
			"application/json"),
		  0, "content type" },
		{ BYTES(CTY), BYTES(CTY T_PLUGIN "\x60"), 1, "blank" },
		{ BYTES(CTY), BYTES(CTY T_PLUGIN "\x62 p"), 1, "blank" },
		{ BYTES(CTY), BYTES(CTY T_PLUGIN "\x41p"), 1, "another type" },
		{ BYTES(CTY), BYTES(CTY T_PLUGIN_MIN "\x60"), 1, "blank" },
		{ BYTES(CTY), BYTES(CTY T_PLUGIN_MIN "\x01"), 1, "another type" },
	};

	expect_maps_refused(changes, NOTAR_COUNT(changes));
}

static void
every_algorithm_of_the_notary_project_is_read(void **state)
{
	(void)state;
	static const struct {
		struct span to;
		const char *jws;
	} known[] = {
		{ BYTES("\x01\x38\x24"), "PS256" }, { BYTES("\x01\x38\x25"), "PS384" },
		{ BYTES("\x01\x38\x26"), "PS512" }, { BYTES("\x01\x26"), "ES256" },
		{ BYTES("\x01\x38\x22"), "ES384" }, { BYTES("\x01\x38\x23"), "ES512" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(known); i++) {
		NOTAR_AUTO_OF(notary_envelope) read = { 0 };
		const struct change change = { BYTES(ALG), known[i].to, 0, NULL };

		read_map(&change, &read);
		assert_string_equal(read.suite->jws, known[i].jws);
	}
}

static void
plugins_and_other_attributes_are_kept_with_whether_they_are_critical(void **state)
{
	(void)state;
	static const struct change change = {
		BYTES(CRIT CTY),
		BYTES("\x02\x86" T_SCHEME T_EXPIRY T_PLUGIN T_PLUGIN_MIN
		      "\x18\x63\x61r" CTY T_PLUGIN "\x63"
		      "com" T_PLUGIN_MIN "\x65"
		      "1.0.0"
		      "\x18\x63\x24\x61t\x63\xe2\x82\xac\x61r\x81\x41x"),
		5,
		NULL,
	};
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };

	read_map(&change, &read);
	assert_true(span_is(buf_span(&read.plugin), "com"));
	assert_true(span_is(buf_span(&read.plugin_min_version), "1.0.0"));
	assert_int_equal(read.extra_count, 3);
	assert_true(span_is(buf_span(&read.extras[0].name), "99"));
	assert_true(span_is(buf_span(&read.extras[0].value), "-5"));
	assert_true(read.extras[0].critical);
	assert_true(span_is(buf_span(&read.extras[1].value), "\"\xe2\x82\xac\""));
	assert_false(read.extras[1].critical);
	assert_true(span_is(buf_span(&read.extras[2].value), "\"gUF4\"")); /* 81 41 78 */
	assert_true(read.extras[2].critical);
}

/* Its four parts, and what comes before and behind; the writer's where NULL. */
struct parts {
	const char *word;
	struct span front, protected, unprotected, payload, signature, behind;
};

static struct buf
assemble(const struct parts *parts)
{
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	NOTAR_AUTO_OF(buf) unprotected = { 0 };
	struct buf out = { 0 };
	static const struct span front = BYTES("\xd2\x84"), signature = BYTES("\x42ok");

	fixture_certificates(&chain, 1);
	cbor_put_head(&unprotected, CBOR_MAP, 1);
	cbor_put_int(&unprotected, 33);
	cbor_put_head(&unprotected, CBOR_ARRAY, 1);
	cbor_put_bytes(&unprotected, buf_span(&chain.certs[0]->der));
	buf_append_span(&out, parts->front.ptr != NULL ? parts->front : front);
	if (parts->protected.ptr != NULL)
		buf_append_span(&out, parts->protected);
	else
		cbor_put_bytes(&out, protected_map);
	buf_append_span(&out, parts->unprotected.ptr != NULL ? parts->unprotected :
							       buf_span(&unprotected));
	if (parts->payload.ptr != NULL)
		buf_append_span(&out, parts->payload);
	else
		cbor_put_bytes(&out, span_str(FIXTURE_PAYLOAD));
	buf_append_span(&out, parts->signature.ptr != NULL ? parts->signature : signature);
	buf_append_span(&out, parts->behind);
	return out;
}

static void
each_rule_for_the_envelope_s_form_is_enforced_alone(void **state)
{
	(void)state;
	static const struct parts broken[] = {
		{ "tagged", .front = BYTES("\x84") },
		{ "tagged", .front = BYTES("\xd1\x84") },     /* COSE_Mac0 */
		{ "tagged", .front = BYTES("\xd8\x62\x84") }, /* COSE_Sign */
		{ "tagged", .front = BYTES("\xd8\x12\x84") }, /* a longer head */
		{ "tagged", .front = BYTES("\xd9\xd9\xf7\xd2\x84") },
		{ "tagged", .front = BYTES("\xd2\xd2\x84") },
		{ "tagged", .front = BYTES("\xd2\x9f"), .behind = BYTES("\xff") },
		{ "tagged", .front = BYTES("\xd2\x83") },
		{ "tagged", .front = BYTES("\xd2\x85"), .behind = BYTES("\x40") },
		{ "tagged", .front = BYTES("\xd2\xa2") },
		{ "four parts", .behind = BYTES("\x00") },
		{ "four parts", .protected = BYTES("\xa0") },
		{ "four parts", .protected = BYTES("\xf6") },
		{ "not one well-formed map", .protected = BYTES("\x40") },
		{ "four parts", .protected = BYTES("\x5f\x41\xa0\xff") },
		{ "four parts", .unprotected = BYTES("\x41\xa0") },
		{ "four parts", .unprotected = BYTES("\x80") },
		{ "four parts", .unprotected = BYTES("\xf6") },
		{ "four parts", .unprotected = BYTES("\xbf\xff") },
		{ "four parts", .unprotected = BYTES("\xa2\x09\x00\x09\x00") },
		{ "four parts", .unprotected = BYTES("\xa1\x09\xd2\xf6") },
		{ "no x5chain", .unprotected = BYTES("\xa0") },
		{ "no x5chain", .unprotected = BYTES("\xa1\x62"
						     "33\x81\x41x") },
		{ "no array", .unprotected = BYTES("\xa1\x18\x21\x80") },
		{ "no array", .unprotected = BYTES("\xa1\x18\x21\x41x") },
		{ "something else", .unprotected = BYTES("\xa1\x18\x21\x81\x61x") },
		{ "certificate", .unprotected = BYTES("\xa1\x18\x21\x81\x41x") },
		{ "certificate", .unprotected = BYTES("\xa1\x18\x21\x81\x40") },
		{ "crit outside", .unprotected = BYTES("\xa1\x02\x81" T_SCHEME) },
		{ "another type", .unprotected = BYTES("\xa1\x78\x1b" NOTARY_AGENT "\x41x") },
		{ "another type", .unprotected = BYTES("\xa1\x78\x21" NOTARY_TIMESTAMP "\x61x") },
		{ "another type", .unprotected = BYTES("\xa1\x41x\x00") },
		{ "four parts", .payload = BYTES("\xf6") }, /* detached */
		{ "four parts", .payload = BYTES("\x62{}") },
		{ "no payload", .payload = BYTES("\x40") },
		{ "no signature", .signature = BYTES("\x40") },
		{ "four parts", .signature = BYTES("\xf6") },
		{ "four parts", .signature = BYTES("\x62ok") },
		{ "four parts", .signature = BYTES("\x43ok") },
		{ "four parts", .signature = BYTES("\x58\x02ok") },
	};
	static const struct parts good = { 0 };
	NOTAR_AUTO_OF(buf) bytes = assemble(&good);
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };

	assert_int_equal(cose_parse(buf_span(&bytes), &read, NULL), NOTAR_OK);
	for (size_t i = 0; i < NOTAR_COUNT(broken); i++) {
		NOTAR_AUTO_OF(buf) other = assemble(&broken[i]);

		expect_refused(buf_span(&other), broken[i].word, i);
	}
}

static void
every_truncation_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) good = envelope_of(protected_map);

	for (size_t len = 0; len < good.len; len++)
		expect_refused(span_of(good.ptr, len), "", len);
}

static enum notar_code
parse_chain_of(size_t certificates)
{
	NOTAR_AUTO_OF(buf) bytes = { 0 };
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };
	NOTAR_AUTO_OF(cert_list) chain = { 0 };

	fixture_certificates(&chain, certificates);
	cose_write(protected_map, span_str(FIXTURE_PAYLOAD), span_str("s"), &chain,
		   (struct span){ 0 }, "a", &bytes);
	return cose_parse(buf_span(&bytes), &read, NULL);
}

/* An attribute of so many bytes, which becomes base64 for a plugin. */
static enum notar_code
parse_attribute_of(size_t bytes)
{
	NOTAR_AUTO_OF(buf) value = { 0 }, pair = { 0 };
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };

	memset(buf_extend(&value, bytes), 'x', bytes);
	buf_append_str(&pair, ALG "\x09");
	cbor_put_bytes(&pair, buf_span(&value));
	const struct change change = { BYTES(ALG), buf_span(&pair), 1, NULL };
	NOTAR_AUTO_OF(buf) envelope = changed_envelope(&change);

	return cose_parse(buf_span(&envelope), &read, NULL);
}

static void
certificates_attributes_and_bytes_have_limits(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) large = { 0 };
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };

	assert_int_equal(parse_chain_of(LIMIT_CHAIN_CERTIFICATES), NOTAR_OK);
	assert_int_equal(parse_chain_of(LIMIT_CHAIN_CERTIFICATES + 1), NOTAR_E_LIMIT);
	assert_int_equal(parse_attribute_of(700000), NOTAR_OK);
	assert_int_equal(parse_attribute_of(900000), NOTAR_E_LIMIT); /* and not cut short */
	memset(buf_extend(&large, LIMIT_NOTARY_ENVELOPE_BYTES + 1), 0,
	       LIMIT_NOTARY_ENVELOPE_BYTES + 1);
	assert_int_equal(cose_parse(buf_span(&large), &read, NULL), NOTAR_E_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_signed_has_the_golden_bytes),
		cmocka_unit_test(an_authority_s_map_has_its_time_in_crit_and_no_other_time),
		cmocka_unit_test(what_is_written_reads_as_it_was_meant),
		cmocka_unit_test(an_envelope_of_notation_is_read_and_its_signature_holds),
		cmocka_unit_test(the_protected_map_is_signed_in_the_order_it_came),
		cmocka_unit_test(each_rule_for_crit_is_enforced_alone),
		cmocka_unit_test(each_rule_for_scheme_and_times_is_enforced_alone),
		cmocka_unit_test(each_rule_for_the_protected_map_is_enforced_alone),
		cmocka_unit_test(every_algorithm_of_the_notary_project_is_read),
		cmocka_unit_test(
			plugins_and_other_attributes_are_kept_with_whether_they_are_critical),
		cmocka_unit_test(each_rule_for_the_envelope_s_form_is_enforced_alone),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(certificates_attributes_and_bytes_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
