/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/keyless_maker.h"

#include <stdlib.h>

#include "base/clock.h"
#include "envelope/judge.h"
#include "trust/evaluate_keyless.h"

#define DEFAULT_TIMEOUT_MS 120000

struct keyless_maker {
	struct signing_config config;
	struct signing_choice services; /* borrows from config */
	struct trusted_root *root;
	char *token, *ca_file; /* NULL: none */
	int64_t timeout_ms;
};

void
keyless_maker_free(struct keyless_maker *maker)
{
	if (maker == NULL)
		return;
	signing_config_release(&maker->config);
	trusted_root_free(maker->root);
	free(maker->token);
	free(maker->ca_file);
	free(maker);
}

static enum notar_code
dup_text(const char *text, char **out, struct notar_error *err)
{
	*out = text == NULL ? NULL : strdup(text);
	return text == NULL || *out != NULL ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_NOMEM, "no memory for a signer");
}

static enum notar_code
read_documents(const struct notar_keyless *how, struct keyless_maker *maker,
	       struct notar_error *err)
{
	if (how->signing_config == NULL || how->trusted_root == NULL)
		return notar_fail(err, NOTAR_E_USAGE,
				  "a keyless signature needs a signing config, which says whom to "
				  "ask, and a trusted root to verify it with");
	if (signing_config_parse(span_str(how->signing_config), &maker->config, err) != NOTAR_OK)
		return notar_context(err, "the signing config");
	if (trusted_root_load(span_str(how->trusted_root), &maker->root, err) != NOTAR_OK)
		return notar_context(err, "the trusted root");
	NOTAR_TRY(signing_config_choose(&maker->config, clock_now_s(), &maker->services, err));
	return signing_choice_check(&maker->services, err);
}

enum notar_code
keyless_maker_new(const struct notar_keyless *how, struct keyless_maker **out,
		  struct notar_error *err)
{
	NOTAR_AUTO(keyless_maker) *maker = calloc(1, sizeof(*maker));

	if (maker == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a signer");
	maker->timeout_ms = how->timeout_ms > 0 ? how->timeout_ms : DEFAULT_TIMEOUT_MS;
	NOTAR_TRY(dup_text(how->identity_token, &maker->token, err));
	NOTAR_TRY(dup_text(how->ca_file, &maker->ca_file, err));
	NOTAR_TRY(read_documents(how, maker, err));
	*out = NOTAR_TAKE(maker);
	return NOTAR_OK;
}

/* By whom it says that it is; whether that is who should have signed is for those who verify. */
static enum notar_code
weigh(const struct keyless_maker *maker, const struct fact *fact, struct notar_error *err)
{
	NOTAR_AUTO(policy_keyless) *signer = NULL;
	NOTAR_AUTO_CHARS *issuer = span_dup(fact->issuer);
	NOTAR_AUTO_CHARS *subject = span_dup(fact->san);
	const struct keyless_words words = { .issuer = issuer, .subject = subject };

	if (issuer == NULL || subject == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory to verify");
	NOTAR_TRY(policy_keyless_of_words(&words, maker->root, &signer, err));
	enum notar_reason reason = evaluate_keyless(signer, fact);

	return reason == NOTAR_REASON_TRUSTED ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_SIGNATURE, "%s", notar_reason_meaning(reason));
}

static enum notar_code
verify(const struct keyless_maker *maker, struct span bundle, const struct blob_subject *subject,
       struct notar_error *err)
{
	const struct trusted_root *const roots[] = { maker->root };
	const struct keyring ring = { .sigstore = { roots, 1 } };
	NOTAR_AUTO_OF(evidence) evidence = { 0 };
	struct evidence_item *item = evidence_add(&evidence);
	struct fact fact;

	if (item == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory to verify");
	judge_blob_bundle(bundle, subject, &ring, item);
	if (item->reason != NOTAR_REASON_TRUSTED)
		return notar_fail(err, NOTAR_E_SIGNATURE, "%s", item->message);
	NOTAR_TRY(fact_decode(buf_span(&item->fact), &fact, err));
	return weigh(maker, &fact, err);
}

enum notar_code
keyless_maker_sign(const struct keyless_maker *maker, enum keyless_content content,
		   struct span payload, const struct notar_digest *digest, struct buf *bundle,
		   struct notar_error *err)
{
	const struct keyless_options how = { .services = maker->services,
					     .token = maker->token,
					     .ca_file = maker->ca_file,
					     .deadline_ms = clock_deadline_ms(maker->timeout_ms) };
	const struct blob_subject subject = { digest, content == KEYLESS_BLOB ?
							      payload :
							      (struct span){ 0 } };
	NOTAR_AUTO_OF(buf) made = { 0 };

	NOTAR_TRY(keyless_sign(&how, content, payload, &made, NULL, err));
	NOTAR_TRY(buf_finish(&made, "bundle", err));
	if (verify(maker, buf_span(&made), &subject, err) != NOTAR_OK)
		return notar_context(err, "what the services gave does not hold");
	buf_append_span(bundle, buf_span(&made));
	return buf_finish(bundle, "bundle", err);
}
