/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_KEY_FIXTURE_H
#define TESTS_LIB_KEY_FIXTURE_H

#include "keys/keyfile.h"

/* Files of tests/vectors for the tests of keys/. Every call fails the test on any error. */

#define PEERS_KEYS "tests/vectors/peers-keys/"
#define OPENSSL_KEYS "tests/vectors/openssl-keys/"
#define FIXTURE_MESSAGE "a message"

/* The caller releases it. */
struct buf fixture_bytes(const char *path);
struct secret fixture_secret(const char *path);
struct secret fixture_secret_of(struct span bytes);
/* Loads with the passphrase "pw" when there is one to give. */
struct key *fixture_key(const char *path);
/* The unpadded file body behind a PEM file. */
struct buf fixture_der(const char *path);

/* A passphrase source that counts; fails with NOTAR_E_AUTH when word is NULL. */
struct fixture_word {
	const char *word;
	unsigned asked;
	struct passphrase_source source;
};
void fixture_word_init(struct fixture_word *word, const char *text);

#endif
