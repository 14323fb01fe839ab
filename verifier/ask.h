/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_ASK_H
#define VERIFIER_ASK_H

#include <pthread.h>

#include "base/limits.h"
#include "http/server.h"
#include "notar/verify.h"
#include "oci/reference.h"

/*
 * One request to notard on its way: its images, what is known of each, and who to tell when
 * all are answered or the deadline has come. Made by a handler on an event loop, filled in by
 * that loop and by workers, counted, and gone with the last of them.
 */
struct ask;
struct daemon;

struct ask_image {
	struct span text;     /* as asked; borrowed from the ask's owner */
	struct reference ref; /* valid when parsed */
	bool parsed;
	bool answered;
	struct notar_report report; /* owns its signatures */
};

/* What a request looks like when all its images are answered: how to write the answer, and
 * what it was made from. */
struct ask_kind {
	const char *path; /* "validate", "api": label of metrics */
	void (*render)(struct ask *ask, struct http_answer *answer);
	void (*free_source)(void *source);
};

/* Who asks, for the log and the audit log. */
struct ask_origin {
	char caller[64];
	char request[LIMIT_REVIEW_UID_BYTES + 1]; /* the API server's uid; may be empty */
	char trace_id[33], span_id[17];           /* of a W3C traceparent; empty: none */
	char name_space[64], user[128];           /* as the API server says; may be empty */
	bool dry_run;                             /* leaves no trace in counts and audit */
};

struct ask {
	const struct ask_kind *kind;
	void *source; /* owned: the parsed request that spans borrow from */
	struct daemon *daemon;
	struct http_ticket ticket;
	struct ask_origin origin;
	int64_t deadline_ms; /* monotonic: answer by then, with what is known */
	int64_t started_us;
	uint64_t policy_generation, trust_generation; /* as of the first look */
	bool want_manifest; /* what the images are matters, too (store/manifests.h) */
	struct ask_image *images;
	size_t count;
	/* Below: under the lock. */
	pthread_mutex_t lock;
	size_t open; /* images without an answer */
	bool done;   /* rendered; whatever comes later is dropped */
	bool waited; /* some image was not answered from the store */
	unsigned owners;
	/* For deadlines.c only. */
	struct ask *next, *previous;
};

/* Takes over source, also on failure. NULL: no memory. One owner: the caller. */
struct ask *ask_new(const struct ask_kind *kind, void *source, size_t count);
struct ask *ask_share(struct ask *ask);
void ask_free(struct ask *ask); /* drops one owner */
NOTAR_AUTO_DEFINE(ask)

/* Takes the report's signatures over, or frees them when nobody waits any more. The last image
 * sends the answer. Any thread. */
void ask_settle(struct ask *ask, size_t image, struct notar_report *report);

/* The deadline has come: every open image is undetermined, or what last_resort (may be NULL)
 * knows of it, and the answer is sent. */
typedef bool
ask_last_resort(void *context, const struct reference *ref, struct notar_report *report);
void ask_expire(struct ask *ask, ask_last_resort *last_resort, void *context);

/* The handler has asked about every image. True: all are settled, and `answer` is filled in
 * for it to return. False: the answer will be sent through the ticket. */
bool ask_finish_handler(struct ask *ask, struct http_answer *answer);

#endif
