/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/plugins.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "keys/plugin.h"
#include "verifier/plugin_table.h"

#define ABOUTS 16

/* What a program said of itself, for as long as it is the same file. */
struct known_about {
	char *path;
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified, changed;
	struct plugin_about about;
};

struct plugins {
	pthread_mutex_t lock; /* of everything below; never held while a plugin runs */
	struct plugin_table *table;
	struct known_about abouts[ABOUTS];
	size_t next; /* the one that goes next */
};

struct plugins *
plugins_new(void)
{
	NOTAR_AUTO(plugins) *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	(void)pthread_mutex_init(&p->lock, NULL);
	p->table = plugin_table_new();
	return p->table == NULL ? NULL : NOTAR_TAKE(p);
}

void
plugins_free(struct plugins *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < ABOUTS; i++)
		free(p->abouts[i].path);
	plugin_table_free(p->table);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

static enum notar_code
look_up(void *context, const uint8_t key[PLUGIN_KEY_BYTES], struct plugin_answer *out)
{
	struct plugins *p = context;

	(void)pthread_mutex_lock(&p->lock);
	(void)plugin_table_get(p->table, key, clock_monotonic_ms(), out);
	(void)pthread_mutex_unlock(&p->lock);
	return NOTAR_OK;
}

struct plugin_book
plugins_book(struct plugins *p)
{
	const struct plugin_book book = { p == NULL ? NULL : look_up, p };

	return book;
}

static void
keep(struct plugins *p, const uint8_t key[PLUGIN_KEY_BYTES], const struct plugin_answer *answer)
{
	(void)pthread_mutex_lock(&p->lock);
	plugin_table_put(p->table, key, answer, clock_monotonic_ms());
	(void)pthread_mutex_unlock(&p->lock);
}

/* --- what a program is --- */

static bool
is_same_file(const struct known_about *a, const char *path, const struct stat *st)
{
	return a->path != NULL && strcmp(a->path, path) == 0 && a->device == st->st_dev &&
	       a->inode == st->st_ino && a->size == st->st_size &&
	       a->modified.tv_sec == st->st_mtim.tv_sec &&
	       a->modified.tv_nsec == st->st_mtim.tv_nsec &&
	       a->changed.tv_sec == st->st_ctim.tv_sec && a->changed.tv_nsec == st->st_ctim.tv_nsec;
}

static bool
recall_about(struct plugins *p, const char *path, const struct stat *st, struct plugin_about *out)
{
	bool found = false;

	(void)pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < ABOUTS && !found; i++) {
		found = is_same_file(&p->abouts[i], path, st);
		if (found)
			*out = p->abouts[i].about;
	}
	(void)pthread_mutex_unlock(&p->lock);
	return found;
}

static void
keep_about(struct plugins *p, const char *path, const struct stat *st,
	   const struct plugin_about *about)
{
	char *copy = strdup(path);

	(void)pthread_mutex_lock(&p->lock);
	struct known_about *to = &p->abouts[p->next++ % ABOUTS];

	free(to->path);
	*to = (struct known_about){ copy,        st->st_dev,  st->st_ino, st->st_size,
				    st->st_mtim, st->st_ctim, *about };
	(void)pthread_mutex_unlock(&p->lock);
}

/* One run; what the plugin says when it fails is the error. */
static enum notar_code
run(const char *path, const char *command, const struct buf *request, int64_t deadline_ms,
    struct plugin_said *said, struct notar_error *err)
{
	int64_t left_ms = clock_left_ms(deadline_ms);

	NOTAR_TRY(buf_finish(request, "request to a plugin", err));
	NOTAR_TRY(plugin_run(path, command, buf_span(request),
			     left_ms < LIMIT_PLUGIN_VERIFY_MS ? left_ms : LIMIT_PLUGIN_VERIFY_MS,
			     said, err));
	return said->status == 0 ? NOTAR_OK :
				   plugin_fail(buf_span(&said->errors), said->status, err);
}

static enum notar_code
find_out_about(struct plugins *p, const char *path, struct span plugin, int64_t deadline_ms,
	       struct plugin_about *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(plugin_said) said = { 0 };
	NOTAR_AUTO_OF(buf) request = { 0 };
	struct stat st;

	if (stat(path, &st) != 0)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "it is gone");
	if (recall_about(p, path, &st, out))
		return NOTAR_OK;
	buf_append_str(&request, "{}");
	NOTAR_TRY(run(path, "get-plugin-metadata", &request, deadline_ms, &said, err));
	NOTAR_TRY(plugin_read_about(buf_span(&said.output), plugin, out, err));
	keep_about(p, path, &st, out);
	return NOTAR_OK;
}

/* --- what it says of a signature --- */

static enum notar_code
verify(const char *path, const struct plugin_job *job, unsigned checks, int64_t deadline_ms,
       struct plugin_answer *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(plugin_said) said = { 0 };
	NOTAR_AUTO_OF(buf) request = { 0 };

	/* Nothing to be asked is nothing processed. */
	if (checks == 0) {
		*out = (struct plugin_answer){ .known = true,
					       .all_processed = job->attributes.len == 0 };
		return NOTAR_OK;
	}
	plugin_write_request(buf_span(&job->signature), buf_span(&job->identities), checks,
			     &request);
	NOTAR_TRY(run(path, "verify-signature", &request, deadline_ms, &said, err));
	return plugin_read_verdict(buf_span(&said.output), checks, buf_span(&job->attributes), out,
				   err);
}

static enum notar_code
put(struct plugins *p, const struct plugin_job *job, int64_t deadline_ms, struct plugin_answer *out,
    struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) path = { 0 };
	struct plugin_about about;

	NOTAR_TRY(plugin_find(buf_span(&job->plugin), &path, err));
	const char *text = buf_cstr(&path);

	if (text == NULL)
		return buf_finish(&path, "path", err);
	NOTAR_TRY(find_out_about(p, text, buf_span(&job->plugin), deadline_ms, &about, err));
	NOTAR_TRY(plugin_check_about(&about, buf_span(&job->min_version), err));
	return verify(text, job, about.capabilities & job->checks, deadline_ms, out, err);
}

/* True: there is an answer, or a failure, that was not known to whoever collected the job. */
static bool
settle(struct plugins *p, const struct plugin_job *job, int64_t deadline_ms)
{
	struct plugin_answer answer = { 0 };
	struct notar_error err = { 0 };

	/* Another thread may have been quicker, and the same signature be there twice. */
	(void)look_up(p, job->key, &answer);
	if (answer.known || answer.failed)
		return true;
	if (clock_left_ms(deadline_ms) <= 0)
		return false;
	if (put(p, job, deadline_ms, &answer, &err) != NOTAR_OK) {
		answer = (struct plugin_answer){ .failed = true };
		plugin_message_set(answer.message, span_str(err.msg));
	}
	keep(p, job->key, &answer);
	return true;
}

bool
plugins_run(struct plugins *p, const struct plugin_jobs *jobs, int64_t deadline_ms)
{
	bool news = false;

	for (size_t i = 0; p != NULL && i < jobs->count; i++)
		news = settle(p, &jobs->jobs[i], deadline_ms) || news;
	return news;
}

void
plugins_judge(struct plugins *p, struct revocations *revocations, struct question *question,
	      const struct evidence *evidence, struct trust_answer *answer)
{
	for (int round = 0; round < PLUGIN_ROUNDS; round++) {
		NOTAR_AUTO_OF(plugin_jobs) jobs = { 0 };

		revocations_judge(revocations, question, evidence, answer);
		plugin_jobs_collect(&jobs, question, evidence);
		if (!plugins_run(p, &jobs, revocations->options.deadline_ms))
			return;
	}
}
