/* SPDX-License-Identifier: Apache-2.0 */
#include "base/codec.h"
#include "base/json.h"
#include "signer/audit_files.h"

/* `notar audit verify FILE...`: is every record there, as it was written, in its place? */

struct noted {
	uint64_t seq; /* 0 when none was noted */
	bool has_hash;
	uint8_t hash[SHA256_BYTES];
};

struct check {
	struct noted noted;
	bool hash_met; /* the record of noted.seq has the noted hash */
	struct audit_chain chain;
	/* What is wrong, when broken. line is 0 when it is nothing of one line. */
	bool broken;
	const char *file;
	uint64_t line;
	struct notar_error why;
};

static enum notar_code
read_noted(const struct options *options, struct noted *out, struct notar_error *err)
{
	const char *hex = options->last_hash;

	if (options->image != NULL || options->verdict != NULL || options->reason != NULL ||
	    options->since != NULL || options->until != NULL || options->limit != NULL)
		return notar_fail(err, NOTAR_E_USAGE,
				  "audit verify: every record is checked; filters are for show");
	NOTAR_TRY(audit_number("expect-seq", options->expect_seq, INT64_MAX, 0, &out->seq, err));
	if (hex == NULL)
		return NOTAR_OK;
	if (hex_decode(span_str(hex), out->hash, SHA256_BYTES, "hash", err) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_USAGE,
				  "--last-hash: not 64 lower-case hexadecimal digits: %.70s", hex);
	out->has_hash = true;
	return NOTAR_OK;
}

static enum notar_code
check_line(struct check *c, struct span line)
{
	NOTAR_AUTO_OF(audit_record) record = { 0 };

	NOTAR_TRY(audit_decode(line, &record, &c->why));
	NOTAR_TRY(audit_chain_add(&c->chain, &record, &c->why));
	if (c->noted.has_hash && record.seq == c->noted.seq)
		c->hash_met = memcmp(record.hash, c->noted.hash, SHA256_BYTES) == 0;
	return NOTAR_OK;
}

/* NOTAR_OK also when the chain is broken; *c says so. */
static enum notar_code
check_file(struct check *c, const char *path, struct notar_error *err)
{
	NOTAR_AUTO(audit_lines) *lines = NULL;
	struct span line = { 0 };
	enum notar_code code;

	NOTAR_TRY(audit_lines_open(path, &lines, err));
	do {
		code = audit_lines_next(lines, &line, &c->why);
		if (code == NOTAR_OK && line.ptr != NULL)
			code = check_line(c, line);
	} while (code == NOTAR_OK && line.ptr != NULL);
	if (code == NOTAR_E_IO || code == NOTAR_E_NOMEM) {
		*err = c->why;
		return notar_context(err, "%s", path);
	}
	c->broken = code != NOTAR_OK;
	c->file = path;
	c->line = audit_lines_number(lines);
	return NOTAR_OK;
}

/* A log that was cut at a record's end is a good chain: only who noted its end can tell. */
static enum notar_code
check_noted(struct check *c)
{
	const struct audit_chain *chain = &c->chain;
	const struct noted *noted = &c->noted;

	if (chain->seq < noted->seq)
		return notar_fail(&c->why, NOTAR_E_FORMAT,
				  "it ends with record %llu, but there was a record %llu",
				  (unsigned long long)chain->seq, (unsigned long long)noted->seq);
	if (!noted->has_hash)
		return NOTAR_OK;
	if (noted->seq == 0 &&
	    (chain->count == 0 || memcmp(chain->hash, noted->hash, SHA256_BYTES) != 0))
		return notar_fail(&c->why, NOTAR_E_FORMAT,
				  "the last record does not have the noted hash");
	if (noted->seq != 0 && noted->seq < chain->first_seq)
		return notar_fail(&c->why, NOTAR_E_FORMAT, "it starts behind record %llu",
				  (unsigned long long)noted->seq);
	if (noted->seq != 0 && !c->hash_met)
		return notar_fail(&c->why, NOTAR_E_FORMAT,
				  "record %llu does not have the noted hash",
				  (unsigned long long)noted->seq);
	return NOTAR_OK;
}

static void
put_chain_json(struct buf *out, const struct audit_chain *chain)
{
	char time[AUDIT_TIME_BYTES], hex[AUDIT_HEX_BYTES + 1];

	json_pair_int(out, "records", (int64_t)chain->count);
	if (chain->count == 0)
		return;
	json_pair_int(out, "firstSeq", (int64_t)chain->first_seq);
	json_pair_int(out, "lastSeq", (int64_t)chain->seq);
	json_pair_str(out, "firstTime", audit_format_time(chain->first_ms, time));
	json_pair_str(out, "lastTime", audit_format_time(chain->last_ms, time));
	json_pair_str(out, "firstPrev", hex_encode(span_of(chain->first_prev, SHA256_BYTES), hex));
	json_pair_str(out, "lastHash", hex_encode(span_of(chain->hash, SHA256_BYTES), hex));
}

static void
put_json(struct buf *out, const struct check *c)
{
	json_begin_object(out);
	json_pair_bool(out, "ok", !c->broken);
	if (c->broken) {
		json_pair_str(out, "file", c->file);
		if (c->line != 0)
			json_pair_int(out, "line", (int64_t)c->line);
		json_pair_str(out, "wrong", c->why.msg);
	}
	put_chain_json(out, &c->chain);
	json_end_object(out);
	buf_append_str(out, "\n");
}

static void
put_text(struct buf *out, const struct check *c)
{
	const struct audit_chain *chain = &c->chain;
	char from[AUDIT_TIME_BYTES], to[AUDIT_TIME_BYTES], hex[AUDIT_HEX_BYTES + 1];

	if (c->broken && c->line != 0)
		buf_printf(out, "broken: %s:%llu: %s\n", c->file, (unsigned long long)c->line,
			   c->why.msg);
	else if (c->broken)
		buf_printf(out, "broken: %s: %s\n", c->file, c->why.msg);
	if (chain->count == 0) {
		buf_append_str(out, c->broken ? "" : "ok: no record\n");
		return;
	}
	buf_printf(out, "%s: %llu records, %llu to %llu\n", c->broken ? "good before that" : "ok",
		   (unsigned long long)chain->count, (unsigned long long)chain->first_seq,
		   (unsigned long long)chain->seq);
	buf_printf(out, "from %s to %s\n", audit_format_time(chain->first_ms, from),
		   audit_format_time(chain->last_ms, to));
	if (chain->first_seq > 1)
		buf_printf(out, "chained to %s, which is not among these files\n",
			   hex_encode(span_of(chain->first_prev, SHA256_BYTES), hex));
	buf_printf(out, "last hash %s\n", hex_encode(span_of(chain->hash, SHA256_BYTES), hex));
}

int
audit_verify(const struct options *options, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) out = { 0 };
	struct audit_files files;
	struct check check = { 0 };

	if (read_noted(options, &check.noted, err) != NOTAR_OK ||
	    audit_files_from(options, &files, err) != NOTAR_OK)
		return -1;
	for (size_t i = 0; i < files.count && !check.broken; i++)
		if (check_file(&check, files.files[i].path, err) != NOTAR_OK)
			return -1;
	if (!check.broken && check_noted(&check) != NOTAR_OK) {
		check.broken = true;
		check.line = 0;
	}
	if (options->json)
		put_json(&out, &check);
	else
		put_text(&out, &check);
	if (!options->quiet && output_flush(&out, err) != 0)
		return -1;
	return check.broken ? 1 : 0;
}
