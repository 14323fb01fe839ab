/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/loop.h"

#define DEFAULT_CONNECTIONS 1024
#define DEFAULT_BODY_BUDGET (256U << 20)
#define DEFAULT_LOOPS 8

static int64_t
or_default(int64_t value, int64_t fallback)
{
	return value > 0 ? value : fallback;
}

size_t
http_server_loops(size_t wanted)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (wanted == 0)
		wanted = cpus < 1 ? 1 : cpus > DEFAULT_LOOPS ? DEFAULT_LOOPS : (size_t)cpus;
	return wanted > LOOPS ? LOOPS : wanted;
}

static void
set_defaults(struct http_server_options *o)
{
	o->loops = http_server_loops(o->loops);
	if (o->connections == 0)
		o->connections = DEFAULT_CONNECTIONS;
	if (o->body_budget == 0)
		o->body_budget = DEFAULT_BODY_BUDGET;
	o->handshake_ms = or_default(o->handshake_ms, 5000);
	o->request_ms = or_default(o->request_ms, 10000);
	o->drain_ms = or_default(o->drain_ms, 10000);
	o->idle_ms = or_default(o->idle_ms, 120000);
}

static enum notar_code
make_loop(struct http_server *server, size_t i, struct notar_error *err)
{
	struct http_loop *loop = &server->loops[i];

	(void)pthread_mutex_init(&loop->lock, NULL);
	(void)pthread_cond_init(&loop->has_begun, NULL);
	loop->server = server;
	loop->slots = server->options.connections;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	loop->conns = calloc(loop->slots, sizeof(struct conn *));
	server->loop_count = i + 1;
	if (loop->epoll < 0 || loop->wakeup < 0)
		return notar_fail(err, NOTAR_E_IO, "out of file descriptors");
	if (loop->conns == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for connections");
	return listen_all(server, i, err);
}

/* A loop's whole life, so that loop_begin and loop_end run on its own thread. */
static void *
run_loop(void *context)
{
	struct http_loop *loop = context;
	const struct http_server_options *o = &loop->server->options;
	enum notar_code code = NOTAR_OK;

	if (o->loop_begin != NULL)
		code = o->loop_begin(o->context, &loop->local, &loop->begin_error);
	(void)pthread_mutex_lock(&loop->lock);
	loop->begin_code = code;
	loop->begun = true;
	(void)pthread_cond_signal(&loop->has_begun);
	(void)pthread_mutex_unlock(&loop->lock);
	if (code != NOTAR_OK)
		return NULL;
	(void)loop_run(loop);
	if (o->loop_end != NULL)
		o->loop_end(o->context, loop->local);
	return NULL;
}

static enum notar_code
start_loop(struct http_loop *loop, struct notar_error *err)
{
	if (pthread_create(&loop->thread, NULL, run_loop, loop) != 0)
		return notar_fail(err, NOTAR_E_IO, "cannot start a thread");
	loop->started = true;
	(void)pthread_mutex_lock(&loop->lock);
	while (!loop->begun)
		(void)pthread_cond_wait(&loop->has_begun, &loop->lock);
	(void)pthread_mutex_unlock(&loop->lock);
	if (loop->begin_code != NOTAR_OK)
		*err = loop->begin_error;
	return loop->begin_code;
}

enum notar_code
http_server_start(const struct http_server_options *options, struct http_server **out,
		  struct notar_error *err)
{
	struct http_server *server = calloc(1, sizeof(*server));
	enum notar_code code = NOTAR_OK;

	if (server == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a server");
	server->options = *options;
	set_defaults(&server->options);
	for (size_t i = 0; code == NOTAR_OK && i < server->options.loops; i++)
		code = make_loop(server, i, err);
	for (size_t i = 0; code == NOTAR_OK && i < server->loop_count; i++)
		code = start_loop(&server->loops[i], err);
	if (code != NOTAR_OK) {
		http_server_stop(server, 0);
		http_server_free(server);
		return code;
	}
	*out = server;
	return NOTAR_OK;
}

unsigned
http_server_port(const struct http_server *server, size_t i)
{
	return i < LISTENERS ? server->ports[i] : 0;
}

struct http_server_stats
http_server_stats(const struct http_server *server)
{
	struct http_server_stats stats = { .accepted = server->accepted,
					   .refused = server->refused,
					   .requests = server->requests,
					   .timeouts = server->timeouts,
					   .evicted = server->evicted,
					   .open = server->open };

	for (size_t i = 0; i < NOTAR_COUNT(stats.answers); i++)
		stats.answers[i] = server->answers[i];
	return stats;
}

void
http_server_stop(struct http_server *server, int64_t deadline_ms)
{
	server->stop_deadline_ms = deadline_ms;
	server->stopping = true;
	for (size_t i = 0; i < server->loop_count; i++) {
		struct http_loop *loop = &server->loops[i];

		if (!loop->started)
			continue;
		(void)eventfd_write(loop->wakeup, 1);
		(void)pthread_join(loop->thread, NULL);
		loop->started = false;
	}
	listen_close(server);
}

static void
free_loop(struct http_loop *loop)
{
	while (loop->inbox_first != NULL) {
		struct inbox_item *item = loop->inbox_first;

		loop->inbox_first = item->next;
		http_answer_release(&item->answer);
		free(item);
	}
	(void)pthread_cond_destroy(&loop->has_begun);
	(void)pthread_mutex_destroy(&loop->lock);
	if (loop->epoll >= 0)
		(void)close(loop->epoll);
	if (loop->wakeup >= 0)
		(void)close(loop->wakeup);
	free(loop->conns);
}

void
http_server_free(struct http_server *server)
{
	if (server == NULL)
		return;
	for (size_t i = 0; i < server->loop_count; i++)
		free_loop(&server->loops[i]);
	free(server);
}
