/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/fulcio.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/lib/cert_fixture.h"
#include "tests/lib/fulcio_fixture.h"

#define BEACON                                                                                     \
	"https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/"          \
	".github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main"
#define GITHUB "https://token.actions.githubusercontent.com"
#define FULCIO "1.3.6.1.4.1.57264.1."
#define SAN "2.5.29.17"

static const char *const vectors[] = { "fulcio-sct-extensions", "fulcio-rekor2",
				       "fulcio-production", "fulcio-email", "fulcio-custom-root" };

static void
real_certificates_say_who_signed_and_lead_to_their_authority(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(vectors); i++) {
		NOTAR_AUTO_OF(fulcio_vector) vector = { 0 };
		struct fulcio_identity id;
		struct fulcio_path path;

		fulcio_vector_load(vectors[i], &vector);
		bool is_email = strcmp(vectors[i], "fulcio-email") == 0;

		assert_int_equal(fulcio_identity_read(vector.leaf, &id, NULL), NOTAR_OK);
		assert_int_equal(id.kind, is_email ? FULCIO_SAN_EMAIL : FULCIO_SAN_URI);
		assert_true(is_email || span_is(id.san, BEACON));
		assert_true(span_is(id.issuer, is_email ? "https://accounts.google.com" : GITHUB));
		assert_true(span_equal(id.extensions[1], id.extensions[8]));
		assert_null(id.extensions[0].ptr);
		assert_null(id.extensions[7].ptr);
		assert_int_equal(fulcio_leaf_check(vector.leaf, NULL), NOTAR_OK);
		assert_int_equal(fulcio_path_find(vector.leaf, &vector.ca, &path, NULL), NOTAR_OK);
		assert_ptr_equal(path.issuer, vector.ca.chain.certs[0]);
		assert_int_equal(path.from_s, vector.leaf->not_before_s);
		assert_int_equal(path.to_s, vector.leaf->not_after_s);
	}
}

static void
extensions_of_a_real_certificate_are_text(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(fulcio_vector) vector = { 0 };
	struct fulcio_identity id;

	fulcio_vector_load("fulcio-production", &vector);
	assert_int_equal(fulcio_identity_read(vector.leaf, &id, NULL), NOTAR_OK);
	assert_true(span_is(id.extensions[2], "workflow_dispatch"));
	assert_true(span_is(id.extensions[fulcio_extension_of(span_str("buildTrigger"))],
			    "workflow_dispatch"));
	assert_true(span_is(id.extensions[11], "github-hosted"));
	assert_true(span_is(id.extensions[14], "refs/heads/main"));
	assert_true(span_is(id.extensions[22], "public"));
}

static void
a_certificate_of_another_instance_does_not_lead_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(vectors); i++)
		for (size_t k = 0; k < NOTAR_COUNT(vectors); k++) {
			NOTAR_AUTO_OF(fulcio_vector) leaf = { 0 };
			NOTAR_AUTO_OF(fulcio_vector) ca = { 0 };
			struct fulcio_path path = { 0 };

			fulcio_vector_load(vectors[i], &leaf);
			fulcio_vector_load(vectors[k], &ca);
			if (memcmp(leaf.ca.chain.certs[0]->thumbprint,
				   ca.ca.chain.certs[0]->thumbprint, FACT_ID_BYTES) == 0)
				continue;
			assert_int_equal(fulcio_path_find(leaf.leaf, &ca.ca, &path, NULL),
					 NOTAR_E_SIGNATURE);
			assert_null(path.issuer);
		}
}

/* "a" as URI, address, user name; issuer "b". */
#define URI_A "3003860161"
#define ISSUER_B                                                                                   \
	{                                                                                          \
		FULCIO "8", false, "0c0162"                                                        \
	}

static void
the_three_kinds_of_name_are_read(void **state)
{
	(void)state;
	const char *const good[] = { URI_A, "3003810161",
				     "3013a011060a2b0601040183bf300107a0030c0161" };

	for (size_t i = 0; i < NOTAR_COUNT(good); i++) {
		NOTAR_AUTO(cert) *leaf = raw_cert(
			(struct raw_extension[]){ { SAN, true, good[i] }, ISSUER_B, { 0 } });
		struct fulcio_identity id;
		struct notar_error err = { 0 };

		if (fulcio_identity_read(leaf, &id, &err) != NOTAR_OK)
			fail_msg("%zu: %s", i, err.msg);
		assert_int_equal(id.kind, i + 1);
		assert_true(span_is(id.san, "a"));
		assert_true(span_is(id.issuer, "b"));
	}
}

static void
refused(const struct raw_extension *extensions, enum notar_code code)
{
	NOTAR_AUTO(cert) *leaf = raw_cert(extensions);
	struct fulcio_identity id = { 0 };
	struct notar_error err = { 0 };

	if (fulcio_identity_read(leaf, &id, &err) != code)
		fail_msg("%s %s", extensions[0].hex, err.msg);
	assert_int_equal(id.kind, 0);
}

static void
a_name_that_is_not_exactly_one_of_a_known_kind_is_refused(void **state)
{
	(void)state;
	const char *const bad[] = {
		"3000",             /* none */
		"3006860161860162", /* two */
		"3006860161810161", /* two, of two kinds */
		"3003820161",       /* dNSName */
		"300587047f000001", /* iPAddress */
		"30028600",         /* empty */
		"3004860200"
		"61",           /* NUL in front */
		"300486026100", /* NUL behind: CVE-2009-2408 */
		"3004810261"
		"00",         /* the same in an address */
		"30038601e4", /* no ASCII */
		"3003860161"
		"00",           /* behind it */
		"308103860161", /* a length longer than need be */
		"3080860161"
		"0000",                                       /* indefinite */
		"3004860161",                                 /* cut */
		"3005a603860161",                             /* constructed */
		"3013a011060a2b0601040183bf300108a0030c0161", /* an otherName of another type */
		"3013a011060a2b0601040183bf300107a003160161", /* no UTF8String */
		"3012a010060a2b0601040183bf300107a0020c00",   /* empty */
		"3014a012060a2b0601040183bf300107a0040c026100",
		"3013a011060a2b0601040183bf300107a0030c01ff",
		"3015a013060a2b0601040183bf300107a0030c01610500",
		"3015a013060a2b0601040183bf300107a0050c01610500",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		refused((struct raw_extension[]){ { SAN, true, bad[i] }, ISSUER_B, { 0 } },
			NOTAR_E_FORMAT);
	refused((struct raw_extension[]){ { SAN, false, URI_A }, ISSUER_B, { 0 } }, NOTAR_E_FORMAT);
	refused((struct raw_extension[]){ { "2.5.29.18", true, URI_A }, ISSUER_B, { 0 } },
		NOTAR_E_FORMAT);
	refused(
		(struct raw_extension[]){
			{ SAN, true, URI_A }, { SAN, true, URI_A }, ISSUER_B, { 0 } },
		NOTAR_E_FORMAT);
}

static void
an_issuer_that_is_missing_or_not_one_is_refused(void **state)
{
	(void)state;
	const struct raw_extension bad[][4] = {
		{ { SAN, true, URI_A }, { 0 } },
		{ { SAN, true, URI_A }, { FULCIO "1", false, "" }, { 0 } },
		{ { SAN, true, URI_A }, { FULCIO "8", false, "0c00" }, { 0 } },
		{ { SAN, true, URI_A }, { FULCIO "1", false, "63" }, ISSUER_B, { 0 } },
		{ { SAN, true, URI_A }, { FULCIO "1", false, "0c0162" }, ISSUER_B, { 0 } },
		{ { SAN, true, URI_A },
		  { FULCIO "1", false, "62" },
		  { FULCIO "8", false, "0c00" } },
		{ { SAN, true, URI_A }, ISSUER_B, ISSUER_B, { 0 } },
		{ { SAN, true, URI_A }, { "1.3.6.1.4.1.57264.2.8", false, "0c0162" }, { 0 } },
		{ { SAN, true, URI_A }, { FULCIO "8.1", false, "0c0162" }, { 0 } },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		struct raw_extension list[5] = { 0 };

		memcpy(list, bad[i], sizeof(bad[i]));
		refused(list, NOTAR_E_FORMAT);
	}
}

static void
an_extension_that_is_not_its_text_is_refused(void **state)
{
	(void)state;
	const struct raw_extension bad[] = {
		{ FULCIO "12", false, "61" },       { FULCIO "12", false, "" },
		{ FULCIO "12", false, "0c016100" }, { FULCIO "12", false, "0c0261" },
		{ FULCIO "12", false, "130161" },   { FULCIO "12", false, "0c810161" },
		{ FULCIO "12", false, "0c026100" }, { FULCIO "12", false, "0c01ff" },
		{ FULCIO "24", false, "0c02c080" }, { FULCIO "2", false, "6100" },
		{ FULCIO "6", false, "ff" },        { FULCIO "9", false, "2c0161" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		refused((struct raw_extension[]){ bad[i], { SAN, true, URI_A }, ISSUER_B, { 0 } },
			NOTAR_E_FORMAT);
}

static void
extensions_that_are_not_known_are_passed_over(void **state)
{
	(void)state;
	NOTAR_AUTO(cert) *leaf = raw_cert((struct raw_extension[]){ { SAN, true, URI_A },
								    { FULCIO "1", false, "62" },
								    { FULCIO "7", false, "ff" },
								    { FULCIO "25", false, "ff" },
								    { FULCIO "4", false, "" },
								    { 0 } });
	struct fulcio_identity id;

	assert_int_equal(fulcio_identity_read(leaf, &id, NULL), NOTAR_OK);
	assert_true(span_is(id.issuer, "b"));
	assert_null(id.extensions[7].ptr);
	assert_non_null(id.extensions[4].ptr); /* there, and empty */
	assert_int_equal(id.extensions[4].len, 0);
}

static void
more_extensions_than_any_certificate_has_are_refused(void **state)
{
	(void)state;
	X509 *x509 = raw_x509((struct raw_extension[]){ { SAN, true, URI_A }, ISSUER_B, { 0 } });
	struct fulcio_identity id;

	for (int i = 0; i < 63; i++) {
		char oid[16];

		(void)snprintf(oid, sizeof(oid), "1.2.3.%d", i);
		raw_x509_add(x509, oid, false, span_str("x"));
	}
	NOTAR_AUTO(cert) *leaf = raw_cert_of(x509);

	assert_int_equal(fulcio_identity_read(leaf, &id, NULL), NOTAR_E_LIMIT);
}

static void
names_of_extensions_lead_back_to_them(void **state)
{
	(void)state;
	for (size_t n = 0; n < FULCIO_EXTENSIONS + 3; n++) {
		const char *name = fulcio_extension_name(n);

		assert_true((name == NULL) == (n == 0 || n == 7 || n >= FULCIO_EXTENSIONS));
		if (name != NULL)
			assert_int_equal(fulcio_extension_of(span_str(name)), n == 1 ? 8 : n);
	}
	assert_int_equal(fulcio_extension_of(span_str("Issuer")), 0);
	assert_int_equal(fulcio_extension_of(span_str("")), 0);
}

#define SIGNS "critical,digitalSignature"
#define ISSUES "critical,keyCertSign,cRLSign"
#define CA "critical,CA:TRUE"
enum place { LEAF, MIDDLE, ROOT, COUNT };

static void
good_recipes(struct cert_recipe out[COUNT])
{
	out[LEAF] =
		(struct cert_recipe){ .name = "leaf", .usage = SIGNS, .purposes = "codeSigning" };
	out[MIDDLE] = (struct cert_recipe){ .name = "middle",
					    .constraints = CA ",pathlen:0",
					    .usage = ISSUES,
					    .purposes = "codeSigning" };
	out[ROOT] = (struct cert_recipe){ .name = "root",
					  .constraints = CA ",pathlen:1",
					  .usage = ISSUES };
}

/* The authority has these of the chain's certificates, in this order. */
static enum notar_code
find_over(const struct cert_list *made, const char *order, struct fulcio_path *out,
	  struct notar_error *err)
{
	struct cert *certs[LIMIT_CHAIN_CERTIFICATES];
	struct root_authority ca = { .chain = { certs, 0 } };

	for (; *order != '\0'; order++)
		certs[ca.chain.count++] = made->certs[*order - '0'];
	return fulcio_path_find(made->certs[LEAF], &ca, out, err);
}

static enum notar_code
find(const struct cert_recipe recipes[COUNT], struct notar_error *err)
{
	NOTAR_AUTO_OF(cert_list) made = { 0 };
	struct fulcio_path path = { 0 };

	fixture_chain(recipes, COUNT, &made);
	enum notar_code code = find_over(&made, "12", &path, err);

	assert_true((code == NOTAR_OK) == (path.issuer != NULL));
	return code;
}

static void
a_leaf_that_breaks_one_rule_is_refused(void **state)
{
	(void)state;
	const struct cert_recipe leaves[] = {
		{ .usage = SIGNS, .purposes = "codeSigning", .constraints = CA },
		{ .usage = SIGNS, .purposes = "codeSigning", .constraints = "CA:TRUE" },
		{ .usage = "critical,keyEncipherment", .purposes = "codeSigning" },
		{ .purposes = "codeSigning" },
		{ .usage = SIGNS },
		{ .usage = SIGNS, .purposes = "timeStamping" },
		{ .usage = SIGNS, .purposes = "anyExtendedKeyUsage" },
		{ .usage = SIGNS, .purposes = "codeSigning", .twice = "extendedKeyUsage" },
		{ .usage = SIGNS, .purposes = "codeSigning", .twice = "keyUsage" },
		{ .usage = SIGNS,
		  .purposes = "codeSigning",
		  .other = "1.2.3.4",
		  .other_value = "critical,DER:0500" },
		{ .usage = SIGNS,
		  .purposes = "codeSigning",
		  .other = "2.5.29.30",
		  .other_value = "critical,DER:3000" },
		{ .usage = "DER:0302078001", .purposes = "codeSigning" },
		{ .usage = "DER:030100", .purposes = "codeSigning" },
		{ .usage = "DER:03020880", .purposes = "codeSigning" },
		{ .usage = SIGNS, .purposes = "codeSigning", .constraints = "DER:3003010100" },
		{ .usage = SIGNS, .purposes = "codeSigning", .constraints = "DER:30030101ff00" },
		{ .is_version_1 = true },
	};

	for (size_t i = 0; i < NOTAR_COUNT(leaves); i++) {
		NOTAR_AUTO_OF(cert_list) made = { 0 };
		struct cert_recipe recipe = leaves[i];

		recipe.name = "leaf";
		fixture_chain(&recipe, 1, &made);
		if (fulcio_leaf_check(made.certs[0], NULL) != NOTAR_E_FORMAT)
			fail_msg("leaf %zu", i);
	}
}

static void
what_the_rules_allow_holds(void **state)
{
	(void)state;
	struct cert_recipe recipes[COUNT];

	good_recipes(recipes);
	assert_int_equal(find(recipes, NULL), NOTAR_OK);
	recipes[MIDDLE].purposes = "anyExtendedKeyUsage";
	recipes[MIDDLE].constraints = CA;
	recipes[ROOT].usage = NULL;
	recipes[ROOT].purposes = "codeSigning,timeStamping";
	recipes[ROOT].key = "rsa2048";
	assert_int_equal(find(recipes, NULL), NOTAR_OK);
}

static void
a_ca_that_breaks_one_rule_leads_nowhere(void **state)
{
	(void)state;
	const struct cert_recipe cas[] = {
		{ .usage = ISSUES },
		{ .constraints = "critical,CA:FALSE", .usage = ISSUES },
		{ .constraints = "critical,DER:3003010101", .usage = ISSUES }, /* BER's TRUE */
		{ .constraints = CA, .usage = SIGNS },
		{ .constraints = CA, .usage = ISSUES, .purposes = "timeStamping" },
		{ .constraints = CA, .usage = ISSUES, .purposes = "serverAuth" },
		{ .constraints = CA,
		  .usage = ISSUES,
		  .other = "1.2.3.4",
		  .other_value = "critical,DER:0500" },
		{ .constraints = CA,
		  .usage = ISSUES,
		  .other = "2.5.29.30",
		  .other_value = "DER:3000" },
		{ .constraints = CA, .usage = ISSUES, .twice = "basicConstraints" },
		{ .constraints = CA, .usage = ISSUES, .issuer = "nobody" },
		{ .constraints = CA, .usage = ISSUES, .by_stranger = true },
		{ .constraints = CA, .usage = ISSUES, .hash = "SHA1" },
		{ .is_version_1 = true },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cas); i++) {
		struct cert_recipe recipes[COUNT];
		struct notar_error err = { 0 };

		good_recipes(recipes);
		recipes[MIDDLE] = cas[i];
		recipes[MIDDLE].name = "middle";
		if (find(recipes, &err) != NOTAR_E_SIGNATURE || err.msg[0] == '\0')
			fail_msg("CA %zu", i);
	}
}

static void
the_anchor_keeps_the_rules_too(void **state)
{
	(void)state;
	struct cert_recipe recipes[COUNT];

	good_recipes(recipes);
	recipes[ROOT].constraints = CA ",pathlen:0"; /* there is one below it */
	assert_int_equal(find(recipes, NULL), NOTAR_E_SIGNATURE);
	good_recipes(recipes);
	recipes[ROOT].purposes = "timeStamping";
	assert_int_equal(find(recipes, NULL), NOTAR_E_SIGNATURE);
	good_recipes(recipes);
	recipes[ROOT].usage = SIGNS;
	assert_int_equal(find(recipes, NULL), NOTAR_E_SIGNATURE);
}

static void
a_leaf_by_a_stranger_leads_nowhere(void **state)
{
	(void)state;
	struct cert_recipe recipes[COUNT];

	good_recipes(recipes);
	recipes[LEAF].by_stranger = true;
	assert_int_equal(find(recipes, NULL), NOTAR_E_SIGNATURE);
	good_recipes(recipes);
	recipes[LEAF].issuer = "root";
	assert_int_equal(find(recipes, NULL), NOTAR_E_SIGNATURE);
	good_recipes(recipes);
	recipes[LEAF].hash = "SHA1";
	assert_int_equal(find(recipes, NULL), NOTAR_E_SIGNATURE);
}

static void
only_the_last_certificate_is_the_anchor(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(cert_list) made = { 0 };
	struct cert_recipe recipes[COUNT];
	struct fulcio_path path = { 0 };

	good_recipes(recipes);
	fixture_chain(recipes, COUNT, &made);
	assert_int_equal(find_over(&made, "", &path, NULL), NOTAR_E_SIGNATURE);
	assert_int_equal(find_over(&made, "2", &path, NULL), NOTAR_E_SIGNATURE);
	assert_int_equal(find_over(&made, "10", &path, NULL), NOTAR_E_SIGNATURE);
	assert_int_equal(find_over(&made, "1", &path, NULL), NOTAR_OK); /* an intermediate */
	assert_ptr_equal(path.issuer, made.certs[MIDDLE]);
	assert_int_equal(find_over(&made, "21", &path, NULL), NOTAR_OK);
	assert_int_equal(find_over(&made, "1112", &path, NULL), NOTAR_OK);
}

static void
cve_2026_24122_every_certificate_of_a_path_narrows_its_validity(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		NOTAR_AUTO_OF(cert_list) made = { 0 };
		struct cert_recipe recipes[COUNT];
		struct fulcio_path path = { 0 };

		good_recipes(recipes);
		recipes[i].from_s = CERT_FIXTURE_FROM_S + 5;
		recipes[(i + 1) % COUNT].to_s = CERT_FIXTURE_TO_S - 5;
		fixture_chain(recipes, COUNT, &made);
		assert_int_equal(find_over(&made, "12", &path, NULL), NOTAR_OK);
		assert_int_equal(path.from_s, CERT_FIXTURE_FROM_S + 5);
		assert_int_equal(path.to_s, CERT_FIXTURE_TO_S - 5);
	}
}

static void
cve_2026_24122_a_path_over_an_expired_ca_is_never_valid(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(cert_list) made = { 0 };
	struct cert_recipe recipes[COUNT];
	struct fulcio_path path = { 0 };

	good_recipes(recipes);
	recipes[LEAF].from_s = CERT_FIXTURE_FROM_S + 100;
	recipes[MIDDLE].to_s = CERT_FIXTURE_FROM_S + 99;
	fixture_chain(recipes, COUNT, &made);
	assert_int_equal(find_over(&made, "12", &path, NULL), NOTAR_OK);
	assert_true(path.from_s > path.to_s);
}

/* One name and key, and so links to both. */
static void
an_intermediate_that_was_renewed_is_found_beside_the_expired_one(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(cert_list) made = { 0 };
	struct cert_recipe recipes[COUNT];
	struct fulcio_path path = { 0 };

	good_recipes(recipes);
	recipes[LEAF].from_s = CERT_FIXTURE_FROM_S + 100;
	recipes[MIDDLE].key = "rsa2048";
	recipes[ROOT].key = "rsa2048";
	fixture_chain(recipes, COUNT, &made);
	recipes[MIDDLE].to_s = CERT_FIXTURE_FROM_S + 99;
	fixture_chain(recipes, COUNT, &made);
	assert_int_equal(find_over(&made, "42", &path, NULL), NOTAR_OK);
	assert_true(path.from_s > path.to_s);
	assert_int_equal(find_over(&made, "412", &path, NULL), NOTAR_OK);
	assert_ptr_equal(path.issuer, made.certs[MIDDLE]);
	assert_int_equal(path.to_s, CERT_FIXTURE_TO_S);
	assert_int_equal(find_over(&made, "142", &path, NULL), NOTAR_OK);
	assert_ptr_equal(path.issuer, made.certs[MIDDLE]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_certificates_say_who_signed_and_lead_to_their_authority),
		cmocka_unit_test(extensions_of_a_real_certificate_are_text),
		cmocka_unit_test(a_certificate_of_another_instance_does_not_lead_there),
		cmocka_unit_test(the_three_kinds_of_name_are_read),
		cmocka_unit_test(a_name_that_is_not_exactly_one_of_a_known_kind_is_refused),
		cmocka_unit_test(an_issuer_that_is_missing_or_not_one_is_refused),
		cmocka_unit_test(an_extension_that_is_not_its_text_is_refused),
		cmocka_unit_test(extensions_that_are_not_known_are_passed_over),
		cmocka_unit_test(more_extensions_than_any_certificate_has_are_refused),
		cmocka_unit_test(names_of_extensions_lead_back_to_them),
		cmocka_unit_test(a_leaf_that_breaks_one_rule_is_refused),
		cmocka_unit_test(what_the_rules_allow_holds),
		cmocka_unit_test(a_ca_that_breaks_one_rule_leads_nowhere),
		cmocka_unit_test(the_anchor_keeps_the_rules_too),
		cmocka_unit_test(a_leaf_by_a_stranger_leads_nowhere),
		cmocka_unit_test(only_the_last_certificate_is_the_anchor),
		cmocka_unit_test(cve_2026_24122_every_certificate_of_a_path_narrows_its_validity),
		cmocka_unit_test(cve_2026_24122_a_path_over_an_expired_ca_is_never_valid),
		cmocka_unit_test(an_intermediate_that_was_renewed_is_found_beside_the_expired_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
