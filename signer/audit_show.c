/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "signer/audit_files.h"

/* `notar audit show FILE...`: the records that fit, oldest first. */

#define FLUSH_BYTES (256U << 10)
#define LIMIT_MOST 10000

struct show {
	const struct options *options;
	int64_t since_s, until_s;
	struct audit_chain chain;
	/* With --limit: the last of them, as a ring of lines; next is where the oldest is. */
	struct buf *ring;
	size_t limit, next;
	struct buf out;
};

static enum notar_code
read_time(const char *option, const char *text, int64_t fallback, int64_t *out,
	  struct notar_error *err)
{
	*out = fallback;
	if (text == NULL || clock_parse_rfc3339(span_str(text), out, err) == NOTAR_OK)
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_USAGE, "--%s: not a time like 2026-01-31T00:00:00Z: %.40s",
			  option, text);
}

static bool
is_value(const struct audit_record *record, const char *name, const char *want)
{
	return want == NULL || span_is(audit_record_text(record, name), want);
}

static bool
fits(const struct show *s, const struct audit_record *r)
{
	const char *image = s->options->image;
	struct span text = audit_record_text(r, "image");

	if (image != NULL &&
	    (text.len == 0 || memmem(text.ptr, text.len, image, strlen(image)) == NULL))
		return false;
	return is_value(r, "verdict", s->options->verdict) &&
	       is_value(r, "reason", s->options->reason) && r->time_ms / 1000 >= s->since_s &&
	       r->time_ms / 1000 < s->until_s;
}

/* As it is when a terminal shows all of it as one word; else in quotes, with what a terminal would
 * obey written as its number. */
static void
put_word(struct buf *out, struct span text)
{
	bool plain = text.len > 0;

	for (size_t i = 0; i < text.len; i++)
		plain = plain && text.ptr[i] > ' ' && text.ptr[i] < 0x7f && text.ptr[i] != '"' &&
			text.ptr[i] != '\\';
	if (plain) {
		buf_append_span(out, text);
		return;
	}
	buf_append_byte(out, '"');
	while (text.len > 0) {
		uint32_t code = 0;
		size_t n = utf8_next(text, &code);

		n = n == 0 ? 1 : n;
		if (!utf8_is_shown(code))
			buf_printf(out, "\\u%04x", (unsigned)code);
		else if (code == '"' || code == '\\')
			buf_printf(out, "\\%c", (int)code);
		else
			buf_append(out, text.ptr, n);
		text = span_from(text, n);
	}
	buf_append_byte(out, '"');
}

/* The first columns of a decision have no names. */
static void
put_text(struct buf *out, const struct audit_record *r)
{
	static const char *const columns[] = { "verdict", "reason", "image" };

	buf_printf(out, "%llu %.*s ", (unsigned long long)r->seq, (int)r->time.len,
		   (const char *)r->time.ptr);
	buf_append_span(out, r->event);
	bool decision = span_is(r->event, "decision");

	for (size_t i = 0; decision && i < NOTAR_COUNT(columns); i++) {
		struct span value = audit_record_text(r, columns[i]);

		buf_append_byte(out, ' ');
		put_word(out, value.ptr == NULL ? span_str("-") : value);
	}
	for (size_t i = 0; i < r->count; i++) {
		const struct audit_field *f = &r->fields[i];
		bool shown = false;

		for (size_t k = 0; decision && f->kind == AUDIT_SPAN && k < NOTAR_COUNT(columns);
		     k++)
			shown = shown || strcmp(f->name, columns[k]) == 0;
		if (shown)
			continue;
		buf_printf(out, " %s=", f->name);
		if (f->kind == AUDIT_INT)
			buf_printf(out, "%lld", (long long)f->number);
		else
			put_word(out, f->span);
	}
	buf_append_byte(out, '\n');
}

static void
show_record(struct show *s, const struct audit_record *record, struct span line)
{
	struct buf *to = &s->out;

	if (s->limit > 0) {
		to = &s->ring[s->next];
		s->next = (s->next + 1) % s->limit;
		buf_clear(to);
	}
	if (!s->options->json) {
		put_text(to, record);
		return;
	}
	buf_append_span(to, line);
	buf_append_byte(to, '\n');
}

static void
warn(const struct show *s, const char *path, uint64_t line, const struct notar_error *why)
{
	if (!s->options->quiet)
		fprintf(stderr, "notar: warning: %s:%llu: %s\n", path, (unsigned long long)line,
			why->msg);
}

/* A line that is no record is warned about and passed over; so the chain goes on behind it. */
static void
take_line(struct show *s, struct span line, const char *path, uint64_t number)
{
	NOTAR_AUTO_OF(audit_record) record = { 0 };
	struct notar_error why = { 0 };

	if (audit_decode(line, &record, &why) != NOTAR_OK) {
		warn(s, path, number, &why);
		return;
	}
	if (audit_chain_add(&s->chain, &record, &why) != NOTAR_OK) {
		warn(s, path, number, &why);
		s->chain = (struct audit_chain){ 0 };
		(void)!audit_chain_add(&s->chain, &record, NULL);
	}
	if (fits(s, &record))
		show_record(s, &record, line);
}

static enum notar_code
show_file(struct show *s, const char *path, struct notar_error *err)
{
	NOTAR_AUTO(audit_lines) *lines = NULL;
	struct span line = { 0 };
	struct notar_error why = { 0 };
	enum notar_code code;

	NOTAR_TRY(audit_lines_open(path, &lines, err));
	do {
		code = audit_lines_next(lines, &line, &why);
		if (code == NOTAR_E_IO) {
			*err = why;
			return notar_context(err, "%s", path);
		}
		if (code != NOTAR_OK)
			warn(s, path, audit_lines_number(lines), &why);
		else if (line.ptr != NULL)
			take_line(s, line, path, audit_lines_number(lines));
		if (s->out.len >= FLUSH_BYTES) {
			if (output_flush(&s->out, err) != 0)
				return err->code;
			buf_clear(&s->out);
		}
	} while (code != NOTAR_OK || line.ptr != NULL);
	return NOTAR_OK;
}

static enum notar_code
flush_ring(struct show *s, struct notar_error *err)
{
	for (size_t i = 0; i < s->limit; i++) {
		const struct buf *line = &s->ring[(s->next + i) % s->limit];

		NOTAR_TRY(buf_finish(line, "output", err));
		buf_append_span(&s->out, buf_span(line));
	}
	return NOTAR_OK;
}

static enum notar_code
run(struct show *s, struct notar_error *err)
{
	const struct options *o = s->options;
	struct audit_files files;
	uint64_t limit;

	if (o->last_hash != NULL || o->expect_seq != NULL)
		return notar_fail(err, NOTAR_E_USAGE,
				  "audit show: --last-hash and --expect-seq are for verify");
	NOTAR_TRY(read_time("since", o->since, INT64_MIN, &s->since_s, err));
	NOTAR_TRY(read_time("until", o->until, INT64_MAX, &s->until_s, err));
	NOTAR_TRY(audit_number("limit", o->limit, LIMIT_MOST, 0, &limit, err));
	NOTAR_TRY(audit_files_from(o, &files, err));
	if (limit > 0 && (s->ring = calloc(limit, sizeof(*s->ring))) == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for records");
	s->limit = limit;
	for (size_t i = 0; i < files.count; i++)
		NOTAR_TRY(show_file(s, files.files[i].path, err));
	NOTAR_TRY(flush_ring(s, err));
	return output_flush(&s->out, err) == 0 ? NOTAR_OK : err->code;
}

int
audit_show(const struct options *options, struct notar_error *err)
{
	struct show show = { .options = options };
	enum notar_code code = run(&show, err);

	for (size_t i = 0; i < show.limit; i++)
		buf_release(&show.ring[i]);
	free(show.ring);
	buf_release(&show.out);
	return code == NOTAR_OK ? 0 : -1;
}
