/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/chain.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/lib/cert_fixture.h"

#define FROM CERT_FIXTURE_FROM_S
#define TO CERT_FIXTURE_TO_S
#define LEAF 0
#define MIDDLE 1
#define ROOT 2
#define COUNT 3
#define SIGNS "critical,digitalSignature"
#define ISSUES "critical,keyCertSign,cRLSign"
#define CA "critical,CA:TRUE"
#define STAMPS "critical,timeStamping"

/* A chain that keeps every rule; tests break one. */
static void
good_recipes(enum chain_purpose purpose, struct cert_recipe out[COUNT])
{
	out[LEAF] = (struct cert_recipe){ .name = "leaf", .usage = SIGNS };
	if (purpose == CHAIN_TIMESTAMPING)
		out[LEAF].purposes = STAMPS;
	out[MIDDLE] = (struct cert_recipe){ .name = "middle", .constraints = CA, .usage = ISSUES };
	out[ROOT] = (struct cert_recipe){ .name = "root", .constraints = CA, .usage = ISSUES };
}

static enum notar_code
check(const struct cert_recipe *recipes, size_t count, enum chain_purpose purpose,
      struct notar_error *err)
{
	NOTAR_AUTO_OF(cert_list) chain = { 0 };

	*err = (struct notar_error){ 0 };
	fixture_chain(recipes, count, &chain);
	return chain_check(&chain, purpose, err);
}

static void
expect_good(const struct cert_recipe *recipes, size_t count, enum chain_purpose purpose,
	    const char *what)
{
	struct notar_error err;

	if (check(recipes, count, purpose, &err) != NOTAR_OK)
		fail_msg("%s: %s", what, err.msg);
}

/* Refused with this code, in words that have name and rule in them. */
static void
expect_bad(const struct cert_recipe *recipes, size_t count, enum chain_purpose purpose,
	   enum notar_code code, const char *name, const char *rule)
{
	struct notar_error err;
	enum notar_code found = check(recipes, count, purpose, &err);

	if (found != code || strstr(err.msg, name) == NULL || strstr(err.msg, rule) == NULL)
		fail_msg("%s, %s: %s: %s", name, rule, notar_code_name(found), err.msg);
}

/* The same refused for both purposes, in a chain of three. */
static void
expect_broken(size_t at, const struct cert_recipe *with, enum notar_code code, const char *rule)
{
	for (enum chain_purpose purpose = CHAIN_CODE_SIGNING; purpose <= CHAIN_TIMESTAMPING;
	     purpose++) {
		struct cert_recipe recipes[COUNT];

		good_recipes(purpose, recipes);
		const char *name = recipes[at].name, *purposes = recipes[at].purposes;

		recipes[at] = *with;
		recipes[at].name = name;
		if (with->purposes == NULL)
			recipes[at].purposes = purposes;
		expect_bad(recipes, COUNT, purpose, code, name, rule);
	}
}

static void
chains_of_one_two_and_three_hold(void **state)
{
	(void)state;
	for (enum chain_purpose purpose = CHAIN_CODE_SIGNING; purpose <= CHAIN_TIMESTAMPING;
	     purpose++) {
		struct cert_recipe recipes[COUNT];

		good_recipes(purpose, recipes);
		expect_good(recipes, 1, purpose, "a leaf that issued itself");
		expect_good(recipes, 2, purpose, "two");
		expect_good(recipes, 3, purpose, "three");
	}
}

static void
what_the_rules_do_not_forbid_holds(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		size_t at;
		struct cert_recipe with;
	} good[] = {
		{ "CA=FALSE", LEAF, { .constraints = "CA:FALSE", .usage = SIGNS } },
		{ "nonRepudiation", LEAF, { .usage = SIGNS ",nonRepudiation" } },
		{ "codeSigning", LEAF, { .usage = SIGNS, .purposes = "codeSigning" } },
		{ "unknown purpose",
		  LEAF,
		  { .usage = SIGNS, .purposes = "critical,codeSigning,1.2.3.4" } },
		{ "unknown critical extension",
		  LEAF,
		  { .usage = SIGNS, .other = "1.2.3.4", .other_value = "critical,DER:0500" } },
		{ "name constraints",
		  MIDDLE,
		  { .constraints = CA,
		    .usage = ISSUES,
		    .other = "nameConstraints",
		    .other_value = "critical,permitted;DNS:example.com" } },
		{ "basicConstraints of a CA not critical",
		  MIDDLE,
		  { .constraints = "CA:TRUE", .usage = ISSUES } },
		{ "pathLenConstraint just enough",
		  MIDDLE,
		  { .constraints = CA ",pathlen:0", .usage = ISSUES } },
		{ "pathLenConstraint of a root just enough",
		  ROOT,
		  { .constraints = CA ",pathlen:1", .usage = ISSUES } },
		{ "purposes of a CA",
		  ROOT,
		  { .constraints = CA, .usage = ISSUES, .purposes = "serverAuth" } },
		{ "the key of a CA",
		  ROOT,
		  { .constraints = CA, .usage = ISSUES, .key = "RSA:1024" } },
		{ "Ed25519 of a CA",
		  ROOT,
		  { .constraints = CA, .usage = ISSUES, .key = "ed25519" } },
		{ "RSASSA-PSS of a CA",
		  ROOT,
		  { .constraints = CA, .usage = ISSUES, .key = "rsa2048", .is_pss = true } },
		{ "out of date", LEAF, { .usage = SIGNS, .from_s = 1, .to_s = 2 } },
	};

	for (size_t i = 0; i < NOTAR_COUNT(good); i++) {
		struct cert_recipe recipes[COUNT];

		good_recipes(CHAIN_CODE_SIGNING, recipes);
		const char *name = recipes[good[i].at].name;

		recipes[good[i].at] = good[i].with;
		recipes[good[i].at].name = name;
		expect_good(recipes, COUNT, CHAIN_CODE_SIGNING, good[i].what);
	}
}

static void
leaves_with_the_six_keys_hold(void **state)
{
	(void)state;
	static const char *const keys[] = {
		"rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521"
	};

	for (size_t i = 0; i < NOTAR_COUNT(keys); i++)
		for (enum chain_purpose purpose = CHAIN_CODE_SIGNING; purpose <= CHAIN_TIMESTAMPING;
		     purpose++) {
			struct cert_recipe recipes[COUNT];

			good_recipes(purpose, recipes);
			recipes[LEAF].key = keys[i];
			expect_good(recipes, COUNT, purpose, keys[i]);
		}
}

static void
leaves_with_other_keys_are_refused(void **state)
{
	(void)state;
	static const char *const keys[] = { "ed25519",  "RSA:1024",          "RSA:2040",
					    "RSA:2056", "EC:P-224",          "EC:secp256k1",
					    "EC:P-192", "EC:brainpoolP256r1" };

	for (size_t i = 0; i < NOTAR_COUNT(keys); i++)
		for (enum chain_purpose purpose = CHAIN_CODE_SIGNING; purpose <= CHAIN_TIMESTAMPING;
		     purpose++) {
			struct cert_recipe recipes[COUNT];
			struct notar_error err;

			good_recipes(purpose, recipes);
			recipes[LEAF].key = keys[i];
			if (check(recipes, COUNT, purpose, &err) == NOTAR_OK ||
			    strstr(err.msg, "leaf") == NULL)
				fail_msg("%s: %s", keys[i], err.msg);
		}
}

static void
a_leaf_that_breaks_one_rule_is_refused(void **state)
{
	(void)state;
	static const struct {
		struct cert_recipe with;
		const char *rule;
	} bad[] = {
		{ { .constraints = "critical,CA:TRUE", .usage = SIGNS }, "say CA" },
		{ { .constraints = "CA:TRUE", .usage = SIGNS }, "say CA" },
		{ { .constraints = "CA:FALSE", .usage = SIGNS, .twice = "basicConstraints" },
		  "basicConstraints twice" },
		{ { .constraints = "DER:0500", .usage = SIGNS }, "cannot be read" },
		{ { .usage = NULL }, "no keyUsage" },
		{ { .usage = SIGNS, .twice = "keyUsage" }, "keyUsage twice" },
		{ { .usage = "critical,DER:0500" }, "cannot be read" },
		{ { .usage = "critical,nonRepudiation" }, "digitalSignature" },
		{ { .usage = "critical,DER:030100" }, "digitalSignature" },
		{ { .usage = SIGNS ",keyEncipherment" }, "keyEncipherment" },
		{ { .usage = SIGNS ",dataEncipherment" }, "dataEncipherment" },
		{ { .usage = SIGNS ",keyAgreement" }, "keyAgreement" },
		{ { .usage = SIGNS ",keyCertSign" }, "keyCertSign" },
		{ { .usage = SIGNS ",cRLSign" }, "cRLSign" },
		{ { .usage = SIGNS ",encipherOnly" }, "encipherOnly" },
		{ { .usage = SIGNS ",decipherOnly" }, "decipherOnly" },
		{ { .usage = SIGNS, .purposes = STAMPS, .twice = "extendedKeyUsage" },
		  "extendedKeyUsage twice" },
		{ { .usage = SIGNS, .purposes = "critical,DER:0500" }, "cannot be read" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		expect_broken(LEAF, &bad[i].with, NOTAR_E_FORMAT, bad[i].rule);
		/* A chain of one is a leaf, too. */
		struct cert_recipe alone = bad[i].with;

		alone.name = "alone";
		alone.purposes = alone.purposes == NULL ? STAMPS : alone.purposes;
		expect_bad(&alone, 1, CHAIN_TIMESTAMPING, NOTAR_E_FORMAT, "alone", bad[i].rule);
	}
}

static void
a_code_signing_leaf_for_something_else_is_refused(void **state)
{
	(void)state;
	static const char *const others[] = {
		"serverAuth",   "clientAuth",  "emailProtection",
		"timeStamping", "OCSPSigning", "anyExtendedKeyUsage"
	};

	for (size_t i = 0; i < NOTAR_COUNT(others); i++)
		for (size_t count = 1; count <= COUNT; count++) {
			struct cert_recipe recipes[COUNT];
			char purposes[64];

			(void)snprintf(purposes, sizeof(purposes), "codeSigning,%s", others[i]);
			good_recipes(CHAIN_CODE_SIGNING, recipes);
			recipes[LEAF].purposes = purposes;
			expect_bad(recipes, count, CHAIN_CODE_SIGNING, NOTAR_E_FORMAT, "leaf",
				   others[i]);
		}
}

static void
a_timestamping_leaf_for_anything_else_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *purposes, *rule;
	} bad[] = {
		{ NULL, "nothing else" },
		{ "critical,codeSigning", "nothing else" },
		{ "critical,timeStamping,codeSigning", "nothing else" },
		{ "critical,codeSigning,timeStamping", "nothing else" },
		{ "critical,timeStamping,timeStamping", "nothing else" },
		{ "critical,anyExtendedKeyUsage", "nothing else" },
		{ "critical,DER:3000", "nothing else" },
		{ "timeStamping", "not critical" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		for (size_t count = 1; count <= COUNT; count++) {
			struct cert_recipe recipes[COUNT];

			good_recipes(CHAIN_TIMESTAMPING, recipes);
			recipes[LEAF].purposes = bad[i].purposes;
			expect_bad(recipes, count, CHAIN_TIMESTAMPING, NOTAR_E_FORMAT, "leaf",
				   bad[i].rule);
		}
}

static void
only_code_signing_wants_a_critical_key_usage(void **state)
{
	(void)state;
	for (size_t at = LEAF; at < COUNT; at++) {
		struct cert_recipe recipes[COUNT];

		good_recipes(CHAIN_CODE_SIGNING, recipes);
		recipes[at].usage = at == LEAF ? "digitalSignature" : "keyCertSign";
		expect_bad(recipes, COUNT, CHAIN_CODE_SIGNING, NOTAR_E_FORMAT, recipes[at].name,
			   "not critical");
		recipes[LEAF].purposes = STAMPS;
		expect_good(recipes, COUNT, CHAIN_TIMESTAMPING, recipes[at].name);
	}
}

static void
a_ca_that_breaks_one_rule_is_refused(void **state)
{
	(void)state;
	static const struct {
		struct cert_recipe with;
		const char *rule;
	} bad[] = {
		{ { .usage = ISSUES }, "do not say CA" },
		{ { .constraints = "critical,CA:FALSE", .usage = ISSUES }, "do not say CA" },
		{ { .constraints = "critical,DER:0500", .usage = ISSUES }, "cannot be read" },
		{ { .constraints = CA, .usage = ISSUES, .twice = "basicConstraints" },
		  "basicConstraints twice" },
		{ { .constraints = "critical,DER:30060101FF0201FF", .usage = ISSUES },
		  "pathLenConstraint" },
		{ { .constraints = CA }, "no keyUsage" },
		{ { .constraints = CA, .usage = ISSUES, .twice = "keyUsage" }, "keyUsage twice" },
		{ { .constraints = CA, .usage = "critical,DER:0500" }, "cannot be read" },
		{ { .constraints = CA, .usage = "critical,cRLSign" }, "keyCertSign" },
		{ { .constraints = CA, .usage = SIGNS }, "keyCertSign" },
		{ { .is_version_1 = true }, "do not say CA" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		expect_broken(MIDDLE, &bad[i].with, NOTAR_E_FORMAT, bad[i].rule);
		expect_broken(ROOT, &bad[i].with, NOTAR_E_FORMAT, bad[i].rule);
	}
}

static void
a_path_longer_than_a_ca_allows_is_refused(void **state)
{
	(void)state;
	const struct cert_recipe none = { .constraints = CA ",pathlen:0", .usage = ISSUES };
	struct cert_recipe recipes[COUNT + 1];

	expect_broken(ROOT, &none, NOTAR_E_FORMAT, "pathLenConstraint");
	/* Four: the root allows one CA below it where there are two, the middle one none where
	 * there is one. */
	for (size_t at = 2; at < COUNT + 1; at++) {
		good_recipes(CHAIN_CODE_SIGNING, recipes);
		recipes[ROOT + 1] = recipes[ROOT];
		recipes[ROOT].name = "upper";
		recipes[at].constraints = at == ROOT ? CA ",pathlen:0" : CA ",pathlen:1";
		expect_bad(recipes, COUNT + 1, CHAIN_CODE_SIGNING, NOTAR_E_FORMAT, recipes[at].name,
			   "pathLenConstraint");
		recipes[at].constraints = at == ROOT ? CA ",pathlen:1" : CA ",pathlen:2";
		expect_good(recipes, COUNT + 1, CHAIN_CODE_SIGNING, recipes[at].name);
	}
}

static void
an_empty_chain_is_refused(void **state)
{
	(void)state;
	const struct cert_list none = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(chain_check(&none, CHAIN_CODE_SIGNING, &err), NOTAR_E_FORMAT);
	assert_int_equal(chain_check(&none, CHAIN_TIMESTAMPING, &err), NOTAR_E_FORMAT);
}

static void
a_chain_without_its_root_is_refused(void **state)
{
	(void)state;
	struct cert_recipe recipes[COUNT];

	for (size_t count = 1; count <= COUNT; count++) {
		good_recipes(CHAIN_CODE_SIGNING, recipes);
		recipes[count - 1].issuer = "nobody";
		expect_bad(recipes, count, CHAIN_CODE_SIGNING, NOTAR_E_FORMAT,
			   recipes[count - 1].name, "root");
		/* Its own name, but not its own key. */
		recipes[count - 1].issuer = NULL;
		recipes[count - 1].by_stranger = true;
		expect_bad(recipes, count, CHAIN_CODE_SIGNING, NOTAR_E_FORMAT,
			   recipes[count - 1].name, "root");
	}
}

static void
a_link_by_another_key_or_name_is_refused(void **state)
{
	(void)state;
	const struct cert_recipe stranger = { .usage = SIGNS, .by_stranger = true },
				 other = { .usage = SIGNS, .issuer = "other" },
				 folded = { .usage = SIGNS, .issuer = "Middle" },
				 retyped = { .usage = SIGNS, .printable_issuer = true },
				 ca = { .constraints = CA, .usage = ISSUES, .by_stranger = true };

	expect_broken(LEAF, &stranger, NOTAR_E_SIGNATURE, "not by the key");
	expect_broken(LEAF, &other, NOTAR_E_SIGNATURE, "was not issued by");
	expect_broken(LEAF, &folded, NOTAR_E_SIGNATURE, "was not issued by");
	expect_broken(LEAF, &retyped, NOTAR_E_SIGNATURE, "was not issued by");
	expect_broken(MIDDLE, &ca, NOTAR_E_SIGNATURE, "not by the key");
}

/* The certificates of one good chain, in an order; the list borrows them. */
static enum notar_code
check_order(const struct cert_list *good, const size_t *order, size_t count,
	    struct notar_error *err)
{
	struct cert *certs[2 * COUNT];
	const struct cert_list chain = { certs, count };

	for (size_t i = 0; i < count; i++)
		certs[i] = good->certs[order[i]];
	*err = (struct notar_error){ 0 };
	return chain_check(&chain, CHAIN_CODE_SIGNING, err);
}

static void
certificates_in_another_order_or_twice_are_refused(void **state)
{
	(void)state;
	static const struct {
		size_t order[4], count;
		const char *rule;
	} bad[] = {
		{ { ROOT, MIDDLE, LEAF }, 3, "self-signed" },
		{ { LEAF, ROOT, MIDDLE }, 3, "was not issued by" },
		{ { MIDDLE, LEAF, ROOT }, 3, "was not issued by" },
		{ { LEAF, ROOT }, 2, "was not issued by" },
		{ { LEAF, MIDDLE }, 2, "root" },
		{ { LEAF }, 1, "root" },
		{ { LEAF, MIDDLE, ROOT, ROOT }, 4, "self-signed" },
		{ { LEAF, MIDDLE, MIDDLE, ROOT }, 4, "was not issued by" },
		{ { LEAF, LEAF, MIDDLE, ROOT }, 4, "was not issued by" },
		{ { ROOT, ROOT }, 2, "self-signed" },
		{ { ROOT }, 1, "say CA" },
		{ { MIDDLE, ROOT }, 2, "say CA" },
	};
	struct cert_recipe recipes[COUNT];
	NOTAR_AUTO_OF(cert_list) chain = { 0 };

	good_recipes(CHAIN_CODE_SIGNING, recipes);
	fixture_chain(recipes, COUNT, &chain);
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		struct notar_error err;

		if (check_order(&chain, bad[i].order, bad[i].count, &err) == NOTAR_OK ||
		    strstr(err.msg, bad[i].rule) == NULL)
			fail_msg("%zu, %s: %s", i, bad[i].rule, err.msg);
	}
}

static void
weak_hashes_are_refused_on_every_certificate(void **state)
{
	(void)state;
	static const char *const weak[] = { "MD5", "SHA1", "SHA224" };

	for (size_t i = 0; i < NOTAR_COUNT(weak); i++)
		for (size_t count = 1; count <= COUNT; count++)
			for (size_t at = 0; at < count; at++) {
				struct cert_recipe recipes[COUNT];

				good_recipes(CHAIN_CODE_SIGNING, recipes);
				for (size_t k = 0; k < COUNT; k++)
					recipes[k].key = "rsa2048";
				recipes[at].hash = weak[i];
				expect_bad(recipes, count, CHAIN_CODE_SIGNING, NOTAR_E_SIGNATURE,
					   recipes[at].name, "hash other than");
			}
}

static void
weak_hashes_inside_pss_are_refused(void **state)
{
	(void)state;
	static const char *const weak[] = { "SHA1", "SHA224" };

	for (size_t i = 0; i < NOTAR_COUNT(weak); i++)
		for (size_t at = 0; at < COUNT; at++) {
			struct cert_recipe recipes[COUNT];

			good_recipes(CHAIN_TIMESTAMPING, recipes);
			for (size_t k = 0; k < COUNT; k++) {
				recipes[k].key = "rsa2048";
				recipes[k].is_pss = true;
			}
			recipes[at].hash = weak[i];
			expect_bad(recipes, COUNT, CHAIN_TIMESTAMPING, NOTAR_E_SIGNATURE,
				   recipes[at].name, "hash other than");
		}
}

static void
validity_is_inclusive_at_both_ends(void **state)
{
	(void)state;
	struct cert_recipe recipes[COUNT];
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	struct notar_error err = { 0 };

	good_recipes(CHAIN_CODE_SIGNING, recipes);
	fixture_chain(recipes, COUNT, &chain);
	assert_int_equal(chain_check_validity(&chain, FROM, FROM, &err), NOTAR_OK);
	assert_int_equal(chain_check_validity(&chain, TO, TO, &err), NOTAR_OK);
	assert_int_equal(chain_check_validity(&chain, FROM, TO, &err), NOTAR_OK);
}

static void
a_second_outside_of_any_certificate_is_refused(void **state)
{
	(void)state;
	for (size_t at = 0; at < COUNT; at++) {
		struct cert_recipe recipes[COUNT];
		NOTAR_AUTO_OF(cert_list) chain = { 0 };
		struct notar_error err = { 0 };

		good_recipes(CHAIN_CODE_SIGNING, recipes);
		recipes[at].from_s = FROM + 10;
		recipes[at].to_s = TO - 10;
		fixture_chain(recipes, COUNT, &chain);
		assert_int_equal(chain_check_validity(&chain, FROM + 10, TO - 10, &err), NOTAR_OK);
		assert_int_equal(chain_check_validity(&chain, FROM + 9, TO - 10, &err),
				 NOTAR_E_KEY);
		assert_non_null(strstr(err.msg, recipes[at].name));
		assert_non_null(strstr(err.msg, "not valid yet"));
		assert_int_equal(chain_check_validity(&chain, FROM + 10, TO - 9, &err),
				 NOTAR_E_KEY);
		assert_non_null(strstr(err.msg, recipes[at].name));
		assert_non_null(strstr(err.msg, "expired"));
	}
}

static void
the_first_certificate_that_is_not_valid_is_named(void **state)
{
	(void)state;
	struct cert_recipe recipes[COUNT];
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	struct notar_error err = { 0 };

	good_recipes(CHAIN_CODE_SIGNING, recipes);
	recipes[MIDDLE].to_s = recipes[ROOT].to_s = FROM + 1;
	fixture_chain(recipes, COUNT, &chain);
	assert_int_equal(chain_check_validity(&chain, FROM, FROM + 2, &err), NOTAR_E_KEY);
	assert_non_null(strstr(err.msg, "middle"));
}

/* RFC 5280: GeneralizedTime from 2050 on; 9999-12-31 23:59:59 stands for "never". */
static void
validity_after_2049_and_without_end_is_read(void **state)
{
	(void)state;
	const int64_t in_2050_s = INT64_C(2524608000), never_s = INT64_C(253402300799);
	struct cert_recipe recipes[COUNT];
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	struct notar_error err = { 0 };

	good_recipes(CHAIN_CODE_SIGNING, recipes);
	for (size_t i = 0; i < COUNT; i++) {
		recipes[i].from_s = in_2050_s;
		recipes[i].to_s = never_s;
	}
	fixture_chain(recipes, COUNT, &chain);
	assert_int_equal(chain_check_validity(&chain, in_2050_s, never_s, &err), NOTAR_OK);
	assert_int_equal(chain_check_validity(&chain, in_2050_s - 1, never_s, &err), NOTAR_E_KEY);
	assert_int_equal(chain_check_validity(&chain, in_2050_s, never_s + 1, &err), NOTAR_E_KEY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chains_of_one_two_and_three_hold),
		cmocka_unit_test(what_the_rules_do_not_forbid_holds),
		cmocka_unit_test(leaves_with_the_six_keys_hold),
		cmocka_unit_test(leaves_with_other_keys_are_refused),
		cmocka_unit_test(a_leaf_that_breaks_one_rule_is_refused),
		cmocka_unit_test(a_code_signing_leaf_for_something_else_is_refused),
		cmocka_unit_test(a_timestamping_leaf_for_anything_else_is_refused),
		cmocka_unit_test(only_code_signing_wants_a_critical_key_usage),
		cmocka_unit_test(a_ca_that_breaks_one_rule_is_refused),
		cmocka_unit_test(a_path_longer_than_a_ca_allows_is_refused),
		cmocka_unit_test(an_empty_chain_is_refused),
		cmocka_unit_test(a_chain_without_its_root_is_refused),
		cmocka_unit_test(a_link_by_another_key_or_name_is_refused),
		cmocka_unit_test(certificates_in_another_order_or_twice_are_refused),
		cmocka_unit_test(weak_hashes_are_refused_on_every_certificate),
		cmocka_unit_test(weak_hashes_inside_pss_are_refused),
		cmocka_unit_test(validity_is_inclusive_at_both_ends),
		cmocka_unit_test(a_second_outside_of_any_certificate_is_refused),
		cmocka_unit_test(the_first_certificate_that_is_not_valid_is_named),
		cmocka_unit_test(validity_after_2049_and_without_end_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
