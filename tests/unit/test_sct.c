/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/sct.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/digest.h"
#include "keys/der.h"
#include "pki/fulcio.h"
#include "tests/lib/fulcio_fixture.h"
#include "tests/lib/key_fixture.h"

#define SCTS "1.3.6.1.4.1.11129.2.4.2"
#define TIME_MS INT64_C(1700000123456)

static const char *const vectors[] = { "fulcio-sct-extensions", "fulcio-rekor2",
				       "fulcio-production", "fulcio-email", "fulcio-custom-root" };

static enum notar_code
verify_vector(const struct fulcio_vector *vector, struct sct_found found[SCT_MAX], size_t *count)
{
	const struct trusted_root *only = &vector->root;
	const struct trusted_roots roots = { &only, 1 };

	return sct_verify(vector->leaf, vector->ca.chain.certs[0], &roots, found, count, NULL);
}

static void
real_certificates_were_seen_by_their_logs(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(vectors); i++) {
		NOTAR_AUTO_OF(fulcio_vector) vector = { 0 };
		struct sct_found found[SCT_MAX];
		size_t count = 0;

		fulcio_vector_load(vectors[i], &vector);
		assert_int_equal(verify_vector(&vector, found, &count), NOTAR_OK);
		assert_int_equal(count, 1);
		assert_true(found[0].time_ms / 1000 >= vector.leaf->not_before_s - 60);
		assert_true(found[0].time_ms / 1000 <= vector.leaf->not_after_s);
	}
}

static void
another_issuer_was_not_seen(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(fulcio_vector) vector = { 0 };
	struct sct_found found[SCT_MAX];
	size_t count = 7;

	fulcio_vector_load("fulcio-production", &vector);
	const struct trusted_root *only = &vector.root;
	const struct trusted_roots roots = { &only, 1 };

	assert_int_equal(
		sct_verify(vector.leaf, vector.ca.chain.certs[1], &roots, found, &count, NULL),
		NOTAR_E_SIGNATURE);
	assert_int_equal(count, 7);
}

static void
a_log_that_is_not_known_is_passed_over(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(fulcio_vector) vector = { 0 };
	struct sct_found found[SCT_MAX];
	size_t count = 7;

	fulcio_vector_load("fulcio-production", &vector);
	for (size_t i = 0; i < vector.root.ct_log_count; i++)
		vector.root.ct_logs[i].id[0] ^= 1;
	assert_int_equal(verify_vector(&vector, found, &count), NOTAR_OK);
	assert_int_equal(count, 0);
}

static void
a_foreign_key_under_a_known_id_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(fulcio_vector) vector = { 0 };
	struct sct_found found[SCT_MAX];
	size_t count = 7;

	fulcio_vector_load("fulcio-production", &vector);
	for (size_t i = 0; i < vector.root.ct_log_count; i++) {
		key_free(vector.root.ct_logs[i].key);
		assert_int_equal(key_generate(KEY_P256, 0, &vector.root.ct_logs[i].key, NULL), 0);
	}
	assert_int_equal(verify_vector(&vector, found, &count), NOTAR_E_SIGNATURE);
	assert_int_equal(count, 7);
}

/* What the logs see: a leaf without SCTs. long_bytes makes its lengths three bytes long. */
static X509 *
plain_leaf(size_t long_bytes)
{
	NOTAR_AUTO_OF(buf) filler = { 0 };
	X509 *x509 = raw_x509((struct raw_extension[]){ { "2.5.29.15", true, "03020780" }, { 0 } });

	for (size_t i = 0; i < long_bytes; i++)
		buf_append_byte(&filler, 'x');
	if (long_bytes > 0)
		raw_x509_add(x509, "1.2.3.4", false, buf_span(&filler));
	return x509;
}

static struct cert *
leaf_with(X509 *x509, struct span list)
{
	NOTAR_AUTO_OF(buf) value = { 0 };

	der_put(&value, DER_OCTET_STRING, list);
	raw_x509_add(x509, SCTS, false, buf_span(&value));
	return raw_cert_of(x509);
}

struct recipe {
	uint8_t version, hash, algorithm;
	bool is_over_other_bytes;
	const char *extensions;
	uint64_t time_ms;
};
static const struct recipe good = { 0, 4, 3, false, "", TIME_MS };

static void
put_sct(struct buf *list, const struct root_log *log, const struct cert *issuer, X509 *x509,
	const struct recipe *recipe)
{
	NOTAR_AUTO_OF(buf) message = { 0 };
	NOTAR_AUTO_OF(buf) sig = { 0 };
	struct notar_digest by = digest_of(NOTAR_SHA256, issuer->spki);
	uint8_t *tbs = NULL;
	int len = i2d_re_X509_tbs(x509, &tbs);
	size_t extension_bytes = strlen(recipe->extensions);

	buf_append_be(&message, 0, 2);
	buf_append_be(&message, recipe->time_ms + recipe->is_over_other_bytes, 8);
	buf_append_be(&message, 1, 2);
	buf_append(&message, by.bytes, 32);
	buf_append_be(&message, (uint64_t)len, 3);
	buf_append(&message, tbs, (size_t)len);
	buf_append_be(&message, extension_bytes, 2);
	buf_append_str(&message, recipe->extensions);
	OPENSSL_free(tbs);
	assert_int_equal(key_sign(log->key, buf_span(&message), SIG_DER, &sig, NULL), NOTAR_OK);
	buf_append_be(list, 1 + 32 + 8 + 2 + extension_bytes + 2 + 2 + sig.len, 2);
	buf_append_byte(list, recipe->version);
	buf_append(list, log->id, 32);
	buf_append_be(list, recipe->time_ms, 8);
	buf_append_be(list, extension_bytes, 2);
	buf_append_str(list, recipe->extensions);
	buf_append_byte(list, recipe->hash);
	buf_append_byte(list, recipe->algorithm);
	buf_append_be(list, sig.len, 2);
	buf_append_span(list, buf_span(&sig));
}

struct logs {
	struct root_log at[2];
	struct cert *issuer;
};

static void
logs_release(struct logs *logs)
{
	key_free(logs->at[0].key);
	key_free(logs->at[1].key);
	cert_free(logs->issuer);
}

static void
logs_make(struct logs *out, enum key_kind kind)
{
	out->issuer = raw_cert(NULL);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(key_generate(kind, 2048, &out->at[i].key, NULL), NOTAR_OK);
		memcpy(out->at[i].id, key_id(out->at[i].key), 32);
		memcpy(out->at[i].identity, key_id(out->at[i].key), 32);
	}
}

static enum notar_code
verify_leaf(struct logs *logs, const struct cert *leaf, size_t *count)
{
	const struct trusted_root root = { .ct_logs = logs->at, .ct_log_count = 2 };
	const struct trusted_root *only = &root;
	const struct trusted_roots roots = { &only, 1 };
	struct sct_found found[SCT_MAX];

	return sct_verify(leaf, logs->issuer, &roots, found, count, NULL);
}

static struct cert *
leaf_of(X509 *x509, const struct buf *scts)
{
	NOTAR_AUTO_OF(buf) list = { 0 };

	buf_append_be(&list, scts->len, 2);
	buf_append_span(&list, buf_span(scts));
	return leaf_with(x509, buf_span(&list));
}

/* SCTs by the logs with those numbers, all after one recipe. */
static enum notar_code
verify_made(struct logs *logs, const char *numbers, const struct recipe *recipe, size_t *count)
{
	NOTAR_AUTO_OF(buf) scts = { 0 };
	X509 *x509 = plain_leaf(0);

	for (; *numbers != '\0'; numbers++)
		put_sct(&scts, &logs->at[*numbers - '0'], logs->issuer, x509, recipe);
	NOTAR_AUTO(cert) *leaf = leaf_of(x509, &scts);

	return verify_leaf(logs, leaf, count);
}

static void
cve_2026_49834_two_scts_of_one_log_count_once(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(logs) logs = { 0 };
	size_t count = 0;

	logs_make(&logs, KEY_P256);
	assert_int_equal(verify_made(&logs, "00", &good, &count), NOTAR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(verify_made(&logs, "0101", &good, &count), NOTAR_OK);
	assert_int_equal(count, 2);
}

static void
cve_2026_49834_a_log_that_a_root_lists_twice_counts_once(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(logs) logs = { 0 };
	NOTAR_AUTO_OF(buf) scts = { 0 };
	X509 *x509 = plain_leaf(0);
	size_t count = 0;

	logs_make(&logs, KEY_P256);
	put_sct(&scts, &logs.at[0], logs.issuer, x509, &good);
	NOTAR_AUTO(cert) *leaf = leaf_of(x509, &scts);
	struct root_log twice[2] = { logs.at[0], logs.at[0] };
	const struct trusted_root root = { .ct_logs = twice, .ct_log_count = 2 };
	const struct trusted_root *both[2] = { &root, &root };
	const struct trusted_roots roots = { both, 2 };
	struct sct_found found[SCT_MAX];

	twice[1].identity[0] ^= 1;
	assert_int_equal(sct_verify(leaf, logs.issuer, &roots, found, &count, NULL), NOTAR_OK);
	assert_int_equal(count, 1);
}

static void
a_root_with_a_wrong_key_spoils_nothing_of_another(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(logs) logs = { 0 };
	NOTAR_AUTO_OF(buf) scts = { 0 };
	X509 *x509 = plain_leaf(0);
	size_t count = 0;

	logs_make(&logs, KEY_P256);
	put_sct(&scts, &logs.at[0], logs.issuer, x509, &good);
	NOTAR_AUTO(cert) *leaf = leaf_of(x509, &scts);
	struct root_log wrong = logs.at[1];
	const struct trusted_root bad = { .ct_logs = &wrong, .ct_log_count = 1 };
	const struct trusted_root right = { .ct_logs = logs.at, .ct_log_count = 2 };
	const struct trusted_root *both[2] = { &bad, &right };
	const struct trusted_roots roots = { both, 2 };
	struct sct_found found[SCT_MAX];

	memcpy(wrong.id, logs.at[0].id, 32);
	assert_int_equal(sct_verify(leaf, logs.issuer, &roots, found, &count, NULL), NOTAR_OK);
	assert_int_equal(count, 1);
	assert_ptr_equal(found[0].log, &logs.at[0]);
	assert_int_equal(found[0].time_ms, TIME_MS);
}

static void
rsa_logs_and_extensions_hold(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(logs) logs = { 0 };
	struct recipe rsa = good;
	size_t count = 0;

	logs_make(&logs, KEY_RSA);
	rsa.algorithm = 1;
	rsa.extensions = "index";
	assert_int_equal(verify_made(&logs, "01", &rsa, &count), NOTAR_OK);
	assert_int_equal(count, 2);
	rsa.algorithm = 3;
	assert_int_equal(verify_made(&logs, "0", &rsa, &count), NOTAR_E_SIGNATURE);
}

static void
an_sct_that_breaks_one_rule_is_refused(void **state)
{
	(void)state;
	const struct {
		struct recipe recipe;
		enum notar_code code;
	} bad[] = {
		{ { 1, 4, 3, false, "", TIME_MS }, NOTAR_E_FORMAT },    /* version 2 */
		{ { 0, 5, 3, false, "", TIME_MS }, NOTAR_E_SIGNATURE }, /* says SHA-384 */
		{ { 0, 4, 1, false, "", TIME_MS }, NOTAR_E_SIGNATURE }, /* says RSA */
		{ { 0, 4, 3, true, "", TIME_MS }, NOTAR_E_SIGNATURE },  /* another time signed */
		{ { 0, 4, 3, false, "", UINT64_MAX }, NOTAR_E_FORMAT }, /* no time */
		{ { 0, 4, 3, false, "", 1ULL << 63 }, NOTAR_E_FORMAT },
	};
	NOTAR_AUTO_OF(logs) logs = { 0 };
	size_t count = 7;

	logs_make(&logs, KEY_P256);
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		assert_int_equal(verify_made(&logs, "0", &bad[i].recipe, &count), bad[i].code);
	assert_int_equal(verify_made(&logs, "00000000000000000", &good, &count), NOTAR_E_LIMIT);
	assert_int_equal(count, 7);
}

static void
a_log_with_a_key_of_another_kind_does_not_count(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(logs) logs = { 0 };
	size_t count = 7;

	logs_make(&logs, KEY_P384);
	assert_int_equal(verify_made(&logs, "0", &good, &count), NOTAR_E_SIGNATURE);
}

static void
every_truncation_and_anything_behind_a_list_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(logs) logs = { 0 };
	NOTAR_AUTO_OF(buf) scts = { 0 };
	NOTAR_AUTO_OF(buf) list = { 0 };
	X509 *x509 = plain_leaf(0);
	size_t count = 7;

	logs_make(&logs, KEY_P256);
	put_sct(&scts, &logs.at[0], logs.issuer, x509, &good);
	X509_free(x509);
	buf_append_be(&list, scts.len, 2);
	buf_append_span(&list, buf_span(&scts));
	buf_append_byte(&list, 0);
	for (size_t len = 0; len <= list.len; len++) {
		NOTAR_AUTO(cert) *leaf = leaf_with(plain_leaf(0), span_of(list.ptr, len));
		bool is_whole = len + 1 == list.len;

		assert_int_equal(verify_leaf(&logs, leaf, &count),
				 is_whole ? NOTAR_E_SIGNATURE : NOTAR_E_FORMAT);
	}
	for (size_t len = 0; len < scts.len; len++) { /* the outer length says the same */
		NOTAR_AUTO_OF(buf) cut = { 0 };

		buf_append(&cut, scts.ptr, len);
		NOTAR_AUTO(cert) *leaf = leaf_of(plain_leaf(0), &cut);

		assert_int_equal(verify_leaf(&logs, leaf, &count), NOTAR_E_FORMAT);
	}
	assert_int_equal(count, 7);
}

static void
a_precertificate_is_the_certificate_before_its_scts_at_every_size(void **state)
{
	(void)state;
	for (size_t filler = 0; filler < 700; filler += filler < 300 ? 1 : 50) {
		NOTAR_AUTO_OF(buf) tbs = { 0 };
		X509 *x509 = plain_leaf(filler);
		uint8_t *want = NULL;
		int len = i2d_re_X509_tbs(x509, &want);
		NOTAR_AUTO(cert) *leaf = leaf_with(x509, span_str("list"));
		struct span list = { 0 };

		assert_int_equal(sct_precertificate(leaf, &tbs, &list, NULL), NOTAR_OK);
		assert_true(span_is(list, "list"));
		assert_true(span_equal(buf_span(&tbs), span_of(want, (size_t)len)));
		OPENSSL_free(want);
	}
}

static void
a_certificate_without_scts_has_no_precertificate(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(logs) logs = { 0 };
	NOTAR_AUTO(cert) *leaf = raw_cert_of(plain_leaf(0));
	NOTAR_AUTO_OF(buf) tbs = { 0 };
	struct span list = span_str("x");
	size_t count = 7;

	logs_make(&logs, KEY_P256);
	assert_int_equal(sct_precertificate(leaf, &tbs, &list, NULL), NOTAR_OK);
	assert_int_equal(list.len, 0);
	assert_int_equal(tbs.len, 0);
	assert_int_equal(verify_leaf(&logs, leaf, &count), NOTAR_OK);
	assert_int_equal(count, 0);
}

static void
extensions_that_are_not_one_list_of_scts_are_refused(void **state)
{
	(void)state;
	const struct raw_extension bad[][3] = {
		{ { SCTS, false, "0401aa" }, { 0 } }, /* nothing beside it */
		{ { SCTS, false, "0401aa" }, { SCTS, false, "0401aa" }, { 0 } },
		{ { "1.2.3.4", false, "00" }, { SCTS, false, "0401aabb" }, { 0 } },
		{ { "1.2.3.4", false, "00" }, { SCTS, false, "048101aa" }, { 0 } },
		{ { "1.2.3.4", false, "00" }, { SCTS, false, "0301aa" }, { 0 } },
		{ { "1.2.3.4", false, "00" }, { SCTS, false, "0400" }, { 0 } },
		{ { "1.2.3.4", false, "00" }, { SCTS, false, "0402aa" }, { 0 } },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO(cert) *leaf = raw_cert(bad[i]);
		NOTAR_AUTO_OF(buf) tbs = { 0 };
		struct span list = { 0 };

		assert_int_equal(sct_precertificate(leaf, &tbs, &list, NULL), NOTAR_E_FORMAT);
		assert_int_equal(tbs.len, 0);
		assert_null(list.ptr);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_certificates_were_seen_by_their_logs),
		cmocka_unit_test(another_issuer_was_not_seen),
		cmocka_unit_test(a_log_that_is_not_known_is_passed_over),
		cmocka_unit_test(a_foreign_key_under_a_known_id_is_refused),
		cmocka_unit_test(cve_2026_49834_two_scts_of_one_log_count_once),
		cmocka_unit_test(cve_2026_49834_a_log_that_a_root_lists_twice_counts_once),
		cmocka_unit_test(a_root_with_a_wrong_key_spoils_nothing_of_another),
		cmocka_unit_test(rsa_logs_and_extensions_hold),
		cmocka_unit_test(an_sct_that_breaks_one_rule_is_refused),
		cmocka_unit_test(a_log_with_a_key_of_another_kind_does_not_count),
		cmocka_unit_test(every_truncation_and_anything_behind_a_list_is_refused),
		cmocka_unit_test(a_precertificate_is_the_certificate_before_its_scts_at_every_size),
		cmocka_unit_test(a_certificate_without_scts_has_no_precertificate),
		cmocka_unit_test(extensions_that_are_not_one_list_of_scts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
