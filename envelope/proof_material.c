/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/proof_material.h"

#include <stdlib.h>

#include "base/codec.h"
#include "base/json_proto.h"
#include "base/limits.h"

void
proof_material_release(struct proof_material *material)
{
	cert_free(material->certificate);
	for (size_t i = 0; i < material->entry_count; i++)
		log_entry_release(&material->entries[i]);
	for (size_t i = 0; i < material->timestamp_count; i++)
		buf_release(&material->timestamps[i]);
	free(material->entries);
	free(material->timestamps);
	*material = (struct proof_material){ 0 };
}

static enum notar_code
no_memory(struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_NOMEM, "no memory for what vouches for a signature");
}

/* Counts a list that may be absent; over max is NOTAR_E_LIMIT (CVE-2024-45395). */
static enum notar_code
count_list(const struct json *object, const char *name, size_t max, struct json *list,
	   size_t *count, struct notar_error *err)
{
	*count = 0;
	NOTAR_TRY(json_proto_optional(object, name, list, err));
	return list->value == NULL ? NOTAR_OK : json_as_array(list, max, count, err);
}

static enum notar_code
read_certificate(const struct json *at, struct cert **out, struct notar_error *err)
{
	static const char *const names[] = { "rawBytes" };
	NOTAR_AUTO_OF(buf) der = { .cap = LIMIT_CERTIFICATE_BYTES };
	struct json raw;
	struct span text;

	NOTAR_TRY(json_proto_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_proto_member(at, names[0], &raw, err));
	NOTAR_TRY(json_as_string(&raw, &text, err));
	NOTAR_TRY(base64_decode_lenient(text, &der, raw.path, err));
	if (cert_parse(buf_span(&der), out, err) != NOTAR_OK)
		return notar_context(err, "%s", at->path);
	return NOTAR_OK;
}

/* The first is the leaf. The others are not used, but may not be what must not be there: who brings
 * a root along wants it to be believed. */
static enum notar_code
read_chain(const struct json *at, struct proof_material *out, struct notar_error *err)
{
	static const char *const names[] = { "certificates" };
	struct json list;
	size_t count;

	NOTAR_TRY(json_proto_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(count_list(at, names[0], LIMIT_CHAIN_CERTIFICATES, &list, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: no certificates", at->path);
	for (size_t i = 0; i < count; i++) {
		NOTAR_AUTO(cert) *cert = NULL;
		struct json one = json_item(&list, i);

		NOTAR_TRY(read_certificate(&one, &cert, err));
		if (cert->is_self_signed)
			return notar_fail(err, NOTAR_E_FORMAT, "%s: a root certificate in a bundle",
					  one.path);
		if (i == 0)
			out->certificate = NOTAR_TAKE(cert);
	}
	return NOTAR_OK;
}

static enum notar_code
read_certificates(const struct json *at, enum bundle_version version, struct proof_material *out,
		  struct notar_error *err)
{
	struct json one, chain;

	NOTAR_TRY(json_proto_optional(at, "certificate", &one, err));
	NOTAR_TRY(json_proto_optional(at, "x509CertificateChain", &chain, err));
	if (chain.value != NULL && version >= BUNDLE_V03)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not in this version of bundles",
				  chain.path);
	if (chain.value != NULL)
		return read_chain(&chain, out, err);
	if (one.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(read_certificate(&one, &out->certificate, err));
	return out->certificate->is_self_signed ?
		       notar_fail(err, NOTAR_E_FORMAT, "%s: a root certificate", one.path) :
		       NOTAR_OK;
}

/* Section 2.2: 0.1 needs the log's promise, later versions its proof. */
static enum notar_code
check_entry(const struct log_entry *entry, bool wants_proof, const char *path,
	    struct notar_error *err)
{
	if (wants_proof && !entry->has_proof)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: no inclusion proof", path);
	if (!wants_proof && !entry->has_promise)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: no inclusion promise", path);
	return NOTAR_OK;
}

static bool
is_repeated(const struct proof_material *material, const struct log_entry *entry)
{
	for (size_t i = 0; i < material->entry_count; i++)
		if (material->entries[i].index == entry->index &&
		    memcmp(material->entries[i].log_id, entry->log_id, FACT_ID_BYTES) == 0)
			return true;
	return false;
}

static enum notar_code
read_entries(const struct json *at, struct proof_material *out, struct notar_error *err)
{
	struct json list;
	size_t count;

	NOTAR_TRY(count_list(at, "tlogEntries", LIMIT_BUNDLE_TLOG_ENTRIES, &list, &count, err));
	if (count == 0)
		return NOTAR_OK;
	out->entries = calloc(count, sizeof(*out->entries));
	if (out->entries == NULL)
		return no_memory(err);
	for (size_t i = 0; i < count; i++) {
		NOTAR_AUTO_OF(log_entry) entry = { 0 };
		struct json one = json_item(&list, i);

		NOTAR_TRY(log_entry_read(&one, &entry, err));
		NOTAR_TRY(check_entry(&entry, out->wants_proof, one.path, err));
		if (is_repeated(out, &entry))
			return notar_fail(err, NOTAR_E_FORMAT, "%s: the same entry twice",
					  one.path);
		out->entries[out->entry_count++] = entry;
		entry = (struct log_entry){ 0 };
	}
	return NOTAR_OK;
}

static enum notar_code
add_timestamp(struct span text, const char *path, struct proof_material *out,
	      struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) raw = { .cap = LIMIT_BUNDLE_TIMESTAMP_BYTES };

	NOTAR_TRY(base64_decode_lenient(text, &raw, path, err));
	out->timestamps[out->timestamp_count++] = raw;
	raw = (struct buf){ 0 };
	return NOTAR_OK;
}

static enum notar_code
read_timestamps(const struct json *at, struct proof_material *out, struct notar_error *err)
{
	static const char *const names[] = { "rfc3161Timestamps" };
	static const char *const one_names[] = { "signedTimestamp" };
	struct json data, list;
	size_t count;

	NOTAR_TRY(json_proto_optional(at, "timestampVerificationData", &data, err));
	if (data.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_proto_only(&data, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(count_list(&data, names[0], LIMIT_BUNDLE_TIMESTAMPS, &list, &count, err));
	out->timestamps = calloc(count + 1, sizeof(*out->timestamps));
	if (out->timestamps == NULL)
		return no_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(&list, i), raw;
		struct span text;

		NOTAR_TRY(json_proto_only(&one, one_names, NOTAR_COUNT(one_names), err));
		NOTAR_TRY(json_proto_member(&one, one_names[0], &raw, err));
		NOTAR_TRY(json_as_string(&raw, &text, err));
		NOTAR_TRY(add_timestamp(text, raw.path, out, err));
	}
	return NOTAR_OK;
}

enum notar_code
proof_material_read(const struct json *at, enum bundle_version version, struct proof_material *out,
		    struct notar_error *err)
{
	NOTAR_AUTO_OF(proof_material) made = { .wants_proof = version >= BUNDLE_V02 };

	NOTAR_TRY(read_certificates(at, version, &made, err));
	NOTAR_TRY(read_entries(at, &made, err));
	NOTAR_TRY(read_timestamps(at, &made, err));
	*out = made;
	made = (struct proof_material){ 0 };
	return NOTAR_OK;
}

static enum notar_code
take_certificate(struct span pem, struct proof_material *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(cert_list) list = { 0 };

	if (cert_list_add_file(&list, pem, 1, err) != NOTAR_OK)
		return notar_context(err, PROOF_CERTIFICATE_ANNOTATION);
	out->certificate = cert_share(list.certs[0]);
	return NOTAR_OK;
}

static enum notar_code
take_entry(struct span text, struct proof_material *out, struct notar_error *err)
{
	out->entries = calloc(1, sizeof(*out->entries));
	if (out->entries == NULL)
		return no_memory(err);
	if (log_entry_read_annotation(text, out->entries, err) != NOTAR_OK)
		return notar_context(err, PROOF_BUNDLE_ANNOTATION);
	out->entry_count = 1;
	return NOTAR_OK;
}

static enum notar_code
take_timestamp(struct span text, struct proof_material *out, struct notar_error *err)
{
	static const char *const names[] = { "SignedRFC3161Timestamp" };
	const struct json_limits limits = { LIMIT_BUNDLE_TIMESTAMP_BYTES * 2,
					    LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;
	struct span stamp;

	NOTAR_TRY(json_parse(text, limits, PROOF_TIMESTAMP_ANNOTATION, &root, &top, err));
	NOTAR_TRY(json_only(&top, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(&top, names[0], &stamp, err));
	out->timestamps = calloc(1, sizeof(*out->timestamps));
	if (out->timestamps == NULL)
		return no_memory(err);
	return add_timestamp(stamp, PROOF_TIMESTAMP_ANNOTATION, out, err);
}

enum notar_code
proof_material_of_layer(const struct descriptor *layer, struct proof_material *out,
			struct notar_error *err)
{
	NOTAR_AUTO_OF(proof_material) made = { 0 };
	struct span pem = descriptor_annotation(layer, PROOF_CERTIFICATE_ANNOTATION);
	struct span entry = descriptor_annotation(layer, PROOF_BUNDLE_ANNOTATION);
	struct span stamp = descriptor_annotation(layer, PROOF_TIMESTAMP_ANNOTATION);

	if (pem.len > 0)
		NOTAR_TRY(take_certificate(pem, &made, err));
	if (entry.len > 0)
		NOTAR_TRY(take_entry(entry, &made, err));
	if (stamp.len > 0)
		NOTAR_TRY(take_timestamp(stamp, &made, err));
	*out = made;
	made = (struct proof_material){ 0 };
	return NOTAR_OK;
}
