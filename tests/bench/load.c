/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A load of one POST, again and again, over keep-alive connections:
 *
 *   load PORT tls|plain PATH BODY_FILE CONNECTIONS SECONDS [RATE]
 *
 * Without RATE each connection asks as soon as it has its answer. With RATE (requests a second,
 * of all connections) questions are due at fixed times, and a latency counts from when its
 * question was due, so that a server that stalls cannot hide it. Prints
 *   {"requests":N,"errors":E,"seconds":S,"p50_us":X,"p99_us":Y}
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_CONNECTIONS 1024
#define SAMPLES 8000000

struct link {
	int fd;
	SSL *ssl;
	double due; /* of the question under way; 0: idle */
	size_t sent, got, wanted;
	char answer[65536];
};

static char *question;
static size_t question_len;
static struct link links[MOST_CONNECTIONS];
static float *samples;
static size_t sample_count, errors;

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerrordesc_np(errno));
	exit(1);
}

static void
read_question(const char *path, const char *file)
{
	FILE *in = fopen(file, "rb");
	static char body[1 << 20];

	if (in == NULL)
		die(file);
	size_t len = fread(body, 1, sizeof(body), in);

	(void)fclose(in);
	question = malloc(len + 512);
	if (question == NULL)
		die("memory");
	int head = snprintf(question, 512,
			    "POST %.300s HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
			    "application/json\r\nContent-Length: %zu\r\n\r\n",
			    path, len);

	memcpy(question + head, body, len);
	question_len = (size_t)head + len;
}

static void
open_link(struct link *l, unsigned port, SSL_CTX *context)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	union {
		const struct sockaddr_in *in;
		const struct sockaddr *any;
	} a = { &address };

	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0 || connect(l->fd, a.any, sizeof(address)) != 0)
		die("connecting");
	(void)setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	if (context != NULL) {
		l->ssl = SSL_new(context);
		if (l->ssl == NULL || SSL_set_fd(l->ssl, l->fd) != 1 || SSL_connect(l->ssl) != 1) {
			fprintf(stderr, "load: no TLS\n");
			exit(1);
		}
	}
	(void)fcntl(l->fd, F_SETFL, O_NONBLOCK);
}

static ssize_t
transfer(struct link *l, bool out, char *at, size_t len)
{
	size_t done = 0;

	if (l->ssl == NULL)
		return out ? send(l->fd, at, len, MSG_NOSIGNAL) : recv(l->fd, at, len, 0);
	int rc = out ? SSL_write_ex(l->ssl, at, len, &done) : SSL_read_ex(l->ssl, at, len, &done);

	if (rc == 1)
		return (ssize_t)done;
	errno = EAGAIN;
	int why = SSL_get_error(l->ssl, rc);

	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? -1 : 0;
}

static void
ask(struct link *l, double due)
{
	l->due = due;
	l->sent = l->got = l->wanted = 0;
}

/* How long the whole answer is, once its header is there. */
static void
measure_answer(struct link *l)
{
	l->answer[l->got] = '\0';
	const char *end = strstr(l->answer, "\r\n\r\n");
	const char *length = end == NULL ? NULL : strcasestr(l->answer, "content-length:");

	if (length != NULL)
		l->wanted = (size_t)(end - l->answer) + 4 + strtoul(length + 15, NULL, 10);
}

static void
finish(struct link *l)
{
	if (sample_count < SAMPLES)
		samples[sample_count++] = (float)((now() - l->due) * 1e6);
	if (strncmp(l->answer, "HTTP/1.1 200 ", 13) != 0)
		errors++;
	l->due = 0;
}

static void
drive(struct link *l)
{
	while (l->due > 0 && l->sent < question_len) {
		ssize_t done = transfer(l, true, question + l->sent, question_len - l->sent);

		if (done <= 0)
			return;
		l->sent += (size_t)done;
	}
	while (l->due > 0) {
		ssize_t got =
			transfer(l, false, l->answer + l->got, sizeof(l->answer) - 1 - l->got);

		if (got < 0)
			return;
		if (got == 0) {
			fprintf(stderr, "load: the server has hung up\n");
			exit(1);
		}
		l->got += (size_t)got;
		if (l->wanted == 0)
			measure_answer(l);
		if (l->wanted > 0 && l->got >= l->wanted)
			finish(l);
	}
}

static int
by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

static void
run(size_t count, double seconds, double rate)
{
	struct pollfd fds[MOST_CONNECTIONS];
	double begin = now(), end = begin + seconds, next = begin;

	for (;;) {
		double t = now();
		bool busy = false;

		for (size_t i = 0; i < count; i++) {
			struct link *l = &links[i];

			if (l->due == 0 && t < end && (rate <= 0 || next <= t)) {
				ask(l, rate > 0 ? next : t);
				next += rate > 0 ? 1 / rate : 0;
			}
			drive(l);
			busy = busy || l->due > 0;
			fds[i] = (struct pollfd){ .fd = l->fd, .events = l->due > 0 ? POLLIN : 0 };
		}
		if (t >= end && !busy)
			return;
		/* Sleeps until the next question is due: spinning would take the server's processor. */
		double wait = rate > 0 ? next - now() : 0.001;
		struct timespec pause = { .tv_nsec = wait <= 0     ? 0 :
						     wait >= 0.001 ? 1000000 :
								     (long)(wait * 1e9) };

		(void)ppoll(fds, count, &pause, NULL);
	}
}

int
main(int argc, char **argv)
{
	if (argc < 7)
		return 2;
	SSL_CTX *context = strcmp(argv[2], "tls") == 0 ? SSL_CTX_new(TLS_client_method()) : NULL;
	size_t count = strtoul(argv[5], NULL, 10);
	double seconds = strtod(argv[6], NULL), rate = argc > 7 ? strtod(argv[7], NULL) : 0;

	if (count < 1 || count > MOST_CONNECTIONS)
		return 2;
	samples = calloc(SAMPLES, sizeof(*samples));
	if (samples == NULL)
		die("memory");
	read_question(argv[3], argv[4]);
	for (size_t i = 0; i < count; i++)
		open_link(&links[i], (unsigned)strtoul(argv[1], NULL, 10), context);
	double begin = now();

	run(count, seconds, rate);
	seconds = now() - begin;
	qsort(samples, sample_count, sizeof(*samples), by_size);
	printf("{\"requests\":%zu,\"errors\":%zu,\"seconds\":%.6f,\"p50_us\":%.1f,\"p99_us\":%.1f}"
	       "\n",
	       sample_count, errors, seconds,
	       sample_count == 0 ? 0 : (double)samples[sample_count / 2],
	       sample_count == 0 ? 0 : (double)samples[sample_count * 99 / 100]);
	return 0;
}
