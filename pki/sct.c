/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/sct.h"

#include "base/digest.h"
#include "keys/der.h"

/* RFC 6962 sections 3.2 and 3.3; RFC 5246 sections 7.4.1.4.1 and 4.7. */
#define VERSION_1 0
#define CERTIFICATE_TIMESTAMP 0
#define PRECERT_ENTRY 1
#define HASH_SHA256 4
#define SIGNATURE_RSA 1
#define SIGNATURE_ECDSA 3

struct sct {
	struct span log_id;
	uint64_t time_ms;
	struct span extensions; /* signed, and not looked into */
	uint64_t hash, algorithm;
	struct span signature;
};

static struct span
take_vector(struct reader *r)
{
	return reader_take(r, (size_t)reader_be(r, 2));
}

static enum notar_code
read_sct(struct span bytes, struct sct *out, struct notar_error *err)
{
	struct reader r = { .rest = bytes };
	uint64_t version = reader_be(&r, 1);

	out->log_id = reader_take(&r, FACT_ID_BYTES);
	out->time_ms = reader_be(&r, 8);
	out->extensions = take_vector(&r);
	out->hash = reader_be(&r, 1);
	out->algorithm = reader_be(&r, 1);
	out->signature = take_vector(&r);
	NOTAR_TRY(reader_finish(&r, "an SCT", err));
	if (version != VERSION_1)
		return notar_fail(err, NOTAR_E_FORMAT, "an SCT of a version that is not known");
	if (out->time_ms > INT64_MAX)
		return notar_fail(err, NOTAR_E_FORMAT, "an SCT's time is none");
	return NOTAR_OK;
}

static enum notar_code
read_list(struct span list, struct sct out[SCT_MAX], size_t *count, struct notar_error *err)
{
	struct reader r = { .rest = list };
	struct reader all = { .rest = take_vector(&r) };

	NOTAR_TRY(reader_finish(&r, "SCTs", err));
	if (all.rest.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "SCTs: none in the list");
	for (*count = 0; all.rest.len > 0; (*count)++) {
		struct span one = take_vector(&all);

		if (all.failed)
			return reader_finish(&all, "SCTs", err);
		if (*count == SCT_MAX)
			return notar_fail(err, NOTAR_E_LIMIT, "over %d SCTs", SCT_MAX);
		NOTAR_TRY(read_sct(one, &out[*count], err));
	}
	return NOTAR_OK;
}

/* digitally-signed of RFC 6962 section 3.2. */
static enum notar_code
digest_signed(const struct sct *sct, const struct cert *issuer, struct span tbs,
	      struct notar_digest *out, struct notar_error *err)
{
	struct notar_digest by = digest_of(NOTAR_SHA256, issuer->spki);
	NOTAR_AUTO_OF(buf) b = { 0 };

	buf_append_byte(&b, VERSION_1);
	buf_append_byte(&b, CERTIFICATE_TIMESTAMP);
	buf_append_be(&b, sct->time_ms, 8);
	buf_append_be(&b, PRECERT_ENTRY, 2);
	buf_append(&b, by.bytes, FACT_ID_BYTES);
	buf_append_be(&b, tbs.len, 3);
	buf_append_span(&b, tbs);
	buf_append_be(&b, sct->extensions.len, 2);
	buf_append_span(&b, sct->extensions);
	NOTAR_TRY(buf_finish(&b, "what an SCT signs", err));
	*out = digest_of(NOTAR_SHA256, buf_span(&b));
	return NOTAR_OK;
}

/* The key says what the signature must be; the SCT has to say the same. RFC 6962 section 2.1.4 has
 * these two kinds of key. */
static bool
is_made_for(const struct sct *sct, const struct key *key)
{
	enum key_kind kind = key_kind_of(key);

	return sct->hash == HASH_SHA256 &&
	       ((kind == KEY_P256 && sct->algorithm == SIGNATURE_ECDSA) ||
		(kind == KEY_RSA && sct->algorithm == SIGNATURE_RSA));
}

struct finds {
	struct sct_found *found;
	size_t count;
};

/* However often a root lists a log and a list has its SCTs, it counts once (CVE-2026-49834). That
 * more logs than SCT_MAX are found takes several roots; those behind do not count. */
static void
add(struct finds *finds, const struct root_log *log, int64_t time_ms)
{
	for (size_t i = 0; i < finds->count; i++)
		if (memcmp(finds->found[i].log->identity, log->identity, FACT_ID_BYTES) == 0)
			return;
	if (finds->count < SCT_MAX)
		finds->found[finds->count++] = (struct sct_found){ log, time_ms };
}

/* A root counts a log's id once, under whatever addresses it may list it. */
static bool
ask_root(const struct trusted_root *root, const struct sct *sct, const struct notar_digest *digest,
	 struct finds *finds, bool *is_known)
{
	struct notar_error err;

	for (size_t i = 0; i < root->ct_log_count; i++) {
		const struct root_log *log = &root->ct_logs[i];

		if (!span_equal(sct->log_id, span_of(log->id, sizeof(log->id))))
			continue;
		*is_known = true;
		if (!is_made_for(sct, log->key) ||
		    key_verify_digest(log->key, digest, sct->signature, &err) != NOTAR_OK)
			continue;
		add(finds, log, (int64_t)sct->time_ms);
		return true;
	}
	return false;
}

/* One root must not be able to spoil what holds under another: one of them has to hold. */
static enum notar_code
ask_roots(const struct trusted_roots *roots, const struct sct *sct,
	  const struct notar_digest *digest, struct finds *finds, struct notar_error *err)
{
	bool is_known = false, holds = false;

	for (size_t i = 0; i < roots->count; i++)
		if (ask_root(roots->roots[i], sct, digest, finds, &is_known))
			holds = true;
	if (is_known && !holds)
		return notar_fail(err, NOTAR_E_SIGNATURE,
				  "an SCT's signature is not by the key of the log that it names");
	return NOTAR_OK;
}

enum notar_code
sct_verify(const struct cert *leaf, const struct cert *issuer, const struct trusted_roots *roots,
	   struct sct_found found[SCT_MAX], size_t *count, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) tbs = { 0 };
	struct span list;
	struct sct scts[SCT_MAX];
	size_t sct_count = 0;
	struct finds finds = { .found = found };

	NOTAR_TRY(sct_precertificate(leaf, &tbs, &list, err));
	if (list.len > 0)
		NOTAR_TRY(read_list(list, scts, &sct_count, err));
	for (size_t i = 0; i < sct_count; i++) {
		struct notar_digest digest;

		NOTAR_TRY(digest_signed(&scts[i], issuer, buf_span(&tbs), &digest, err));
		NOTAR_TRY(ask_roots(roots, &scts[i], &digest, &finds, err));
	}
	*count = finds.count;
	return NOTAR_OK;
}
