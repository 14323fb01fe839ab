/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/keyless.h"

#include "base/clock.h"
#include "base/digest.h"
#include "envelope/bundle_write.h"
#include "sync/fulcio.h"
#include "sync/rekor.h"
#include "sync/tsa.h"

/* What one signature consists of on its way into a bundle. */
struct work {
	const struct keyless_options *options;
	enum keyless_content content;
	struct span payload;
	struct buf message; /* the PAE; empty for a blob */
	struct notar_digest digest;
	struct cert_list chain;
	struct buf signature;
	struct buf stamps[SIGNING_SERVICES];
	struct buf entries[SIGNING_SERVICES];
};

static void
work_release(struct work *work)
{
	buf_release(&work->message);
	cert_list_release(&work->chain);
	buf_release(&work->signature);
	for (size_t i = 0; i < SIGNING_SERVICES; i++) {
		buf_release(&work->stamps[i]);
		buf_release(&work->entries[i]);
	}
}

void
keyless_signer_release(struct keyless_signer *signer)
{
	identity_claims_release(&signer->claims);
}

/* The token, and what it says: one that has expired is not sent anywhere. */
static enum notar_code
identify(const struct keyless_options *options, struct identity_token *token,
	 struct keyless_signer *signer, struct notar_error *err)
{
	const struct identity_token_options how = { .given = options->token,
						    .file = options->token_file,
						    .ca_file = options->ca_file,
						    .deadline_ms = options->deadline_ms };
	const char *audience =
		options->audience != NULL ? options->audience : IDENTITY_TOKEN_AUDIENCE;

	NOTAR_TRY(identity_token_get(&how, token, err));
	signer->source = token->source;
	if (identity_claims_read(secret_borrow(&token->text), audience, clock_now_s(),
				 &signer->claims, err) != NOTAR_OK)
		return notar_context(err, "%s", token->source);
	return NOTAR_OK;
}

static struct span
message_of(const struct work *work)
{
	return work->content == KEYLESS_BLOB ? work->payload : buf_span(&work->message);
}

/* The key is made here and gone when this returns. */
static enum notar_code
sign(struct work *work, const struct secret *token, struct notar_error *err)
{
	const struct fulcio_options how = { .url = work->options->services.authority,
					    .ca_file = work->options->ca_file,
					    .deadline_ms = work->options->deadline_ms };
	NOTAR_AUTO(key) *key = NULL;

	NOTAR_TRY(key_generate(KEY_P256, 0, &key, err));
	NOTAR_TRY(fulcio_certificate(&how, token, key, &work->chain, err));
	return key_sign(key, message_of(work), SIG_DER, &work->signature, err);
}

static enum notar_code
stamp(struct work *work, struct notar_error *err)
{
	const struct keyless_options *options = work->options;

	for (size_t i = 0; i < options->services.stamper_count; i++) {
		const struct tsa_options how = { .url = options->services.stampers[i],
						 .ca_file = options->ca_file,
						 .deadline_ms = options->deadline_ms };

		NOTAR_TRY(tsa_stamp_reply(&how, buf_span(&work->signature), &work->stamps[i], err));
	}
	return NOTAR_OK;
}

static enum notar_code
enter(struct work *work, struct notar_error *err)
{
	const struct keyless_options *options = work->options;
	const struct rekor_claim claim = {
		.leaf = buf_span(&work->chain.certs[0]->der),
		.signature = buf_span(&work->signature),
		.digest = &work->digest,
		.payload = work->content == KEYLESS_STATEMENT ? work->payload : (struct span){ 0 },
	};

	for (size_t i = 0; i < options->services.log_count; i++) {
		const struct rekor_options how = { .log = options->services.logs[i],
						   .ca_file = options->ca_file,
						   .deadline_ms = options->deadline_ms };

		NOTAR_TRY(rekor_log(&how, &claim, &work->entries[i], err));
	}
	return NOTAR_OK;
}

static enum notar_code
write_bundle(const struct work *work, struct buf *out, struct notar_error *err)
{
	const struct signing_choice *services = &work->options->services;
	struct span entries[SIGNING_SERVICES], stamps[SIGNING_SERVICES];
	NOTAR_AUTO_OF(buf) made = { 0 };

	for (size_t i = 0; i < SIGNING_SERVICES; i++) {
		entries[i] = buf_span(&work->entries[i]);
		stamps[i] = buf_span(&work->stamps[i]);
	}
	const struct bundle_material_parts parts = { .leaf = buf_span(&work->chain.certs[0]->der),
						     .entries = entries,
						     .entry_count = services->log_count,
						     .stamps = stamps,
						     .stamp_count = services->stamper_count };

	if (work->content == KEYLESS_BLOB)
		bundle_write_keyless_message(&parts, &work->digest, buf_span(&work->signature),
					     &made);
	else
		bundle_write_keyless_dsse(&parts, work->payload, buf_span(&work->signature), &made);
	NOTAR_TRY(buf_finish(&made, "bundle", err));
	buf_append_span(out, buf_span(&made));
	return buf_finish(out, "bundle", err);
}

static enum notar_code
prepare(struct work *work, struct notar_error *err)
{
	if (work->content == KEYLESS_STATEMENT && work->payload.len == 0)
		return notar_fail(err, NOTAR_E_USAGE, "an empty statement");
	if (work->content == KEYLESS_STATEMENT)
		dsse_pae(span_str(DSSE_TYPE_INTOTO), work->payload, &work->message);
	NOTAR_TRY(buf_finish(&work->message, "statement", err));
	work->digest = digest_of(NOTAR_SHA256, message_of(work));
	return NOTAR_OK;
}

enum notar_code
keyless_sign(const struct keyless_options *options, enum keyless_content content,
	     struct span payload, struct buf *bundle, struct keyless_signer *signer,
	     struct notar_error *err)
{
	NOTAR_AUTO_OF(work) work = { .options = options, .content = content, .payload = payload };
	NOTAR_AUTO_OF(identity_token) token = { 0 };
	NOTAR_AUTO_OF(keyless_signer) who = { 0 };

	NOTAR_TRY(signing_choice_check(&options->services, err));
	NOTAR_TRY(prepare(&work, err));
	NOTAR_TRY(identify(options, &token, &who, err));
	NOTAR_TRY(sign(&work, &token.text, err));
	identity_token_release(&token); /* nobody else gets it */
	NOTAR_TRY(stamp(&work, err));
	NOTAR_TRY(enter(&work, err));
	NOTAR_TRY(write_bundle(&work, bundle, err));
	if (signer != NULL) {
		*signer = who;
		who = (struct keyless_signer){ 0 };
	}
	return NOTAR_OK;
}
