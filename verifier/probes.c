/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/probes.h"

#include "notar/version.h"
#include "verifier/daemon.h"

#define SMALL_BODY 1024

static enum http_next
say(struct http_answer *answer, int status, const char *text)
{
	answer->status = status;
	answer->content_type = "text/plain; charset=utf-8";
	buf_append_str(&answer->body, text);
	return HTTP_ANSWERED;
}

static enum http_next
healthz(void *context, void *local, const struct http_request *request, struct http_answer *answer,
	const struct http_ticket *ticket)
{
	(void)context, (void)local, (void)request, (void)ticket;
	return say(answer, 200, "ok\n");
}

/* A key that counts for nothing yet is a key: which do is each answer's business. */
static bool
has_keys(const struct decider *d, struct store *store)
{
	const struct policy *policy = d->policy->policy;
	struct store_usage usage = { 0 };
	struct notar_error err;
	bool needed = false;

	for (size_t i = 0; i < policy->rule_count; i++)
		needed = needed || !policy->rules[i].exempt;
	for (size_t i = 0; i < policy->signer_count; i++)
		if (policy->signers[i].count > 0 || policy->signers[i].x509 != NULL ||
		    policy->signers[i].keyless != NULL)
			return true;
	return !needed || (store_usage(store, &usage, &err) == NOTAR_OK && usage.keys > 0);
}

/* What is missing for answering, or NULL. */
static const char *
what_is_missing(struct daemon *daemon)
{
	struct decider decider;
	struct notar_error err;
	const char *missing = NULL;

	if (decider_open(daemon->store, daemon->snapshots, &decider, &err) != NOTAR_OK)
		return "store";
	if (decider_begin(&decider, 0, &err) != NOTAR_OK)
		missing = "store";
	else if (decider.policy->policy == NULL)
		missing = "policy";
	else if (!has_keys(&decider, daemon->store))
		missing = "keys";
	decider_release(&decider);
	return missing;
}

static enum http_next
readyz(void *context, void *local, const struct http_request *request, struct http_answer *answer,
       const struct http_ticket *ticket)
{
	struct daemon *daemon = context;
	const char *missing = NULL;

	(void)local, (void)request, (void)ticket;
	if (daemon->draining)
		return say(answer, 503, "stopping\n");
	if (!daemon->ready)
		return say(answer, 503, "starting\n");
	missing = what_is_missing(daemon);
	if (missing == NULL)
		return say(answer, 200, "ready\n");
	(void)say(answer, 503, "missing: ");
	buf_append_str(&answer->body, missing);
	buf_append_str(&answer->body, "\n");
	return HTTP_ANSWERED;
}

static void
put_store(struct daemon *daemon, struct buf *out)
{
	struct store_writer_stats written = store_writer_stats(daemon->writer);
	struct store_usage usage = { 0 };
	struct notar_error err;

	if (store_usage(daemon->store, &usage, &err) == NOTAR_OK) {
		metrics_put(out, "notard_lmdb_used_bytes", "gauge", "Of the store's file.",
			    usage.file_bytes);
		metrics_put(out, "notard_lmdb_map_bytes", "gauge", "Most it may grow to.",
			    usage.map_bytes);
		metrics_put(out, "notard_cache_bytes", "gauge", "Of what may be evicted.",
			    usage.cache_bytes);
		metrics_put(out, "notard_cache_entries", "gauge", "Listings.", usage.listings);
		metrics_put(out, "notard_facts", "gauge", "Checked signatures.", usage.facts);
		metrics_put(out, "notard_keys", "gauge", "Keys, whatever their status.",
			    usage.keys);
	}
	metrics_put(out, "notard_store_writes_total", "counter", "Listings written.",
		    written.written);
	metrics_put(out, "notard_store_dropped_total", "counter", "Listings not written: busy.",
		    written.dropped);
	metrics_put(out, "notard_store_failed_total", "counter", "Listings not written: failed.",
		    written.failed);
	metrics_put(out, "notard_store_evicted_total", "counter", "Listings evicted.",
		    written.evicted);
}

static void
put_generations(struct daemon *daemon, struct buf *out)
{
	NOTAR_AUTO(store_reader) *reader = NULL;
	struct notar_error err;

	if (store_reader_new(daemon->store, &reader, &err) != NOTAR_OK ||
	    store_reader_renew(reader, &err) != NOTAR_OK)
		return;
	metrics_put(out, "notard_trust_generation", "gauge", "Changes of keys so far.",
		    store_trust_generation(reader));
}

static void
put_server(struct daemon *daemon, struct buf *out)
{
	struct fetch_pool_stats pool = fetch_pool_stats(daemon->pool);

	if (daemon->server != NULL) {
		struct http_server_stats http = http_server_stats(daemon->server);

		metrics_put(out, "notard_connections", "gauge", "Open now.", http.open);
		metrics_put(out, "notard_connections_total", "counter", "Accepted.", http.accepted);
		metrics_put(out, "notard_http_timeouts_total", "counter",
			    "Connections cut by a deadline.", http.timeouts);
	}
	metrics_put(out, "notard_fetches_total", "counter", "Flights begun.", pool.started);
	metrics_put(out, "notard_fetches_joined_total", "counter",
		    "Questions answered by another's flight.", pool.joined);
	metrics_put(out, "notard_fetch_looks_total", "counter",
		    "Flights begun that nobody waited for.", pool.looks);
	metrics_put(out, "notard_fetch_looks_dropped_total", "counter",
		    "Looks not taken: too many wait.", pool.dropped);
	metrics_put(out, "notard_background_depth", "gauge", "Looks that wait for a worker.",
		    pool.background);
	metrics_put(out, "notard_shed_total", "counter", "Questions refused: queue full.",
		    pool.refused);
	metrics_put(out, "notard_queue_depth", "gauge", "Flights that wait for a worker.",
		    pool.waiting);
	metrics_put(out, "notard_inflight", "gauge", "Flights under way.", pool.running);
	if (daemon->tls != NULL)
		metrics_put(out, "notard_tls_cert_expiry_timestamp_seconds", "gauge",
			    "When the certificate ends.",
			    (uint64_t)http_tls_expires_s(daemon->tls));
}

static void
put_audit(struct daemon *daemon, struct buf *out)
{
	if (daemon->audit == NULL)
		return;
	struct audit_stats stats = audit_stats(daemon->audit);

	metrics_put(out, "notard_audit_records_total", "counter", "Records written.",
		    stats.written);
	metrics_put(out, "notard_audit_dropped_total", "counter", "Decisions not given for it.",
		    stats.dropped);
	metrics_put(out, "notard_audit_failed_total", "counter", "Writes that failed.",
		    stats.failed);
	metrics_put(out, "notard_audit_queued_bytes", "gauge", "Of records not written yet.",
		    stats.queued_bytes);
}

static enum http_next
metrics(void *context, void *local, const struct http_request *request, struct http_answer *answer,
	const struct http_ticket *ticket)
{
	struct daemon *daemon = context;
	struct buf *out = &answer->body;

	(void)local, (void)request, (void)ticket;
	answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
	buf_append_str(out, "# HELP notard_build_info Version.\n# TYPE notard_build_info gauge\n"
			    "notard_build_info{version=\"" NOTAR_VERSION "\"} 1\n");
	metrics_render(daemon->metrics, out);
	put_store(daemon, out);
	put_generations(daemon, out);
	put_server(daemon, out);
	put_audit(daemon, out);
	return HTTP_ANSWERED;
}

const struct http_route probe_routes[] = {
	{ "GET", "/healthz", SMALL_BODY, 0, healthz },
	{ "GET", "/livez", SMALL_BODY, 0, healthz },
	{ "GET", "/readyz", SMALL_BODY, 0, readyz },
	{ "GET", "/metrics", SMALL_BODY, 0, metrics },
};
const size_t probe_route_count = NOTAR_COUNT(probe_routes);
