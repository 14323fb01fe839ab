/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/rekor_entry.h"

#include "base/codec.h"
#include "base/digest.h"
#include "envelope/dsse.h"

static void
put_leaf_pem(struct span leaf, struct buf *out)
{
	NOTAR_AUTO_OF(buf) pem = { 0 };

	pem_append(&pem, "CERTIFICATE", leaf);
	if (pem.failed != NOTAR_OK)
		out->failed = pem.failed;
	json_put_base64(out, buf_span(&pem));
}

static void
put_dsse_spec(const struct rekor_claim *claim, struct buf *out)
{
	NOTAR_AUTO_OF(buf) envelope = { 0 };

	dsse_write(span_str(DSSE_TYPE_INTOTO), claim->payload, claim->signature, &envelope);
	if (envelope.failed != NOTAR_OK)
		out->failed = envelope.failed;
	json_begin_object(out);
	json_name(out, "proposedContent");
	json_begin_object(out);
	json_pair_span(out, "envelope", buf_span(&envelope));
	json_name(out, "verifiers");
	json_begin_array(out);
	put_leaf_pem(claim->leaf, out);
	json_end_array(out);
	json_end_object(out);
	json_end_object(out);
}

static void
put_hash(const struct notar_digest *digest, struct buf *out)
{
	char hex[2 * NOTAR_DIGEST_MAX_BYTES + 1];

	json_name(out, "data");
	json_begin_object(out);
	json_name(out, "hash");
	json_begin_object(out);
	json_pair_str(out, "algorithm", "sha256");
	json_pair_str(out, "value", hex_encode(digest_span(digest), hex));
	json_end_object(out);
	json_end_object(out);
}

static void
put_hashed_spec(const struct rekor_claim *claim, struct buf *out)
{
	json_begin_object(out);
	put_hash(claim->digest, out);
	json_name(out, "signature");
	json_begin_object(out);
	json_name(out, "content");
	json_put_base64(out, claim->signature);
	json_name(out, "publicKey");
	json_begin_object(out);
	json_name(out, "content");
	put_leaf_pem(claim->leaf, out);
	json_end_object(out);
	json_end_object(out);
	json_end_object(out);
}

void
rekor_entry_ask_v1(const struct rekor_claim *claim, struct buf *out)
{
	bool is_dsse = claim->payload.ptr != NULL;

	json_begin_object(out);
	json_pair_str(out, "apiVersion", "0.0.1");
	json_pair_str(out, "kind", is_dsse ? "dsse" : "hashedrekord");
	json_name(out, "spec");
	if (is_dsse)
		put_dsse_spec(claim, out);
	else
		put_hashed_spec(claim, out);
	json_end_object(out);
}

static void
put_verifier(struct span leaf, struct buf *out)
{
	json_name(out, "verifier");
	json_begin_object(out);
	json_pair_str(out, "keyDetails", "PKIX_ECDSA_P256_SHA_256");
	json_name(out, "x509Certificate");
	json_begin_object(out);
	json_name(out, "rawBytes");
	json_put_base64(out, leaf);
	json_end_object(out);
	json_end_object(out);
}

void
rekor_entry_ask_v2(const struct rekor_claim *claim, struct buf *out)
{
	json_begin_object(out);
	json_name(out, "hashedRekordRequestV002");
	json_begin_object(out);
	json_name(out, "digest");
	json_put_base64(out, digest_span(claim->digest));
	json_name(out, "signature");
	json_begin_object(out);
	json_name(out, "content");
	json_put_base64(out, claim->signature);
	put_verifier(claim->leaf, out);
	json_end_object(out);
	json_end_object(out);
	json_end_object(out);
}
