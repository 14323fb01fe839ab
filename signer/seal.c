/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/seal.h"

#include "base/clock.h"
#include "base/limits.h"
#include "envelope/cose.h"
#include "envelope/judge_notary.h"
#include "envelope/jws.h"
#include "notar/version.h"
#include "pki/chain.h"
#include "sync/tsa.h"

#define AGENT "notar/" NOTAR_VERSION

/* What has been made so far. */
struct work {
	const struct seal_options *options;
	struct buf protected, to_be_signed, signature, timestamp;
	struct cert_list brought; /* by a plugin */
	const struct cert_list *chain;
};

static void
work_release(struct work *work)
{
	buf_release(&work->protected);
	buf_release(&work->to_be_signed);
	buf_release(&work->signature);
	buf_release(&work->timestamp);
	cert_list_release(&work->brought);
}

/* The certificate is the key's own, and would pass where it is verified. */
static enum notar_code
check_chain(const struct seal_options *options, int64_t now_s, struct notar_error *err)
{
	const struct cert_list *chain = options->chain;
	const struct key *leaf = NULL;

	NOTAR_TRY(chain_check(chain, CHAIN_CODE_SIGNING, err));
	NOTAR_TRY(chain_check_validity(chain, now_s, now_s, err));
	NOTAR_TRY(cert_key(chain->certs[0], &leaf, err));
	if (memcmp(key_id(leaf), key_id(signing_key_public(options->key)), KEY_ID_BYTES) != 0)
		return notar_fail(err, NOTAR_E_KEY, "the first certificate is not this key's");
	return NOTAR_OK;
}

enum notar_code
seal_suite(const struct seal_options *options, const struct suite **out, struct notar_error *err)
{
	if (options->plugin == NULL)
		return suite_of_key(signing_key_public(options->key), out, err);
	*out = plugin_key_suite(options->plugin);
	return NOTAR_OK;
}

/* With the key, or by a plugin, whose certificates have been checked by its own way. */
static enum notar_code
sign(struct work *w, struct notar_error *err)
{
	const struct seal_options *o = w->options;
	struct span message = buf_span(&w->to_be_signed);

	NOTAR_TRY(buf_finish(&w->to_be_signed, "signed bytes", err));
	if (o->plugin == NULL) {
		w->chain = o->chain;
		return signing_key_sign(o->key, message, SIG_RAW, &w->signature, err);
	}
	w->chain = &w->brought;
	return plugin_key_sign(o->plugin, message, &w->signature, &w->brought, err);
}

static void
write_to_be_signed(struct work *w, const struct notary_draft *draft)
{
	if (w->options->format == FACT_JWS) {
		jws_write_protected(draft, &w->protected);
		jws_write_tbs(buf_span(&w->protected), draft->payload, &w->to_be_signed);
	} else {
		cose_write_protected(draft, &w->protected);
		cose_write_tbs(buf_span(&w->protected), draft->payload, &w->to_be_signed);
	}
}

static enum notar_code
stamp(struct work *w, struct notar_error *err)
{
	const struct seal_options *o = w->options;
	const struct tsa_options tsa = { o->timestamp_url, o->timestamp_root, o->ca_file,
					 o->deadline_ms };

	return o->timestamp_url == NULL ?
		       NOTAR_OK :
		       tsa_stamp(&tsa, buf_span(&w->signature), &w->timestamp, err);
}

static void
write_envelope(const struct work *w, struct span payload, struct buf *out)
{
	if (w->options->format == FACT_JWS)
		jws_write(buf_span(&w->protected), payload, buf_span(&w->signature), w->chain,
			  buf_span(&w->timestamp), AGENT, out);
	else
		cose_write(buf_span(&w->protected), payload, buf_span(&w->signature), w->chain,
			   buf_span(&w->timestamp), AGENT, out);
}

/* By the way that everybody verifies: nothing leaves that would not hold. */
static enum notar_code
verify_own(enum fact_format format, struct span envelope, struct notar_error *err)
{
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };
	enum notar_code code = notary_parse(envelope, format, &read, err);

	if (code == NOTAR_OK)
		code = notary_check(&read, err);
	return code == NOTAR_OK ? NOTAR_OK :
				  notar_context(err, "the signature just made does not hold");
}

enum notar_code
seal(const struct seal_options *options, struct span payload, int64_t signed_s,
     struct buf *envelope, struct buf *thumbprints, struct notar_error *err)
{
	NOTAR_AUTO_OF(work) w = { .options = options };
	NOTAR_AUTO_OF(buf) made = { .cap = LIMIT_NOTARY_ENVELOPE_BYTES };
	struct notary_draft draft = { .scheme = NOTARY_X509,
				      .signed_s = signed_s,
				      .expires_s = options->expiry_s > 0 ?
							   signed_s + options->expiry_s :
							   0,
				      .payload = payload };

	NOTAR_TRY(seal_suite(options, &draft.suite, err));
	if (options->plugin == NULL)
		NOTAR_TRY(check_chain(options, signed_s, err));
	write_to_be_signed(&w, &draft);
	NOTAR_TRY(sign(&w, err));
	NOTAR_TRY(stamp(&w, err));
	write_envelope(&w, payload, &made);
	NOTAR_TRY(buf_finish(&made, "envelope", err));
	NOTAR_TRY(verify_own(options->format, buf_span(&made), err));
	for (size_t i = 0; i < w.chain->count; i++)
		buf_append(thumbprints, w.chain->certs[i]->thumbprint, FACT_ID_BYTES);
	buf_append_span(envelope, buf_span(&made));
	return buf_finish(envelope, "envelope", err);
}
