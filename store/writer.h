/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "base/buf.h"
#include "base/fact.h"
#include "store/store.h"

/*
 * The one thread of notard that writes what was fetched (decision 6): batches of what has come
 * in, each batch one short transaction. What it writes is a cache: a batch that finds no room in
 * the queue is dropped and counted, and will be fetched again.
 */
struct store_writer;

/* All about one digest in one repository. Owns everything; zero it to start. */
struct store_batch {
	struct buf repository;
	struct notar_digest subject;
	struct buf listing;  /* encoded; empty: only the manifest is news */
	struct buf manifest; /* encoded, of the subject; empty: nothing new is known */
	int64_t listed_s;
	struct store_batch_fact {
		uint8_t sig_id[FACT_ID_BYTES];
		struct buf row;
	} * facts;
	size_t fact_count;
	struct buf *objects;
	size_t object_count;
	struct store_batch_revocation {
		uint8_t thumbprint[FACT_ID_BYTES];
		struct buf row; /* encoded */
	} * revocations;
	size_t revocation_count;
	struct store_batch_list {
		uint8_t url[FACT_ID_BYTES]; /* its SHA-256 */
		struct buf row;             /* encoded */
	} * lists;
	size_t list_count;
	/* Not 0: rows about revocation that were last wanted before this go, if they have run
	 * out. */
	int64_t forget_before_s;
	int64_t now_s;            /* for lists and forgetting */
	struct store_batch *next; /* the writer's */
};
void store_batch_free(struct store_batch *batch);
NOTAR_AUTO_DEFINE(store_batch)

NOTAR_MUST_USE enum notar_code
store_writer_start(struct store *store, uint64_t quota_bytes, struct store_writer **out,
		   struct notar_error *err);

/* Takes the batch over. Any thread; does not wait. */
void store_writer_submit(struct store_writer *writer, struct store_batch *batch);

/* Waits until everything submitted so far is readable, or has failed. */
void store_writer_flush(struct store_writer *writer);

struct store_writer_stats {
	uint64_t written, dropped, failed, evicted;
	size_t queued;
};
struct store_writer_stats store_writer_stats(struct store_writer *writer);

/* Writes what is queued, and ends. NULL is allowed. */
void store_writer_stop(struct store_writer *writer);

#endif
