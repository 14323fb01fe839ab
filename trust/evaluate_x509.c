/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/evaluate_x509.h"

#include <stdio.h>

struct check {
	const struct policy_x509 *signer;
	const struct fact *fact;
	const struct revocation_book *book;
	const struct plugin_book *plugins;
	int64_t now_s;
	struct x509_outcome *out;
	bool may_ask; /* addresses to ask come out of the certificates: never a stranger's */
};

/* True: go on. A check that fails is the end where the policy enforces it. */
static bool
goes_on(struct check *c, enum x509_action action, enum notar_reason reason)
{
	if (reason == NOTAR_REASON_TRUSTED || action == X509_SKIP)
		return true;
	if (action == X509_LOG) {
		if (c->out->logged == NOTAR_REASON_NONE)
			c->out->logged = reason;
		return true;
	}
	c->out->reason = reason;
	return false;
}

static bool
is_anchor(const struct cert_list *anchors, const uint8_t thumbprint[FACT_ID_BYTES])
{
	for (size_t i = 0; i < anchors->count; i++)
		if (memcmp(anchors->certs[i]->thumbprint, thumbprint, FACT_ID_BYTES) == 0)
			return true;
	return false;
}

/* Section 14.3: any certificate of the chain is in a store of the scheme's type. */
static enum notar_reason
check_anchor(const struct check *c)
{
	const struct cert_list *anchors =
		&c->signer->anchors[c->fact->by_authority ? X509_ANCHOR_AUTHORITY : X509_ANCHOR_CA];
	struct span rest = c->fact->chain;
	struct fact_link link;
	bool anchored = false;

	while (fact_link_next(&rest, &link))
		anchored = anchored || is_anchor(anchors, link.thumbprint);
	return anchored ? NOTAR_REASON_TRUSTED : NOTAR_REASON_UNTRUSTED_KEY;
}

static enum notar_reason
check_identity(const struct check *c)
{
	if (c->signer->any_identity)
		return NOTAR_REASON_TRUSTED;
	for (size_t i = 0; i < c->signer->identity_count; i++)
		if (distinguished_name_matches(c->signer->identities[i], c->fact->leaf_name, NULL))
			return NOTAR_REASON_TRUSTED;
	return NOTAR_REASON_IDENTITY_MISMATCH;
}

/* The whole span of time within every certificate's validity; bounds are inclusive. */
static bool
is_valid_at(const struct fact *fact, int64_t from_s, int64_t to_s)
{
	struct span rest = fact->chain;
	struct fact_link link;

	while (fact_link_next(&rest, &link))
		if (from_s < link.not_before_s || to_s > link.not_after_s)
			return false;
	return true;
}

static bool
has_expired_certificate(const struct check *c)
{
	struct span rest = c->fact->chain;
	struct fact_link link;

	while (fact_link_next(&rest, &link))
		if (link.not_after_s < c->now_s)
			return true;
	return false;
}

/* What is known of one certificate. before_s, when not 0: revoked for something that happened
 * only after that time leaves it good (section 15.1, authority scheme). */
static enum notar_reason
check_certificate(struct check *c, const uint8_t *thumbprint, int64_t before_s)
{
	struct revocation_answer answer = { 0 };

	if (c->book->look_up != NULL &&
	    c->book->look_up(c->book->context, thumbprint, &answer) != NOTAR_OK)
		return NOTAR_REASON_STORE_FAILURE;
	switch (answer.status) {
	case REVOCATION_GOOD:
	case REVOCATION_NOT_REVOCABLE:
		return NOTAR_REASON_TRUSTED;
	case REVOCATION_REVOKED:
		return before_s != 0 && answer.invalidity_s > before_s ?
			       NOTAR_REASON_TRUSTED :
			       NOTAR_REASON_REVOKED_CERTIFICATE;
	case REVOCATION_UNKNOWN:
		break;
	}
	c->out->wants_revocation = c->may_ask;
	return NOTAR_REASON_REVOCATION_UNKNOWN;
}

/* Any that is revoked outweighs what is not known. */
static enum notar_reason
worse(enum notar_reason a, enum notar_reason b)
{
	if (a == NOTAR_REASON_REVOKED_CERTIFICATE || b == NOTAR_REASON_TRUSTED)
		return a;
	return b;
}

static enum notar_reason
check_revocation(struct check *c)
{
	int64_t before_s = c->fact->by_authority ? c->fact->signed_s : 0;
	enum notar_reason reason = NOTAR_REASON_TRUSTED;
	struct span rest = c->fact->chain;
	struct fact_link link;

	while (fact_link_next(&rest, &link))
		if (link.revocable)
			reason = worse(reason, check_certificate(c, link.thumbprint, before_s));
	return reason;
}

/* Section 10.2, items 5 to 8: a root of ours, the range within the chain's validity, and nobody
 * of the authority's chain revoked, whatever is said of revocation elsewhere. */
static enum notar_reason
check_stamp(struct check *c, const struct fact_stamp *stamp)
{
	enum notar_reason reason = NOTAR_REASON_TRUSTED;

	if (!is_anchor(&c->signer->anchors[X509_ANCHOR_TSA], stamp->anchor))
		return NOTAR_REASON_NO_TRUSTED_TIME;
	if (!is_valid_at(c->fact, stamp->from_s, stamp->to_s))
		return NOTAR_REASON_KEY_EXPIRED;
	for (size_t i = 0; i < stamp->revocable.len; i += FACT_ID_BYTES)
		reason = worse(reason, check_certificate(c, stamp->revocable.ptr + i, 0));
	return reason;
}

static enum notar_reason
check_stamps(struct check *c)
{
	enum notar_reason best = NOTAR_REASON_NO_TRUSTED_TIME;
	struct span rest = c->fact->stamps;
	struct fact_stamp stamp;

	while (fact_stamp_next(&rest, &stamp)) {
		enum notar_reason reason = check_stamp(c, &stamp);

		if (reason == NOTAR_REASON_TRUSTED)
			return reason;
		if (best == NOTAR_REASON_NO_TRUSTED_TIME)
			best = reason;
	}
	return best;
}

/* Section 14.5. */
static enum notar_reason
check_time(struct check *c)
{
	const struct fact *fact = c->fact;
	bool wants_stamp = c->signer->anchors[X509_ANCHOR_TSA].count > 0 &&
			   (!c->signer->timestamp_after_expiry || has_expired_certificate(c));

	if (fact->by_authority)
		return is_valid_at(fact, fact->signed_s, fact->signed_s) ? NOTAR_REASON_TRUSTED :
									   NOTAR_REASON_KEY_EXPIRED;
	if (wants_stamp)
		return check_stamps(c);
	return is_valid_at(fact, c->now_s, c->now_s) ? NOTAR_REASON_TRUSTED :
						       NOTAR_REASON_KEY_EXPIRED;
}

static bool
expiry_goes_on(struct check *c)
{
	bool expired = c->fact->expires_s != 0 && c->now_s >= c->fact->expires_s;

	return goes_on(c, c->signer->expiry, expired ? NOTAR_REASON_EXPIRED : NOTAR_REASON_TRUSTED);
}

static bool
revocation_goes_on(struct check *c)
{
	return c->signer->revocation == X509_SKIP || !c->may_ask ||
	       goes_on(c, c->signer->revocation, check_revocation(c));
}

static void
end_with(struct check *c, enum notar_reason reason, const char *message)
{
	if (message[0] == '\0')
		message = " says no";
	c->out->reason = reason;
	(void)snprintf(c->out->message, sizeof(c->out->message), "plugin \"%.*s\"%s%.*s",
		       (int)(c->fact->plugin.len < 60 ? c->fact->plugin.len : 60),
		       (const char *)c->fact->plugin.ptr, message[0] == ' ' ? "" : ": ",
		       PLUGIN_MESSAGE_BYTES - 1, message);
}

/* What the plugin answered, if it may be asked at all. False: that is the end. */
static bool
look_up_plugin(struct check *c, struct plugin_answer *answer)
{
	uint8_t key[PLUGIN_KEY_BYTES];

	plugin_key_of(c->signer, c->fact, key);
	if (c->plugins->look_up != NULL &&
	    c->plugins->look_up(c->plugins->context, key, answer) != NOTAR_OK) {
		c->out->reason = NOTAR_REASON_STORE_FAILURE;
		return false;
	}
	if (answer->known)
		return true;
	c->out->wants_plugin = !answer->failed;
	end_with(c, NOTAR_REASON_PLUGIN_UNAVAILABLE,
		 answer->failed ? answer->message : " has not answered");
	return false;
}

/* Each check under its own action, by the plugin where that can. */
static void
weigh_answer(struct check *c, const struct plugin_answer *answer)
{
	enum notar_reason identity = check_identity(c);

	if (!answer->all_processed) {
		end_with(c, NOTAR_REASON_UNSUPPORTED, answer->message);
		return;
	}
	if (answer->identity_asked)
		identity =
			answer->identity_ok ? NOTAR_REASON_TRUSTED : NOTAR_REASON_IDENTITY_MISMATCH;
	if (!goes_on(c, c->signer->authenticity, identity)) {
		if (answer->identity_asked)
			end_with(c, identity, answer->message);
		return;
	}
	/* Nobody whom it does not know is asked about after all. */
	c->may_ask = identity == NOTAR_REASON_TRUSTED;
	c->out->wants_revocation = c->out->wants_revocation && c->may_ask;
	if (!answer->revocation_asked) {
		if (revocation_goes_on(c))
			c->out->reason = NOTAR_REASON_TRUSTED;
		return;
	}
	if (!answer->revocation_ok &&
	    !goes_on(c, c->signer->revocation, NOTAR_REASON_REVOKED_CERTIFICATE))
		end_with(c, NOTAR_REASON_REVOKED_CERTIFICATE, answer->message);
	else
		c->out->reason = NOTAR_REASON_TRUSTED;
}

/*
 * An envelope that names a plugin. The name is a stranger's word until an anchor is in the chain,
 * and then it is the policy's to say whether it may be run. Its being critical is enforced at
 * every level: what nobody processes is worth nothing (section 14.8).
 */
static void
evaluate_with_plugin(struct check *c)
{
	struct plugin_answer answer = { 0 };
	enum notar_reason anchor = check_anchor(c);

	if (!goes_on(c, c->signer->authenticity, anchor))
		return;
	if (anchor != NOTAR_REASON_TRUSTED) {
		end_with(c, NOTAR_REASON_UNSUPPORTED,
			 " is not run for a chain that leads to nobody");
		return;
	}
	if (!policy_x509_names_plugin(c->signer, c->fact->plugin)) {
		end_with(c, NOTAR_REASON_UNSUPPORTED, " is none that the policy lets run");
		return;
	}
	c->may_ask = true;
	if (expiry_goes_on(c) && goes_on(c, c->signer->timestamp, check_time(c)) &&
	    look_up_plugin(c, &answer))
		weigh_answer(c, &answer);
}

void
evaluate_x509_by(const struct policy_x509 *signer, const struct fact *fact,
		 const struct revocation_book *revocations, const struct plugin_book *plugins,
		 int64_t now_s, struct x509_outcome *out)
{
	struct check c = { signer, fact, revocations, plugins, now_s, out, false };
	enum notar_reason authentic;

	*out = (struct x509_outcome){ 0 };
	if (fact->plugin.len > 0) {
		evaluate_with_plugin(&c);
		return;
	}
	authentic = check_anchor(&c);
	if (authentic == NOTAR_REASON_TRUSTED)
		authentic = check_identity(&c);
	c.may_ask = authentic == NOTAR_REASON_TRUSTED;
	if (!goes_on(&c, signer->authenticity, authentic) || !expiry_goes_on(&c) ||
	    !goes_on(&c, signer->timestamp, check_time(&c)) || !revocation_goes_on(&c))
		return;
	out->reason = NOTAR_REASON_TRUSTED;
}
