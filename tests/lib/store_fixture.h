/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_STORE_FIXTURE_H
#define TESTS_LIB_STORE_FIXTURE_H

#include "store/trust_change.h"

/* An empty store in a temporary folder, with a reader. Keys are named by a text, which stands
 * for their SPKI. */
struct store_fixture {
	char folder[64];
	struct store *store;
	struct store_reader *reader;
};

/* For cmocka: *state becomes the fixture; the folder is removed with it. */
int store_fixture_up(void **state);
int store_fixture_down(void **state);

void fixture_name_key(struct trust_change *change, const char *key);
enum notar_code fixture_try(struct store_fixture *fixture, enum trust_verb verb, const char *key,
			    const char *signer);
/* Must work; true: something changed. The reader is renewed. */
bool fixture_trust(struct store_fixture *fixture, enum trust_verb verb, const char *key,
		   const char *signer);
/* In a renewed transaction. */
enum notar_code
fixture_get(struct store_fixture *fixture, const char *key, struct trusted_key *out);
size_t fixture_log_length(struct store_fixture *fixture);

#endif
