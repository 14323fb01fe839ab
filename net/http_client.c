/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_client.h"

#include <pthread.h>
#include <strings.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/limits.h"
#include "net/http_internal.h"

#define BACKOFF_FIRST_MS 200
#define BACKOFF_MOST_MS 3000
#define POLL_MOST_MS 1000
#define GIVE_UP_POLL_MS 50 /* how late it is noticed that nobody wants the answer */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_state = CURLE_FAILED_INIT;

static void
start_curl(void)
{
	curl_state = curl_global_init(CURL_GLOBAL_DEFAULT);
}

void
http_response_release(struct http_response *response)
{
	buf_release(&response->body);
	buf_release(&response->headers);
	url_release(&response->url);
	*response = (struct http_response){ 0 };
}

void
http_client_free(struct http_client *client)
{
	if (client == NULL)
		return;
	if (client->multi != NULL)
		(void)curl_multi_cleanup(client->multi);
	url_release(&client->cool);
	free(client->ca_file);
	free(client);
}

enum notar_code
http_client_new(const struct http_client_options *options, struct http_client **out,
		struct notar_error *err)
{
	(void)pthread_once(&curl_once, start_curl);
	if (curl_state != CURLE_OK)
		return notar_fail(err, NOTAR_E_INTERNAL, "libcurl did not start");
	NOTAR_AUTO(http_client) *client = calloc(1, sizeof(*client));
	if (client == NULL || (client->multi = curl_multi_init()) == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for an HTTP client");
	client->guard_private = options->guard_private;
	if (options->ca_file != NULL && (client->ca_file = strdup(options->ca_file)) == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for an HTTP client");
	(void)curl_multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
				(long)LIMIT_CONNECTIONS_PER_HOST);
	*out = NOTAR_TAKE(client);
	return NOTAR_OK;
}

int64_t
http_backoff_ms(unsigned tries)
{
	uint32_t random = 0;
	int64_t most = BACKOFF_FIRST_MS;

	for (unsigned i = 1; i < tries && most < BACKOFF_MOST_MS; i++)
		most *= 2;
	if (most > BACKOFF_MOST_MS)
		most = BACKOFF_MOST_MS;
	(void)!getrandom(&random, sizeof(random), 0);
	return random % most + 1;
}

/* How many transfers ended. */
static size_t
collect_finished(struct http_client *client)
{
	int left = 0;
	size_t ended = 0;
	CURLMsg *message;

	while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
		char *user = NULL;
		CURLcode rc = message->data.result;
		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
		transfer_finished((struct transfer *)(void *)user, rc);
		ended++;
	}
	return ended;
}

static void
give_up(struct transfer *t)
{
	if (t->state == TRANSFER_RUNNING)
		(void)curl_multi_remove_handle(t->client->multi, t->easy);
	transfer_fail(t, NOTAR_E_TIMEOUT, "nobody waits for the answer any more");
}

static int64_t
poll_ms(const struct transfer *t)
{
	int64_t most = t->x->request.give_up != NULL ? GIVE_UP_POLL_MS : POLL_MOST_MS;
	int64_t due = t->state == TRANSFER_RUNNING ? most : clock_left_ms(t->due_ms);

	return due < most ? due : most;
}

/* Starts what is due; returns how long the next one waits, or -1 when all are done. */
static int64_t
start_due(struct transfer *transfers, size_t count)
{
	int64_t wait = -1;

	for (size_t i = 0; i < count; i++) {
		struct transfer *t = &transfers[i];
		if (t->state != TRANSFER_DONE && t->x->request.give_up != NULL &&
		    *t->x->request.give_up)
			give_up(t);
		if (t->state == TRANSFER_WAITING && clock_left_ms(t->due_ms) == 0)
			transfer_start(t);
		if (t->state == TRANSFER_DONE)
			continue;
		int64_t mine = poll_ms(t);
		wait = wait < 0 || mine < wait ? mine : wait;
	}
	return wait;
}

static enum notar_code
run(struct http_client *client, struct transfer *transfers, size_t count, struct notar_error *err)
{
	int64_t wait;

	while ((wait = start_due(transfers, count)) >= 0) {
		int running = 0;
		CURLMcode rc = curl_multi_perform(client->multi, &running);
		if (rc == CURLM_OK && collect_finished(client) > 0)
			continue;
		if (rc == CURLM_OK && wait > 0)
			rc = curl_multi_poll(client->multi, NULL, 0, (int)wait, NULL);
		if (rc != CURLM_OK)
			return notar_fail(err, NOTAR_E_INTERNAL, "curl: %s",
					  curl_multi_strerror(rc));
	}
	return NOTAR_OK;
}

enum notar_code
http_client_run(struct http_client *client, struct http_exchange *exchanges, size_t count,
		struct notar_error *err)
{
	struct transfer *transfers = calloc(count + 1, sizeof(*transfers));

	if (transfers == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for requests");
	for (size_t i = 0; i < count; i++)
		transfer_prepare(&transfers[i], client, &exchanges[i]);
	enum notar_code code = run(client, transfers, count, err);
	for (size_t i = 0; i < count; i++)
		transfer_release(&transfers[i]);
	free(transfers);
	return code;
}

enum notar_code
http_client_do(struct http_client *client, const struct http_request *request,
	       struct http_response *out, struct notar_error *err)
{
	struct http_exchange x = { .request = *request };
	enum notar_code code = http_client_run(client, &x, 1, err);

	if (code == NOTAR_OK && x.code != NOTAR_OK) {
		code = x.code;
		if (err != NULL)
			*err = x.err;
	}
	if (code == NOTAR_OK)
		*out = x.response;
	else
		http_response_release(&x.response);
	return code;
}
