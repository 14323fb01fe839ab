/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/callers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "http/h1.h"
#include "http/certificate_name.h"

/* What one caller has used up. Found by name, so that it outlives a reload; never given back:
 * configurations name few. */
struct account {
	char name[64];
	int64_t tokens_millis; /* thousandths of a request */
	int64_t filled_ms;
	int64_t connections;
};

#define ACCOUNTS 256

struct callers {
	pthread_mutex_t lock;
	struct account accounts[ACCOUNTS];
	size_t count;
};

struct callers *
callers_new(void)
{
	struct callers *callers = calloc(1, sizeof(*callers));

	if (callers != NULL)
		(void)pthread_mutex_init(&callers->lock, NULL);
	return callers;
}

void
callers_free(struct callers *callers)
{
	if (callers == NULL)
		return;
	(void)pthread_mutex_destroy(&callers->lock);
	free(callers);
}

/* Who it is: what it may, and against what it counts. */
struct identity {
	const char *name;
	unsigned rights;
	const struct config_caps *caps;
	bool known;
};

static const struct config_caller *
find_token(const struct config_callers *config, struct span token)
{
	uint8_t hash[SHA256_BYTES];

	sha256_of(token, hash);
	for (size_t i = 0; i < config->count; i++)
		if (config->named[i].by_token &&
		    memcmp(config->named[i].token_sha256, hash, sizeof(hash)) == 0)
			return &config->named[i];
	return NULL;
}

static const struct config_caller *
find_certificate(const struct config_callers *config, const struct x509_st *certificate)
{
	for (size_t i = 0; i < config->count; i++)
		if (config->named[i].certificate != NULL &&
		    certificate_has_name(certificate, config->named[i].certificate))
			return &config->named[i];
	return NULL;
}

static const struct config_caller *
find_uid(const struct config_callers *config, uint32_t uid)
{
	for (size_t i = 0; i < config->count; i++)
		if (config->named[i].uid == (int64_t)uid)
			return &config->named[i];
	return NULL;
}

static struct identity
named(const struct config_caller *caller)
{
	return (struct identity){ caller->name, caller->rights, &caller->caps, true };
}

/* "Bearer TOKEN"; false for anything else, and for a token nobody has. */
static bool
identify_by_header(const struct config_callers *config, struct span value, struct identity *out)
{
	static const char scheme[] = "bearer ";
	const size_t len = sizeof(scheme) - 1;
	const struct config_caller *caller;

	if (value.ptr == NULL || value.len <= len ||
	    strncasecmp((const char *)value.ptr, scheme, len) != 0)
		return false;
	caller = find_token(config, span_from(value, len));
	if (caller != NULL)
		*out = named(caller);
	return caller != NULL;
}

static bool
identify(const struct config_callers *config, const struct http_request *request,
	 struct identity *out)
{
	const struct config_caller *caller = NULL;

	if (h1_header_count(request->head, "authorization") > 0)
		return identify_by_header(config, h1_header(request->head, "authorization"), out);
	if (request->peer.certificate != NULL)
		caller = find_certificate(config, request->peer.certificate);
	else if (request->peer.is_unix)
		caller = find_uid(config, request->peer.uid);
	if (caller != NULL)
		*out = named(caller);
	else if (request->peer.is_unix)
		*out = (struct identity){ "unix", config->local, &config->caps, true };
	else
		*out = (struct identity){ "anonymous", config->anonymous, &config->caps, false };
	return true;
}

/* Under the lock. NULL: more callers than anybody configures. The id is its place + 1. */
static struct account *
account_of(struct callers *callers, const char *name)
{
	for (size_t i = 0; i < callers->count; i++)
		if (strcmp(callers->accounts[i].name, name) == 0)
			return &callers->accounts[i];
	if (callers->count == ACCOUNTS)
		return NULL;
	struct account *made = &callers->accounts[callers->count++];

	(void)snprintf(made->name, sizeof(made->name), "%s", name);
	made->filled_ms = INT64_MIN;
	return made;
}

/* One request out of a bucket that fills at `rate` a second and holds a second's worth. */
static bool
take_token(struct account *account, int64_t rate)
{
	int64_t now = clock_monotonic_ms();
	int64_t most = rate * 1000;

	if (rate == 0)
		return true;
	if (account->filled_ms == INT64_MIN || now - account->filled_ms > 1000)
		account->tokens_millis = most;
	else
		account->tokens_millis += (now - account->filled_ms) * rate;
	if (account->tokens_millis > most)
		account->tokens_millis = most;
	account->filled_ms = now;
	if (account->tokens_millis < 1000)
		return false;
	account->tokens_millis -= 1000;
	return true;
}

static void
leave(struct callers *callers, const struct http_caller *caller)
{
	if (caller->id != 0 && caller->id <= callers->count)
		callers->accounts[caller->id - 1].connections--;
}

void
callers_leave(struct callers *callers, const struct http_caller *caller)
{
	(void)pthread_mutex_lock(&callers->lock);
	leave(callers, caller);
	(void)pthread_mutex_unlock(&callers->lock);
}

/* The status to refuse with, or 0. Under the lock. */
static int
charge(struct callers *callers, const struct identity *who, struct http_caller *caller)
{
	struct account *account = account_of(callers, who->name);

	if (account == NULL)
		return 503;
	uint32_t id = (uint32_t)(account - callers->accounts) + 1;

	if (caller->id != id) {
		if (who->caps->connections > 0 && account->connections >= who->caps->connections)
			return 503;
		leave(callers, caller);
		account->connections++;
		caller->id = id;
		(void)snprintf(caller->name, sizeof(caller->name), "%s", who->name);
	}
	return take_token(account, who->caps->rate) ? 0 : 429;
}

static bool
refuse(struct http_answer *answer, int status, const char *message)
{
	http_answer_error(answer, status, message);
	if (status == 401)
		http_answer_header(answer, "WWW-Authenticate", span_str("Bearer"));
	answer->retry_after_s = status == 429 || status == 503 ? 1 : 0;
	return false;
}

bool
callers_admit(struct callers *callers, const struct config_callers *config,
	      const struct http_route *route, const struct http_request *request,
	      struct http_caller *caller, struct http_answer *answer)
{
	unsigned right = route->right & ~CALLERS_KNOWN;
	struct identity who;

	if (!identify(config, request, &who))
		return refuse(answer, 401, "the credentials are nobody's");
	if ((who.rights & right) != right || ((route->right & CALLERS_KNOWN) != 0 && !who.known))
		return who.known ? refuse(answer, 403, "this caller may not do that") :
				   refuse(answer, 401, "only for callers with a name");
	(void)pthread_mutex_lock(&callers->lock);
	int status = charge(callers, &who, caller);

	(void)pthread_mutex_unlock(&callers->lock);
	return status == 0   ? true :
	       status == 429 ? refuse(answer, 429, "more requests a second than this caller may") :
			       refuse(answer, 503, "more connections than this caller may");
}
