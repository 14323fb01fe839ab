/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_DAEMON_H
#define VERIFIER_DAEMON_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/audit_file.h"
#include "http/server.h"
#include "store/writer.h"
#include "sync/prefetch.h"
#include "verifier/audit_api.h"
#include "verifier/callers.h"
#include "verifier/config.h"
#include "verifier/deadlines.h"
#include "verifier/decider.h"
#include "verifier/fetch_pool.h"
#include "verifier/metrics.h"

/*
 * verifier/: notar_verify() and the program `notard`.
 *
 * What notard is made of, for its whole life. The order of members is the order of starting;
 * stopping goes the other way. Handlers get it as their context; everything that changes while
 * it runs is atomic or behind its own lock.
 */
struct daemon {
	const char *config_file, *state_folder;
	struct store *store;
	struct snapshots *snapshots;
	struct store_writer *writer;
	struct metrics *metrics;
	struct plugins *plugins;
	struct revocation_interest *interest; /* which certificates are asked about */
	struct prefetch *prefetch;
	struct fetch_pool *pool;
	struct decider last_resort; /* the deadlines' thread's */
	struct deadlines *deadlines;
	struct callers *callers;
	struct audit *audit; /* NULL: none is configured */
	struct audit_desk *audit_desk;
	struct http_tls *tls; /* NULL: plain */
	struct http_server *server, *probes;
	atomic_bool ready, draining;
	/* What a reload may change: taken with daemon_config, dropped with daemon_drop_config. */
	pthread_mutex_t lock;
	struct config *config;
	unsigned config_readers;
};

/* The configuration as of now; stays as it is until it is dropped. */
const struct config *daemon_config(struct daemon *daemon);
void daemon_drop_config(struct daemon *daemon);

/* As the configuration says. */
struct http_tls_options daemon_tls_options(const struct config *config);

/* How long answers from the store stand, as of now. */
struct decider_limits daemon_limits(struct daemon *daemon);

/* config: taken over. Starts everything; NOTAR_OK means that it answers. */
NOTAR_MUST_USE enum notar_code
daemon_start(struct daemon *daemon, struct config *config, struct notar_error *err);

/* Takes up a changed configuration file, policy file or certificate. What cannot be used leaves
 * the old one in place and is the error. */
NOTAR_MUST_USE enum notar_code daemon_reload(struct daemon *daemon, struct notar_error *err);

/* A record that is no decision, if there is an audit log. detail may be NULL. */
void daemon_audit(struct daemon *daemon, const char *event, const char *detail);

/* Ends what has begun, within the drain time and a few seconds. */
void daemon_stop(struct daemon *daemon);

/* The policy file of the configuration, checked and put into the store. */
NOTAR_MUST_USE enum notar_code
daemon_import_policy(struct store *store, const struct config *config, bool *changed,
		     struct notar_error *err);

#endif
