/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/daemon.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "notar/version.h"
#include "store/policy_row.h"
#include "sync/policy_file.h"
#include "verifier/admission.h"
#include "verifier/api.h"
#include "verifier/confine.h"
#include "verifier/events.h"
#include "verifier/fetch.h"
#include "verifier/gate.h"
#include "verifier/gatekeeper.h"
#include "verifier/handler.h"
#include "verifier/inventory.h"
#include "verifier/plugins.h"
#include "verifier/probes.h"

#define STOP_MS 10000      /* for what has begun */
#define AUDIT_SYNC_MS 1000 /* the longest that a record may wait for the disk */

static const struct http_route routes[] = {
	{ "POST", "/v1/verify", LIMIT_HTTP_BODY_BYTES, CONFIG_ASK, api_verify },
	{ "POST", "/v1/events", LIMIT_HTTP_BODY_BYTES, CONFIG_ASK | CALLERS_KNOWN, events_take },
	{ "GET", "/v1/audit", 0, CONFIG_READ, audit_read_log },
	{ "GET", "/v1/images", 0, CONFIG_READ, inventory_images },
	{ "GET", "/v1/images/", 0, CONFIG_READ, inventory_image },
	{ "GET", "/v1/keys", 0, CONFIG_READ, inventory_keys },
	{ "GET", "/v1/keys/", 0, CONFIG_READ, inventory_key },
	{ "GET", "/v1/gate", 0, CONFIG_ASK, gate_check },
	{ "POST", "/k8s/validate", LIMIT_HTTP_ADMISSION_BODY_BYTES, CONFIG_ASK,
	  admission_validate },
	{ "POST", "/k8s/mutate", LIMIT_HTTP_ADMISSION_BODY_BYTES, CONFIG_ASK, admission_mutate },
	{ "POST", "/gatekeeper/v1/verify", LIMIT_HTTP_BODY_BYTES, CONFIG_ASK, gatekeeper_verify },
	{ "POST", "/gatekeeper/v1/mutate", LIMIT_HTTP_BODY_BYTES, CONFIG_ASK, gatekeeper_mutate },
};

const struct config *
daemon_config(struct daemon *d)
{
	(void)pthread_mutex_lock(&d->lock);
	d->config_readers++;
	const struct config *config = d->config;

	(void)pthread_mutex_unlock(&d->lock);
	return config;
}

void
daemon_drop_config(struct daemon *d)
{
	(void)pthread_mutex_lock(&d->lock);
	d->config_readers--;
	(void)pthread_mutex_unlock(&d->lock);
}

struct decider_limits
daemon_limits(struct daemon *d)
{
	(void)pthread_mutex_lock(&d->lock);
	struct decider_limits limits = { d->config->listing_ttl_s, d->config->negative_ttl_s };

	(void)pthread_mutex_unlock(&d->lock);
	return limits;
}

enum notar_code
daemon_import_policy(struct store *store, const struct config *config, bool *changed,
		     struct notar_error *err)
{
	NOTAR_AUTO_OF(policy_file) file = { 0 };

	*changed = false;
	if (config->policy == NULL)
		return NOTAR_OK;
	NOTAR_TRY(policy_file_read(config->policy, NOTATION_OCI, &file, err));
	return policy_row_put(store, buf_span(&file.text), clock_now_s(), changed, err);
}

void
daemon_audit(struct daemon *d, const char *event, const char *detail)
{
	if (d->audit != NULL && !AUDIT(d->audit, event, AUDIT_F_STR("version", NOTAR_VERSION),
				       AUDIT_F_STR("detail", detail)))
		LOG(LOG_LEVEL_ERROR, "audit_failed", LOG_F_STR("event", event));
}

static enum notar_code
start_audit(struct daemon *d, struct notar_error *err)
{
	if (d->config->audit_file == NULL)
		return NOTAR_OK;
	if (audit_open(d->config->audit_file, (uint64_t)d->config->audit_max_bytes, AUDIT_SYNC_MS,
		       &d->audit, err) != NOTAR_OK)
		return notar_context(err, "audit.file");
	daemon_audit(d, "start", NULL);
	return audit_desk_start(d->config->audit_file, &d->audit_desk, err);
}

static enum notar_code
start_store(struct daemon *d, struct notar_error *err)
{
	const struct store_options options = { .create = true };
	bool changed;

	NOTAR_TRY(store_open(d->state_folder, &options, &d->store, err));
	NOTAR_TRY(daemon_import_policy(d->store, d->config, &changed, err));
	/* Root may have had to give the store to its owner; from here on it needs no rights. */
	NOTAR_TRY(confine_daemon(d->config, d->state_folder, err));
	NOTAR_TRY(start_audit(d, err));
	d->snapshots = snapshots_new();
	d->metrics = calloc(1, sizeof(*d->metrics));
	d->plugins = plugins_new();
	d->callers = callers_new();
	d->interest = calloc(1, sizeof(*d->interest));
	if (d->snapshots == NULL || d->metrics == NULL || d->plugins == NULL ||
	    d->callers == NULL || d->interest == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory");
	return store_writer_start(d->store, (uint64_t)d->config->quota_bytes, &d->writer, err);
}

/* Time is over, and the registry has not answered. On the deadlines' thread. */
static bool
last_resort(void *context, const struct reference *ref, struct notar_report *report)
{
	struct daemon *d = context;
	struct notar_error err;

	d->last_resort.limits = daemon_limits(d);
	if (decider_begin(&d->last_resort, clock_now_s(), &err) != NOTAR_OK)
		return false;
	bool known = decider_last_known_good(&d->last_resort, ref, report);

	decider_end(&d->last_resort);
	return known;
}

static struct prefetch_settings
prefetch_settings(void *context)
{
	struct daemon *d = context;
	const struct config *config = daemon_config(d);
	struct prefetch_settings settings = { config->revocation_offline,
					      config->revocation_private };

	daemon_drop_config(d);
	return settings;
}

static void
count_prefetch(void *context, enum prefetch_outcome outcome)
{
	struct daemon *d = context;

	d->metrics->prefetches[outcome]++;
}

static enum notar_code
start_prefetch(struct daemon *d, struct notar_error *err)
{
	const struct prefetch_options options = { .store = d->store,
						  .writer = d->writer,
						  .interest = d->interest,
						  .settings = prefetch_settings,
						  .count = count_prefetch,
						  .context = d };

	return prefetch_start(&options, &d->prefetch, err);
}

static enum notar_code
start_workers(struct daemon *d, struct notar_error *err)
{
	const struct fetch_work work = fetch_work(d);

	NOTAR_TRY(fetch_pool_start((size_t)d->config->workers, (size_t)d->config->queue, &work,
				   &d->pool, err));
	NOTAR_TRY(decider_open(d->store, d->snapshots, &d->last_resort, err));
	d->last_resort.plugins = plugins_book(d->plugins);
	d->last_resort.interest = d->interest;
	return deadlines_start(last_resort, d, &d->deadlines, err);
}

static enum notar_code
start_probes(struct daemon *d, struct notar_error *err)
{
	const char *const listen[] = { d->config->probes, NULL };
	const struct http_server_options options = { .listen = listen,
						     .loops = 1,
						     .routes = probe_routes,
						     .route_count = probe_route_count,
						     .context = d,
						     .connections = 64 };

	return d->config->probes == NULL ? NOTAR_OK : http_server_start(&options, &d->probes, err);
}

static bool
admit(void *context, const struct http_route *route, const struct http_request *request,
      struct http_caller *caller, struct http_answer *answer)
{
	struct daemon *d = context;
	bool admitted = callers_admit(d->callers, &daemon_config(d)->callers, route, request,
				      caller, answer);

	daemon_drop_config(d);
	return admitted;
}

static void
leave(void *context, const struct http_caller *caller)
{
	struct daemon *d = context;

	callers_leave(d->callers, caller);
}

struct http_tls_options
daemon_tls_options(const struct config *config)
{
	return (struct http_tls_options){
		.certificate = config->tls_certificate,
		.key = config->tls_key,
		.client_ca = config->tls_client_ca,
		.require_client = config->tls_require_client,
		.only_tls_1_3 = strcmp(config->tls_minimum, "1.3") == 0,
	};
}

/* The configured number is of all loops together. */
static size_t
connections_a_loop(const struct config *config)
{
	size_t loops = http_server_loops((size_t)config->loops);

	return ((size_t)config->connections + loops - 1) / loops;
}

static enum notar_code
start_server(struct daemon *d, struct notar_error *err)
{
	struct http_server_options options = { .listen = (const char *const *)d->config->listen,
					       .loops = (size_t)d->config->loops,
					       .routes = routes,
					       .route_count = NOTAR_COUNT(routes),
					       .context = d,
					       .admit = admit,
					       .leave = leave,
					       .connections = connections_a_loop(d->config),
					       .loop_begin = handler_loop_begin,
					       .loop_end = handler_loop_end };

	const struct http_tls_options tls = daemon_tls_options(d->config);

	if (tls.certificate != NULL)
		NOTAR_TRY(http_tls_new(&tls, &d->tls, err));
	options.tls = d->tls;
	return http_server_start(&options, &d->server, err);
}

enum notar_code
daemon_start(struct daemon *d, struct config *config, struct notar_error *err)
{
	(void)pthread_mutex_init(&d->lock, NULL);
	d->config = config;
	NOTAR_TRY(start_store(d, err));
	NOTAR_TRY(start_prefetch(d, err)); /* workers wake it */
	NOTAR_TRY(start_workers(d, err));
	NOTAR_TRY(start_probes(d, err));
	NOTAR_TRY(start_server(d, err));
	d->ready = true;
	return NOTAR_OK;
}

/* Members that only a new process can take up; said aloud, never silently ignored. */
static bool
needs_restart(const struct config *a, const struct config *b)
{
	for (size_t i = 0; i < CONFIG_LISTENERS; i++)
		if ((a->listen[i] == NULL) != (b->listen[i] == NULL) ||
		    (a->listen[i] != NULL && strcmp(a->listen[i], b->listen[i]) != 0))
			return true;
	return !span_equal(span_str(a->probes), span_str(b->probes)) || a->loops != b->loops ||
	       a->workers != b->workers || a->queue != b->queue ||
	       a->quota_bytes != b->quota_bytes || strcmp(a->confinement, b->confinement) != 0 ||
	       a->connections != b->connections || a->tls_require_client != b->tls_require_client ||
	       strcmp(a->tls_minimum, b->tls_minimum) != 0 ||
	       !span_equal(span_str(a->tls_client_ca), span_str(b->tls_client_ca)) ||
	       !span_equal(span_str(a->audit_file), span_str(b->audit_file)) ||
	       !span_equal(span_str(a->tls_certificate), span_str(b->tls_certificate)) ||
	       !span_equal(span_str(a->tls_key), span_str(b->tls_key));
}

/* Readers hold a configuration for moments only. */
static void
swap_config(struct daemon *d, struct config *made)
{
	for (;;) {
		(void)pthread_mutex_lock(&d->lock);
		if (d->config_readers == 0)
			break;
		(void)pthread_mutex_unlock(&d->lock);
		(void)usleep(1000);
	}
	struct config *old = d->config;

	d->config = made;
	(void)pthread_mutex_unlock(&d->lock);
	config_free(old);
}

static enum notar_code
reload(struct daemon *d, struct notar_error *err)
{
	NOTAR_AUTO(config) *made = NULL;
	bool policy_changed;

	NOTAR_TRY(config_read(d->config_file, &made, err));
	if (needs_restart(d->config, made))
		LOG(LOG_LEVEL_WARNING, "reload_needs_restart",
		    LOG_F_STR("message", "addresses, threads, sizes, confinement or TLS files "
					 "changed; they count from the next start"));
	if (d->tls != NULL)
		NOTAR_TRY(http_tls_refresh(d->tls, NULL, err));
	NOTAR_TRY(daemon_import_policy(d->store, made, &policy_changed, err));
	swap_config(d, NOTAR_TAKE(made));
	prefetch_wake(d->prefetch);
	LOG(LOG_LEVEL_INFO, "reloaded", LOG_F_INT("policy_changed", policy_changed ? 1 : 0));
	return NOTAR_OK;
}

enum notar_code
daemon_reload(struct daemon *d, struct notar_error *err)
{
	enum notar_code code = reload(d, err);

	*(code == NOTAR_OK ? &d->metrics->reloads : &d->metrics->failed_reloads) += 1;
	daemon_audit(d, code == NOTAR_OK ? "reload" : "reload_failed",
		     code == NOTAR_OK ? NULL : err->msg);
	return code;
}

/* Readiness goes first: whoever balances load stops sending while everything still answers. */
static void
drain(struct daemon *d)
{
	int64_t until = clock_deadline_ms(d->config->drain_s * 1000);

	d->draining = true;
	while (clock_left_ms(until) > 0)
		(void)usleep(20000);
}

void
daemon_stop(struct daemon *d)
{
	if (d->config != NULL && d->ready)
		drain(d);
	if (d->server != NULL)
		http_server_stop(d->server, clock_deadline_ms(STOP_MS));
	/* From here on tickets find nobody, but their loops still exist. */
	audit_desk_stop(d->audit_desk);
	fetch_pool_stop(d->pool);
	prefetch_stop(d->prefetch);
	deadlines_stop(d->deadlines);
	decider_release(&d->last_resort);
	http_server_free(d->server);
	if (d->probes != NULL)
		http_server_stop(d->probes, 0);
	http_server_free(d->probes);
	http_tls_free(d->tls);
	store_writer_stop(d->writer);
	daemon_audit(d, "stop", NULL);
	audit_close(d->audit);
	callers_free(d->callers);
	plugins_free(d->plugins);
	free(d->metrics);
	free(d->interest);
	snapshots_free(d->snapshots);
	store_free(d->store);
	config_free(d->config);
	(void)pthread_mutex_destroy(&d->lock);
}
