/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/key.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/lib/key_fixture.h"

/* Signatures that the real cosign wrote (tests/vectors/peers-keys/README.md). */

static struct buf
piece(const char *name, const char *ending)
{
	char path[200];
	(void)snprintf(path, sizeof(path), "%s%s.%s", PEERS_KEYS, name, ending);
	return fixture_bytes(path);
}

static struct key *
peer(const char *name, const char *ending)
{
	char path[200];
	(void)snprintf(path, sizeof(path), "%s%s.%s", PEERS_KEYS, name, ending);
	return fixture_key(path);
}

/* The DSSE pre-authentication encoding of an in-toto payload. */
static struct buf
dsse_encoding(struct span payload)
{
	struct buf out = { 0 };
	buf_printf(&out, "DSSEv1 28 application/vnd.in-toto+json %zu ", payload.len);
	buf_append_span(&out, payload);
	return out;
}

static void
check(const struct key *key, struct span message, struct span sig)
{
	assert_int_equal(key_verify_sigstore(key, message, sig, NULL), NOTAR_OK);
	NOTAR_AUTO_OF(buf) changed = { 0 };
	buf_append_span(&changed, message);
	changed.ptr[message.len / 2] ^= 1;
	assert_int_equal(key_verify_sigstore(key, buf_span(&changed), sig, NULL),
			 NOTAR_E_SIGNATURE);
}

static const char *const names[] = { "p256", "rsa2048", "ed25519" };

static void
tag_based_signatures_hold_over_the_payload(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		NOTAR_AUTO(key) *key = peer(names[i], "pub");
		NOTAR_AUTO_OF(buf) payload = piece(names[i], "simple.payload");
		NOTAR_AUTO_OF(buf) sig = piece(names[i], "simple.sig");
		check(key, buf_span(&payload), buf_span(&sig));
	}
}

static void
bundle_signatures_hold_over_the_encoding_and_not_over_the_payload(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		NOTAR_AUTO(key) *key = peer(names[i], "pub");
		NOTAR_AUTO_OF(buf) payload = piece(names[i], "dsse.payload");
		NOTAR_AUTO_OF(buf) encoding = dsse_encoding(buf_span(&payload));
		NOTAR_AUTO_OF(buf) sig = piece(names[i], "dsse.sig");

		check(key, buf_span(&encoding), buf_span(&sig));
		assert_int_equal(key_verify_sigstore(key, buf_span(&payload), buf_span(&sig), NULL),
				 NOTAR_E_SIGNATURE);
	}
}

static void
attestation_signatures_hold(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = peer("p256", "pub");
	NOTAR_AUTO_OF(buf) payload = piece("p256", "attest.payload");
	NOTAR_AUTO_OF(buf) encoding = dsse_encoding(buf_span(&payload));
	NOTAR_AUTO_OF(buf) sig = piece("p256", "attest.sig");

	check(key, buf_span(&encoding), buf_span(&sig));
}

static void
encrypted_key_files_open_and_match_their_public_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		NOTAR_AUTO(key) *public = peer(names[i], "pub");
		NOTAR_AUTO(key) *private = peer(names[i], "key");

		assert_true(key_is_private(private));
		assert_memory_equal(key_id(public), key_id(private), KEY_ID_BYTES);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tag_based_signatures_hold_over_the_payload),
		cmocka_unit_test(bundle_signatures_hold_over_the_encoding_and_not_over_the_payload),
		cmocka_unit_test(attestation_signatures_hold),
		cmocka_unit_test(encrypted_key_files_open_and_match_their_public_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
