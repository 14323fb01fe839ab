/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/proofs.h"

#include "pki/sct.h"
#include "pki/timestamp_authority.h"

void
proofs_release(struct proofs *proofs)
{
	buf_release(&proofs->paths);
	buf_release(&proofs->logs);
	buf_release(&proofs->scts);
	buf_release(&proofs->times);
	buf_release(&proofs->extensions);
}

static enum notar_code
check_entries(const struct proof_material *material, const struct log_claim *claim,
	      const struct trusted_roots *roots, struct proofs *out, struct notar_error *err)
{
	for (size_t i = 0; i < material->entry_count; i++) {
		struct log_seen seen = { 0 };

		if (log_entry_verify(&material->entries[i], claim, material->wants_proof, roots,
				     &seen, err) != NOTAR_OK)
			return notar_context(err, "log entry %zu", i);
		if (seen.log == NULL)
			continue; /* no log that anybody knows */
		const struct fact_log log = { seen.log->identity, seen.is_tiled, seen.time_s };

		fact_log_append(&out->logs, &log);
	}
	return NOTAR_OK;
}

static bool
has_time(const struct proofs *proofs, const uint8_t identity[FACT_ID_BYTES])
{
	struct span rest = buf_span(&proofs->times), id;
	enum fact_time_source source;
	int64_t time_s;

	while (fact_time_next(&rest, &source, &id, &time_s))
		if (memcmp(id.ptr, identity, FACT_ID_BYTES) == 0)
			return true;
	return false;
}

/* A timestamp of nobody that is known says nothing; an authority's first one is its word. */
static void
check_timestamp(struct span stamp, const struct log_claim *claim, const struct trusted_root *root,
		struct proofs *out)
{
	for (size_t i = 0; i < root->tsa_count; i++) {
		const struct root_authority *tsa = &root->tsas[i];
		struct notar_error err;
		int64_t time_ms;

		if (!has_time(out, tsa->identity) &&
		    timestamp_by(stamp, claim->signature, tsa, &time_ms, &err) == NOTAR_OK)
			fact_time_append(&out->times, FACT_TIME_TSA, tsa->identity, time_ms / 1000);
	}
}

/* Every path to an authority; *issuer is the leaf's, the same key whichever path is taken. */
static void
find_paths(const struct cert *leaf, const struct trusted_root *root, const struct cert **issuer,
	   struct proofs *out)
{
	for (size_t i = 0; i < root->ca_count; i++) {
		struct fulcio_path found;
		struct notar_error err;

		if (fulcio_path_find(leaf, &root->cas[i], &found, &err) != NOTAR_OK)
			continue;
		const struct fact_path path = { root->cas[i].identity, found.from_s, found.to_s };

		fact_path_append(&out->paths, &path);
		*issuer = found.issuer;
	}
}

static enum notar_code
check_certificate(const struct cert *leaf, const struct trusted_roots *roots, struct proofs *out,
		  struct notar_error *err)
{
	const struct cert *issuer = NULL;
	struct sct_found scts[SCT_MAX];
	size_t count = 0;

	for (size_t i = 0; i < roots->count; i++)
		find_paths(leaf, roots->roots[i], &issuer, out);
	if (issuer == NULL)
		return NOTAR_OK;
	NOTAR_TRY(fulcio_leaf_check(leaf, err));
	NOTAR_TRY(fulcio_identity_read(leaf, &out->identity, err));
	for (size_t n = 0; n < FULCIO_EXTENSIONS; n++)
		if (out->identity.extensions[n].len > 0)
			fact_extension_append(&out->extensions, n, out->identity.extensions[n]);
	NOTAR_TRY(sct_verify(leaf, issuer, roots, scts, &count, err));
	for (size_t i = 0; i < count; i++)
		fact_sct_append(&out->scts, scts[i].log->identity, scts[i].time_ms);
	return NOTAR_OK;
}

static enum notar_code
finish(const struct proofs *proofs, struct notar_error *err)
{
	NOTAR_TRY(buf_finish(&proofs->paths, "paths", err));
	NOTAR_TRY(buf_finish(&proofs->logs, "logs", err));
	NOTAR_TRY(buf_finish(&proofs->scts, "certificate timestamps", err));
	NOTAR_TRY(buf_finish(&proofs->times, "timestamps", err));
	return buf_finish(&proofs->extensions, "extensions", err);
}

enum notar_code
proofs_check(const struct proof_material *material, const struct log_claim *claim,
	     const struct trusted_roots *roots, struct proofs *out, struct notar_error *err)
{
	if (roots->count == 0)
		return NOTAR_OK;
	/* The log before times: a promise is one only of an entry that holds (CVE-2026-48816). */
	NOTAR_TRY(check_entries(material, claim, roots, out, err));
	for (size_t i = 0; i < material->timestamp_count; i++)
		for (size_t k = 0; k < roots->count; k++)
			check_timestamp(buf_span(&material->timestamps[i]), claim, roots->roots[k],
					out);
	if (material->certificate != NULL)
		NOTAR_TRY(check_certificate(material->certificate, roots, out, err));
	return finish(out, err);
}

void
proofs_fill(const struct proofs *proofs, struct fact *fact)
{
	fact->paths = buf_span(&proofs->paths);
	fact->logs = buf_span(&proofs->logs);
	fact->scts = buf_span(&proofs->scts);
	fact->times = buf_span(&proofs->times);
	fact->extensions = buf_span(&proofs->extensions);
	fact->issuer = proofs->identity.issuer;
	fact->san = proofs->identity.san;
}
