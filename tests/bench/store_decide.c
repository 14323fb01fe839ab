/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a decision out of the store costs, in this process: fills a store in argv[1] with argv[2]
 * digests, each signed by one trusted key, then times notar_decide_verdict over digests drawn at
 * random, and beside it the gets that it cannot do without. Prints
 *   {"digests":N,"decide_ns":X,"gets_ns":Y}
 * or, with "fill" behind, only fills the store, and prints the key: {"key":ID}
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "keys/key.h"
#include "notar/decide.h"
#include "store/facts.h"
#include "store/listings.h"
#include "store/policy_row.h"
#include "store/trust_change.h"

#define REPOSITORY "registry.example/app"
#define ROUNDS 200000
#define ROWS_A_TRANSACTION 5000

static void
check(enum notar_code code, const struct notar_error *err)
{
	if (code == NOTAR_OK)
		return;
	fprintf(stderr, "store_decide: %s\n", err->msg);
	exit(1);
}

static struct notar_digest
digest_number(uint64_t number)
{
	return digest_of(NOTAR_SHA256, span_of(&number, sizeof(number)));
}

static void
put_one(struct store_write *write, uint64_t number, const uint8_t *key_id, struct listing *listing,
	struct notar_error *err)
{
	struct fact fact = { .format = FACT_BUNDLE,
			     .proof = FACT_BY_KEY,
			     .subject = digest_number(number),
			     .predicate_type = span_str(FACT_PREDICATE_SIGN),
			     .subject_size = -1 };
	NOTAR_AUTO_OF(buf) fact_row = { 0 };
	NOTAR_AUTO_OF(buf) listing_row = { 0 };

	fact.artifact = digest_number(number ^ 0x5555555555555555U);
	fact.payload = fact.artifact;
	memcpy(fact.key_id, key_id, KEY_ID_BYTES);
	memcpy(fact.sig_id, fact.artifact.bytes, FACT_ID_BYTES);
	fact_encode(&fact, &fact_row);
	listing->repository = span_str(REPOSITORY);
	listing->listed_s = clock_now_s();
	listing->places[0].state = 1;
	listing->count = 1;
	listing->items[0] = (struct listing_item){ .format = FACT_BUNDLE,
						   .reason = NOTAR_REASON_TRUSTED,
						   .artifact = fact.artifact };
	memcpy(listing->items[0].id, fact.sig_id, FACT_ID_BYTES);
	listing_encode(listing, &listing_row);
	check(fact_row_put(write, &fact.subject, fact.sig_id, buf_span(&fact_row), err), err);
	check(listing_put(write, listing->repository, &fact.subject, buf_span(&listing_row), err),
	      err);
}

static void
fill(struct store *store, uint64_t digests, const uint8_t *key_id, struct notar_error *err)
{
	struct listing *listing = calloc(1, sizeof(*listing));
	struct store_write *write = NULL;

	for (uint64_t i = 0; listing != NULL && i < digests; i++) {
		if (write == NULL)
			check(store_write_begin(store, STORE_LAZY, &write, err), err);
		put_one(write, i, key_id, listing, err);
		if (i % ROWS_A_TRANSACTION == ROWS_A_TRANSACTION - 1 || i == digests - 1) {
			check(store_write_commit(write, err), err);
			write = NULL;
		}
	}
	free(listing);
}

static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* What both timings below spend on choosing and naming a digest; subtracted from both. */
static double
time_drawing(uint64_t digests)
{
	uint64_t state = 88172645463325252U;
	char image[sizeof(REPOSITORY) + 1 + NOTAR_DIGEST_TEXT_BYTES];
	char digest[NOTAR_DIGEST_TEXT_BYTES];
	int64_t start = clock_monotonic_us();
	unsigned sum = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct notar_digest subject = digest_number(next_random(&state) % digests);

		(void)snprintf(image, sizeof(image), REPOSITORY "@%s",
			       notar_digest_format(&subject, digest));
		sum += (unsigned char)image[sizeof(image) / 2];
	}
	int64_t us = clock_monotonic_us() - start;

	return sum == 0 ? 0 : (double)us * 1000 / ROUNDS;
}

static double
time_decisions(const char *folder, uint64_t digests, struct notar_error *err)
{
	const struct notar_decide_options options = { .state = folder };
	struct notar_decider *decider;
	uint64_t state = 88172645463325252U;
	char image[sizeof(REPOSITORY) + 1 + NOTAR_DIGEST_TEXT_BYTES];
	char digest[NOTAR_DIGEST_TEXT_BYTES];

	check(notar_decider_open(&options, &decider, err), err);
	int64_t start = clock_monotonic_us();

	for (int i = 0; i < ROUNDS; i++) {
		struct notar_digest subject = digest_number(next_random(&state) % digests);
		enum notar_verdict verdict;
		enum notar_reason reason;

		(void)snprintf(image, sizeof(image), REPOSITORY "@%s",
			       notar_digest_format(&subject, digest));
		check(notar_decide_verdict(decider, image, &verdict, &reason, err), err);
		if (verdict != NOTAR_ALLOW) {
			fprintf(stderr, "store_decide: %s\n", notar_reason_name(reason));
			exit(1);
		}
	}
	int64_t us = clock_monotonic_us() - start;

	notar_decider_free(decider);
	return (double)us * 1000 / ROUNDS;
}

/* Where a listing's row of one item, as put_one writes it, holds the fact's name. */
static const uint8_t *
sig_id_of(struct span row)
{
	size_t before = 1 + 8 + 2 + strlen(REPOSITORY) + 3 * LISTING_PLACES + 2 + 4 + 1 + 32;

	return row.ptr + (row.len > before + 32 ? before : 0);
}

/* The gets alone: listing, fact, key and both generations, in a renewed transaction. */
static double
time_gets(struct store *store, uint64_t digests, const uint8_t *key_id, struct notar_error *err)
{
	struct store_reader *reader;
	struct notar_digest repository = digest_of(NOTAR_SHA256, span_str(REPOSITORY));
	uint64_t state = 88172645463325252U;
	uint8_t key[32 + 1 + 32];

	check(store_reader_new(store, &reader, err), err);
	int64_t start = clock_monotonic_us();

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t number = next_random(&state) % digests;
		struct notar_digest subject = digest_number(number);
		struct span row;

		check(store_reader_renew(reader, err), err);
		memcpy(key, repository.bytes, 32);
		key[32] = NOTAR_SHA256;
		memcpy(key + 33, subject.bytes, 32);
		check(store_get(reader, TABLE_LISTINGS, span_of(key, sizeof(key)), &row, err), err);
		const uint8_t *sig_id = sig_id_of(row);

		key[0] = NOTAR_SHA256;
		memcpy(key + 1, subject.bytes, 32);
		memcpy(key + 33, sig_id, 32);
		check(store_get(reader, TABLE_FACTS, span_of(key, 65), &row, err), err);
		check(store_get(reader, TABLE_KEYS, span_of(key_id, 32), &row, err), err);
		check(store_get(reader, TABLE_META, span_str(META_POLICY_GENERATION), &row, err),
		      err);
		check(store_get(reader, TABLE_META, span_str(META_TRUST_GENERATION), &row, err),
		      err);
		store_reader_reset(reader);
	}
	int64_t us = clock_monotonic_us() - start;

	store_reader_free(reader);
	return (double)us * 1000 / ROUNDS;
}

int
main(int argc, char **argv)
{
	static const char policy[] = "{\"version\":1,\"rules\":[{\"scope\":\"" REPOSITORY
				     "\",\"require\":{\"signers\":[\"release\"]}}]}";
	const struct store_options options = { .create = true };
	struct notar_error err = { 0 };
	struct store *store;
	struct key *key;
	uint64_t digests = argc == 3 ? strtoull(argv[2], NULL, 10) : 0, generation;
	bool changed;

	if (argc == 4 && strcmp(argv[3], "fill") == 0)
		digests = strtoull(argv[2], NULL, 10);
	if (digests == 0) {
		fprintf(stderr, "usage: store_decide FOLDER DIGESTS [fill]\n");
		return 2;
	}
	check(store_open(argv[1], &options, &store, &err), &err);
	check(key_generate(KEY_P256, 0, &key, &err), &err);
	struct trust_change change = { .verb = TRUST_ADD,
				       .spki = key_spki(key),
				       .signer = span_str("release"),
				       .at_s = clock_now_s() };

	memcpy(change.id, key_id(key), KEY_ID_BYTES);
	check(trust_change_apply(store, &change, &changed, &generation, &err), &err);
	check(policy_row_put(store, span_str(policy), clock_now_s(), &changed, &err), &err);
	fill(store, digests, key_id(key), &err);
	if (argc == 4) {
		char id[KEY_ID_TEXT_BYTES];

		printf("{\"key\":\"%s\"}\n", key_id_text(key_id(key), id));
		key_free(key);
		store_free(store);
		return 0;
	}
	(void)time_gets(store, digests, key_id(key), &err); /* warms both */
	double drawing = time_drawing(digests);
	double decide = time_decisions(argv[1], digests, &err) - drawing;
	double gets = time_gets(store, digests, key_id(key), &err) - drawing;

	printf("{\"digests\":%llu,\"decide_ns\":%.0f,\"gets_ns\":%.0f}\n",
	       (unsigned long long)digests, decide, gets);
	key_free(key);
	store_free(store);
	return 0;
}
