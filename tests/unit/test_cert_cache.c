/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert_cache.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/lib/revocation_fixture.h"

static void
the_same_bytes_are_the_same_certificate(void **state)
{
	(void)state;
	NOTAR_AUTO(cert) *first = fixture_cert("leaf");
	NOTAR_AUTO(cert) *again = fixture_cert("leaf");

	assert_ptr_equal(first, again);
	assert_ptr_not_equal(first->x509, NULL);
}

static void
one_that_was_dropped_by_all_is_still_there_to_share(void **state)
{
	(void)state;
	uint8_t thumbprint[FACT_ID_BYTES];
	struct cert *cert = fixture_cert("leaf");

	memcpy(thumbprint, cert->thumbprint, sizeof(thumbprint));
	cert_free(cert);
	NOTAR_AUTO(cert) *found = cert_cache_get(thumbprint);

	assert_non_null(found);
	assert_memory_equal(found->thumbprint, thumbprint, sizeof(thumbprint));
}

static void
one_changed_byte_is_another_certificate_or_none(void **state)
{
	(void)state;
	NOTAR_AUTO(cert) *cert = fixture_cert("leaf");
	NOTAR_AUTO_OF(buf) changed = { 0 };

	buf_append_span(&changed, buf_span(&cert->der));
	for (size_t i = 0; i < changed.len; i++) {
		NOTAR_AUTO(cert) *other = NULL;

		changed.ptr[i] ^= 1;
		if (cert_parse(buf_span(&changed), &other, NULL) == NOTAR_OK)
			assert_memory_not_equal(other->thumbprint, cert->thumbprint, FACT_ID_BYTES);
		changed.ptr[i] ^= 1;
	}
}

static void
strangers_displace_without_adding_up(void **state)
{
	(void)state;
	NOTAR_AUTO(cert) *cert = fixture_cert("leaf");
	NOTAR_AUTO_OF(buf) changed = { 0 };
	size_t made = 0, kept = 0;
	uint8_t thumbprints[1024][FACT_ID_BYTES];

	buf_append_span(&changed, buf_span(&cert->der));
	/* Its signature's last bytes: each is a certificate, though nobody made it. */
	for (unsigned n = 0; n < NOTAR_COUNT(thumbprints); n++) {
		NOTAR_AUTO(cert) *other = NULL;

		changed.ptr[changed.len - 1] = (uint8_t)n;
		changed.ptr[changed.len - 2] = (uint8_t)(n >> 8);
		assert_int_equal(cert_parse(buf_span(&changed), &other, NULL), NOTAR_OK);
		memcpy(thumbprints[made++], other->thumbprint, FACT_ID_BYTES);
	}
	for (size_t i = 0; i < made; i++) {
		NOTAR_AUTO(cert) *found = cert_cache_get(thumbprints[i]);

		kept += found != NULL ? 1 : 0;
	}
	assert_true(kept > 0);
	assert_true(kept <= 128);
	/* Displaced or not, its owner still has it. */
	assert_true(cert->der.len > 0);
}

static void
a_link_is_known_only_once_it_was_found_to_hold(void **state)
{
	(void)state;
	NOTAR_AUTO(cert) *leaf = fixture_cert("leaf");
	NOTAR_AUTO(cert) *issuer = fixture_cert("issuer");

	assert_int_not_equal(cert_is_issued_by(issuer, leaf, NULL), NOTAR_OK);
	assert_false(cert_cache_is_link(issuer, leaf));
	assert_int_equal(cert_is_issued_by(leaf, issuer, NULL), NOTAR_OK);
	assert_true(cert_cache_is_link(leaf, issuer));
	assert_int_equal(cert_is_issued_by(leaf, issuer, NULL), NOTAR_OK);
	/* Another issuer is asked about anew. */
	assert_int_not_equal(cert_is_issued_by(leaf, leaf, NULL), NOTAR_OK);
	assert_true(cert_cache_is_link(leaf, issuer));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_bytes_are_the_same_certificate),
		cmocka_unit_test(one_that_was_dropped_by_all_is_still_there_to_share),
		cmocka_unit_test(one_changed_byte_is_another_certificate_or_none),
		cmocka_unit_test(strangers_displace_without_adding_up),
		cmocka_unit_test(a_link_is_known_only_once_it_was_found_to_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
