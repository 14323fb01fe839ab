/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/evaluate_x509.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "pki/subject.h"

#define NOW INT64_C(1800000000)
#define DAY INT64_C(86400)
#define YEAR (365 * DAY)

/* Thumbprints are one byte, repeated. */
enum id {
	ID_LEAF = 1,
	ID_MIDDLE,
	ID_ROOT,
	ID_AUTHORITY, /* the root in store signingAuthority */
	ID_STRANGER,
	ID_TSA_LEAF,
	ID_TSA_MIDDLE,
	ID_TSA_ROOT,
	IDS,
};

static const uint8_t *
id_bytes(enum id id)
{
	static uint8_t ids[IDS][FACT_ID_BYTES];

	memset(ids[id], id, FACT_ID_BYTES);
	return ids[id];
}

/* A signer, a signature and what is known of revocation, all good until a test breaks one. */
struct world {
	struct cert cas[X509_ANCHORS];
	struct cert *stores[X509_ANCHORS][1];
	struct policy_x509 signer;
	struct distinguished_name *identities[2];
	struct fact fact;
	struct buf chain, stamps;
	uint8_t *name;
	struct revocation_answer answers[IDS];
	bool damaged[IDS];
	unsigned asked[IDS], asked_in_all;
	struct revocation_book book;
	struct x509_outcome out;
};

static enum notar_code
look_up(void *context, const uint8_t thumbprint[FACT_ID_BYTES], struct revocation_answer *out)
{
	struct world *w = context;

	assert_in_range(thumbprint[0], 1, IDS - 1);
	assert_memory_equal(thumbprint, id_bytes((enum id)thumbprint[0]), FACT_ID_BYTES);
	w->asked[thumbprint[0]]++;
	w->asked_in_all++;
	if (w->damaged[thumbprint[0]])
		return NOTAR_E_STORE;
	*out = w->answers[thumbprint[0]];
	return NOTAR_OK;
}

static void
add_store(struct world *w, enum x509_anchor_kind kind, enum id root)
{
	memcpy(w->cas[kind].thumbprint, id_bytes(root), FACT_ID_BYTES);
	w->stores[kind][0] = &w->cas[kind];
	w->signer.anchors[kind] = (struct cert_list){ w->stores[kind], 1 };
}

static void
add_link(struct world *w, enum id id, int64_t from_s, int64_t to_s, bool revocable)
{
	const struct fact_link link = { id_bytes(id), from_s, to_s, revocable };

	fact_link_append(&w->chain, &link);
	w->fact.chain = buf_span(&w->chain);
}

/* Leaf, middle and root; the leaf's validity is the narrowest. */
static void
set_chain(struct world *w, enum id root, int64_t from_s, int64_t to_s)
{
	buf_clear(&w->chain);
	add_link(w, ID_LEAF, from_s, to_s, true);
	add_link(w, ID_MIDDLE, from_s - YEAR, to_s + YEAR, true);
	add_link(w, root, from_s - YEAR, to_s + YEAR, false);
}

static void
add_stamp(struct world *w, enum id root, int64_t from_s, int64_t to_s)
{
	uint8_t revocable[2 * FACT_ID_BYTES];
	struct fact_stamp stamp = { id_bytes(root), from_s, to_s,
				    span_of(revocable, sizeof(revocable)) };

	memcpy(revocable, id_bytes(ID_TSA_LEAF), FACT_ID_BYTES);
	memcpy(revocable + FACT_ID_BYTES, id_bytes(ID_TSA_MIDDLE), FACT_ID_BYTES);
	fact_stamp_append(&w->stamps, &stamp);
	w->fact.stamps = buf_span(&w->stamps);
	w->fact.token = FACT_TOKEN_HOLDS;
}

static void
set_leaf_name(struct world *w, const char *text)
{
	NOTAR_AUTO_PTR(x509_name, X509_NAME) *name = NULL;

	assert_int_equal(subject_parse(text, &name, NULL), NOTAR_OK);
	int len = i2d_X509_NAME(name, &w->name);

	assert_true(len > 0);
	w->fact.leaf_name = span_of(w->name, (size_t)len);
}

static void
add_identity(struct world *w, const char *text)
{
	struct distinguished_name **to = &w->identities[w->signer.identity_count++];

	assert_int_equal(distinguished_name_parse(span_str(text), to, NULL), NOTAR_OK);
	w->signer.any_identity = false;
	w->signer.identities = w->identities;
}

static void
world_release(struct world *w)
{
	for (size_t i = 0; i < NOTAR_COUNT(w->identities); i++)
		distinguished_name_free(w->identities[i]);
	buf_release(&w->chain);
	buf_release(&w->stamps);
	OPENSSL_free(w->name);
}

static void
world_init(struct world *w)
{
	*w = (struct world){
		.fact = { .format = FACT_JWS, .proof = FACT_BY_X509, .signed_s = NOW - DAY }
	};
	w->signer.any_identity = true;
	add_store(w, X509_ANCHOR_CA, ID_ROOT);
	add_store(w, X509_ANCHOR_AUTHORITY, ID_AUTHORITY);
	set_chain(w, ID_ROOT, NOW - YEAR, NOW + YEAR);
	for (size_t i = 0; i < IDS; i++)
		w->answers[i].status = REVOCATION_GOOD;
	w->book = (struct revocation_book){ look_up, w };
}

/* The same signature by the other scheme. */
static void
make_by_authority(struct world *w)
{
	w->fact.by_authority = true;
	set_chain(w, ID_AUTHORITY, NOW - YEAR, NOW + YEAR);
}

/* The signer lists an authority of timestamps, and the signature has a good one. */
static void
make_stamped(struct world *w)
{
	add_store(w, X509_ANCHOR_TSA, ID_TSA_ROOT);
	add_stamp(w, ID_TSA_ROOT, NOW - DAY, NOW - DAY);
}

static enum notar_reason
judge(struct world *w)
{
	memset(w->asked, 0, sizeof(w->asked));
	w->asked_in_all = 0;
	/* What it writes is all that counts. */
	memset(&w->out, 0xff, sizeof(w->out));
	evaluate_x509(&w->signer, &w->fact, &w->book, NOW, &w->out);
	return w->out.reason;
}

static void
expect(struct world *w, enum notar_reason reason, const char *what)
{
	if (judge(w) != reason)
		fail_msg("%s: %s, not %s", what, notar_reason_name(w->out.reason),
			 notar_reason_name(reason));
}

/* Ways to be wrong, one check each. */
static void
lead_to_a_stranger(struct world *w)
{
	set_chain(w, ID_STRANGER, NOW - YEAR, NOW + YEAR);
}

static void
be_somebody_else(struct world *w)
{
	set_leaf_name(w, "C=US,ST=WA,O=other");
	add_identity(w, "C=US,ST=WA,O=notar");
}

static void
run_out(struct world *w)
{
	w->fact.expires_s = NOW;
}

static void
outlive_the_certificate(struct world *w)
{
	set_chain(w, ID_ROOT, NOW - YEAR, NOW - 1);
}

static void
precede_the_certificate(struct world *w)
{
	set_chain(w, ID_ROOT, NOW + 1, NOW + YEAR);
}

static void
lack_a_stamp(struct world *w)
{
	add_store(w, X509_ANCHOR_TSA, ID_TSA_ROOT);
}

static void
be_stamped_too_late(struct world *w)
{
	add_store(w, X509_ANCHOR_TSA, ID_TSA_ROOT);
	add_stamp(w, ID_TSA_ROOT, NOW - DAY, NOW + YEAR + 1);
}

static void
be_stamped_by_the_revoked(struct world *w)
{
	make_stamped(w);
	w->answers[ID_TSA_MIDDLE].status = REVOCATION_REVOKED;
}

static void
be_stamped_by_the_unknown(struct world *w)
{
	make_stamped(w);
	w->answers[ID_TSA_LEAF].status = REVOCATION_UNKNOWN;
}

static void
have_a_revoked_leaf(struct world *w)
{
	w->answers[ID_LEAF].status = REVOCATION_REVOKED;
}

static void
have_a_revoked_ca(struct world *w)
{
	w->answers[ID_MIDDLE].status = REVOCATION_REVOKED;
}

static void
have_an_unknown_leaf(struct world *w)
{
	w->answers[ID_LEAF].status = REVOCATION_UNKNOWN;
}

static void
have_a_damaged_book(struct world *w)
{
	w->damaged[ID_MIDDLE] = true;
}

/* Whichever action of the signer's a failure falls under. */
enum which { AUTHENTICITY, EXPIRY, TIMESTAMP, REVOCATION };

static enum x509_action *
action_of(struct world *w, enum which which)
{
	switch (which) {
	case AUTHENTICITY:
		return &w->signer.authenticity;
	case EXPIRY:
		return &w->signer.expiry;
	case TIMESTAMP:
		return &w->signer.timestamp;
	case REVOCATION:
		return &w->signer.revocation;
	}
	return NULL;
}

static const struct failure {
	const char *what;
	void (*make)(struct world *w);
	enum which which;
	enum notar_reason reason;
} failures[] = {
	{ "stranger", lead_to_a_stranger, AUTHENTICITY, NOTAR_REASON_UNTRUSTED_KEY },
	{ "identity", be_somebody_else, AUTHENTICITY, NOTAR_REASON_IDENTITY_MISMATCH },
	{ "expiry", run_out, EXPIRY, NOTAR_REASON_EXPIRED },
	{ "after the certificate", outlive_the_certificate, TIMESTAMP, NOTAR_REASON_KEY_EXPIRED },
	{ "before the certificate", precede_the_certificate, TIMESTAMP, NOTAR_REASON_KEY_EXPIRED },
	{ "no stamp", lack_a_stamp, TIMESTAMP, NOTAR_REASON_NO_TRUSTED_TIME },
	{ "late stamp", be_stamped_too_late, TIMESTAMP, NOTAR_REASON_KEY_EXPIRED },
	{ "stamp of the revoked", be_stamped_by_the_revoked, TIMESTAMP,
	  NOTAR_REASON_REVOKED_CERTIFICATE },
	{ "stamp of the unknown", be_stamped_by_the_unknown, TIMESTAMP,
	  NOTAR_REASON_REVOCATION_UNKNOWN },
	{ "revoked leaf", have_a_revoked_leaf, REVOCATION, NOTAR_REASON_REVOKED_CERTIFICATE },
	{ "revoked CA", have_a_revoked_ca, REVOCATION, NOTAR_REASON_REVOKED_CERTIFICATE },
	{ "unknown leaf", have_an_unknown_leaf, REVOCATION, NOTAR_REASON_REVOCATION_UNKNOWN },
	{ "damaged book", have_a_damaged_book, REVOCATION, NOTAR_REASON_STORE_FAILURE },
};

static void
expect_failure(const struct failure *failure, enum x509_action action, enum notar_reason reason,
	       enum notar_reason logged)
{
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	failure->make(&w);
	*action_of(&w, failure->which) = action;
	expect(&w, reason, failure->what);
	if (w.out.logged != logged)
		fail_msg("%s: %s logged", failure->what, notar_reason_name(w.out.logged));
}

static void
a_signature_that_passes_every_check_counts(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	expect(&w, NOTAR_REASON_TRUSTED, "good");
	assert_int_equal(w.out.logged, NOTAR_REASON_NONE);
	assert_false(w.out.wants_revocation);
	make_stamped(&w);
	expect(&w, NOTAR_REASON_TRUSTED, "stamped");
	make_by_authority(&w);
	expect(&w, NOTAR_REASON_TRUSTED, "by an authority");
}

static void
a_check_that_is_enforced_and_fails_is_the_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(failures); i++)
		expect_failure(&failures[i], X509_ENFORCE, failures[i].reason, NOTAR_REASON_NONE);
}

static void
a_check_that_is_logged_and_fails_is_only_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(failures); i++)
		expect_failure(&failures[i], X509_LOG, NOTAR_REASON_TRUSTED, failures[i].reason);
}

static void
a_check_that_is_skipped_says_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(failures); i++)
		expect_failure(&failures[i], X509_SKIP, NOTAR_REASON_TRUSTED, NOTAR_REASON_NONE);
}

static void
logging_one_check_loosens_no_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(failures); i++)
		for (enum which which = AUTHENTICITY; which <= REVOCATION; which++) {
			NOTAR_AUTO_OF(world) w;

			world_init(&w);
			failures[i].make(&w);
			if (which == failures[i].which)
				continue;
			*action_of(&w, which) = X509_LOG;
			expect(&w, failures[i].reason, failures[i].what);
			*action_of(&w, which) = X509_SKIP;
			expect(&w, failures[i].reason, failures[i].what);
		}
}

static void
the_first_of_several_logged_failures_is_told(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	have_a_revoked_leaf(&w);
	for (enum which which = AUTHENTICITY; which <= REVOCATION; which++)
		*action_of(&w, which) = X509_LOG;
	expect(&w, NOTAR_REASON_TRUSTED, "revoked");
	assert_int_equal(w.out.logged, NOTAR_REASON_REVOKED_CERTIFICATE);
	outlive_the_certificate(&w);
	expect(&w, NOTAR_REASON_TRUSTED, "out of date");
	assert_int_equal(w.out.logged, NOTAR_REASON_KEY_EXPIRED);
	run_out(&w);
	expect(&w, NOTAR_REASON_TRUSTED, "expired");
	assert_int_equal(w.out.logged, NOTAR_REASON_EXPIRED);
	lead_to_a_stranger(&w);
	expect(&w, NOTAR_REASON_TRUSTED, "stranger");
	assert_int_equal(w.out.logged, NOTAR_REASON_UNTRUSTED_KEY);
	/* What was logged stays told when a later check that is enforced fails. */
	w.signer.expiry = X509_ENFORCE;
	expect(&w, NOTAR_REASON_EXPIRED, "expired, enforced");
	assert_int_equal(w.out.logged, NOTAR_REASON_UNTRUSTED_KEY);
}

static void
any_certificate_of_the_chain_may_be_the_anchor(void **state)
{
	(void)state;
	for (enum id id = ID_LEAF; id <= ID_ROOT; id++) {
		NOTAR_AUTO_OF(world) w;

		world_init(&w);
		add_store(&w, X509_ANCHOR_CA, id);
		expect(&w, NOTAR_REASON_TRUSTED, "anchor");
	}
}

static void
anchors_of_another_store_do_not_count(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	set_chain(&w, ID_AUTHORITY, NOW - YEAR, NOW + YEAR);
	expect(&w, NOTAR_REASON_UNTRUSTED_KEY, "an authority's root by a CA's scheme");
	set_chain(&w, ID_ROOT, NOW - YEAR, NOW + YEAR);
	w.fact.by_authority = true;
	expect(&w, NOTAR_REASON_UNTRUSTED_KEY, "a CA's root by the authority's scheme");
	add_store(&w, X509_ANCHOR_TSA, ID_STRANGER);
	set_chain(&w, ID_STRANGER, NOW - YEAR, NOW + YEAR);
	expect(&w, NOTAR_REASON_UNTRUSTED_KEY, "a TSA's root by the authority's scheme");
	w.fact.by_authority = false;
	expect(&w, NOTAR_REASON_UNTRUSTED_KEY, "a TSA's root by a CA's scheme");
}

static void
an_anchor_is_its_whole_thumbprint(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.cas[X509_ANCHOR_CA].thumbprint[FACT_ID_BYTES - 1] ^= 1;
	expect(&w, NOTAR_REASON_UNTRUSTED_KEY, "last byte");
	add_store(&w, X509_ANCHOR_CA, ID_ROOT);
	w.cas[X509_ANCHOR_CA].thumbprint[0] ^= 1;
	expect(&w, NOTAR_REASON_UNTRUSTED_KEY, "first byte");
	w.signer.anchors[X509_ANCHOR_CA].count = 0;
	expect(&w, NOTAR_REASON_UNTRUSTED_KEY, "an empty store");
}

static void
a_fact_or_signer_of_zeros_is_not_trusted(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.fact = (struct fact){ 0 };
	expect(&w, NOTAR_REASON_UNTRUSTED_KEY, "fact");
	w.signer = (struct policy_x509){ 0 };
	expect(&w, NOTAR_REASON_UNTRUSTED_KEY, "both");
}

static void
one_of_the_identities_must_be_the_leafs(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	set_leaf_name(&w, "C=US,ST=WA,O=notar,CN=builds");
	w.signer.any_identity = false;
	expect(&w, NOTAR_REASON_IDENTITY_MISMATCH, "none");
	add_identity(&w, "C=US,ST=WA,O=other");
	expect(&w, NOTAR_REASON_IDENTITY_MISMATCH, "another");
	add_identity(&w, "C=US,ST=WA,O=notar");
	expect(&w, NOTAR_REASON_TRUSTED, "second");
	w.fact.leaf_name = (struct span){ 0 };
	expect(&w, NOTAR_REASON_IDENTITY_MISMATCH, "no name");
	/* A name that fits does not make up for a root that nobody trusts. */
	lead_to_a_stranger(&w);
	expect(&w, NOTAR_REASON_UNTRUSTED_KEY, "stranger");
}

static void
a_signature_has_expired_at_the_second_of_its_expiry(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.fact.expires_s = NOW + 1;
	expect(&w, NOTAR_REASON_TRUSTED, "a second before");
	w.fact.expires_s = NOW;
	expect(&w, NOTAR_REASON_EXPIRED, "at it");
	w.fact.expires_s = NOW - 1;
	expect(&w, NOTAR_REASON_EXPIRED, "after it");
	make_stamped(&w);
	expect(&w, NOTAR_REASON_EXPIRED, "whatever a timestamp says");
	w.fact.expires_s = 0;
	expect(&w, NOTAR_REASON_TRUSTED, "never");
}

static void
every_certificate_must_be_valid_now_bounds_included(void **state)
{
	(void)state;
	for (enum id at = ID_LEAF; at <= ID_ROOT; at++)
		for (int64_t off = -1; off <= 1; off++) {
			NOTAR_AUTO_OF(world) w;

			world_init(&w);
			buf_clear(&w.chain);
			for (enum id id = ID_LEAF; id <= ID_ROOT; id++)
				add_link(&w, id, NOW - YEAR, id == at ? NOW + off : NOW + YEAR,
					 false);
			expect(&w, off < 0 ? NOTAR_REASON_KEY_EXPIRED : NOTAR_REASON_TRUSTED,
			       "not after");
			buf_clear(&w.chain);
			for (enum id id = ID_LEAF; id <= ID_ROOT; id++)
				add_link(&w, id, id == at ? NOW + off : NOW - YEAR, NOW + YEAR,
					 false);
			expect(&w, off > 0 ? NOTAR_REASON_KEY_EXPIRED : NOTAR_REASON_TRUSTED,
			       "not before");
		}
}

static void
a_claimed_time_proves_nothing(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	outlive_the_certificate(&w);
	w.fact.signed_s = NOW - DAY; /* when it was valid */
	expect(&w, NOTAR_REASON_KEY_EXPIRED, "back-dated");
	set_chain(&w, ID_ROOT, NOW - YEAR, NOW + YEAR);
	w.fact.signed_s = NOW - 10 * YEAR;
	expect(&w, NOTAR_REASON_TRUSTED, "long ago, but valid now");
}

static void
an_authoritys_time_is_what_counts_bounds_included(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.fact.by_authority = true;
	set_chain(&w, ID_AUTHORITY, NOW - YEAR, NOW - DAY);
	w.fact.signed_s = NOW - DAY;
	expect(&w, NOTAR_REASON_TRUSTED, "last second, though out of date now");
	w.fact.signed_s = NOW - YEAR;
	expect(&w, NOTAR_REASON_TRUSTED, "first second");
	w.fact.signed_s = NOW - DAY + 1;
	expect(&w, NOTAR_REASON_KEY_EXPIRED, "a second late");
	w.fact.signed_s = NOW - YEAR - 1;
	expect(&w, NOTAR_REASON_KEY_EXPIRED, "a second early");
	w.fact.signed_s = NOW;
	expect(&w, NOTAR_REASON_KEY_EXPIRED, "now");
}

static void
an_authoritys_signature_neither_needs_nor_uses_a_timestamp(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	make_by_authority(&w);
	lack_a_stamp(&w);
	expect(&w, NOTAR_REASON_TRUSTED, "none");
	be_stamped_by_the_revoked(&w);
	expect(&w, NOTAR_REASON_TRUSTED, "of the revoked");
	assert_int_equal(w.asked[ID_TSA_MIDDLE], 0);
	w.answers[ID_TSA_MIDDLE].status = REVOCATION_GOOD;
	w.fact.signed_s = NOW + 2 * YEAR;
	expect(&w, NOTAR_REASON_KEY_EXPIRED, "a good one saves nothing");
}

static void
after_cert_expiry_wants_a_timestamp_only_then(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	lack_a_stamp(&w);
	w.signer.timestamp_after_expiry = true;
	expect(&w, NOTAR_REASON_TRUSTED, "valid");
	set_chain(&w, ID_ROOT, NOW - YEAR, NOW);
	expect(&w, NOTAR_REASON_TRUSTED, "valid for this second");
	set_chain(&w, ID_ROOT, NOW - YEAR, NOW - 1);
	expect(&w, NOTAR_REASON_NO_TRUSTED_TIME, "expired");
	add_stamp(&w, ID_TSA_ROOT, NOW - DAY, NOW - DAY);
	expect(&w, NOTAR_REASON_TRUSTED, "expired, stamped");
	precede_the_certificate(&w);
	expect(&w, NOTAR_REASON_KEY_EXPIRED, "a stamp does not make it valid early");
}

static void
after_cert_expiry_looks_at_every_certificate(void **state)
{
	(void)state;
	for (enum id at = ID_LEAF; at <= ID_ROOT; at++) {
		NOTAR_AUTO_OF(world) w;

		world_init(&w);
		lack_a_stamp(&w);
		w.signer.timestamp_after_expiry = true;
		buf_clear(&w.chain);
		for (enum id id = ID_LEAF; id <= ID_ROOT; id++)
			add_link(&w, id, NOW - YEAR, id == at ? NOW - 1 : NOW + YEAR, false);
		expect(&w, NOTAR_REASON_NO_TRUSTED_TIME, "expired");
	}
}

static void
after_cert_expiry_without_a_store_for_timestamps_changes_nothing(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.signer.timestamp_after_expiry = true;
	outlive_the_certificate(&w);
	add_stamp(&w, ID_TSA_ROOT, NOW - DAY, NOW - DAY);
	expect(&w, NOTAR_REASON_KEY_EXPIRED, "a stamp by nobody of ours");
}

static void
a_timestamp_proves_a_certificate_that_has_expired_since(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	make_stamped(&w);
	outlive_the_certificate(&w);
	expect(&w, NOTAR_REASON_TRUSTED, "stamped in time");
}

static void
a_timestamp_that_leads_to_no_root_of_ours_is_none(void **state)
{
	(void)state;
	static const enum id roots[] = { ID_STRANGER, ID_ROOT, ID_AUTHORITY, ID_TSA_LEAF };

	for (size_t i = 0; i < NOTAR_COUNT(roots); i++) {
		NOTAR_AUTO_OF(world) w;

		world_init(&w);
		lack_a_stamp(&w);
		add_stamp(&w, roots[i], NOW - DAY, NOW - DAY);
		expect(&w, NOTAR_REASON_NO_TRUSTED_TIME, "root");
		assert_int_equal(w.asked_in_all, 0);
		assert_false(w.out.wants_revocation);
	}
}

static void
the_whole_range_lies_within_every_certificate_bounds_included(void **state)
{
	(void)state;
	static const struct {
		int64_t from_s, to_s;
		enum notar_reason reason;
	} cases[] = {
		{ NOW - YEAR, NOW - DAY, NOTAR_REASON_TRUSTED },
		{ NOW - YEAR, NOW - YEAR, NOTAR_REASON_TRUSTED },
		{ NOW - DAY, NOW - DAY, NOTAR_REASON_TRUSTED },
		{ NOW - YEAR - 1, NOW - DAY, NOTAR_REASON_KEY_EXPIRED },
		{ NOW - YEAR, NOW - DAY + 1, NOTAR_REASON_KEY_EXPIRED },
		{ NOW - YEAR - 1, NOW - YEAR - 1, NOTAR_REASON_KEY_EXPIRED },
		{ NOW - DAY + 1, NOW - DAY + 1, NOTAR_REASON_KEY_EXPIRED },
		{ NOW - 2 * YEAR, NOW, NOTAR_REASON_KEY_EXPIRED },
	};

	for (enum id at = ID_LEAF; at <= ID_ROOT; at++)
		for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
			NOTAR_AUTO_OF(world) w;

			world_init(&w);
			lack_a_stamp(&w);
			buf_clear(&w.chain);
			for (enum id id = ID_LEAF; id <= ID_ROOT; id++)
				add_link(&w, id, NOW - (id == at ? 1 : 9) * YEAR,
					 id == at ? NOW - DAY : NOW + YEAR, false);
			add_stamp(&w, ID_TSA_ROOT, cases[i].from_s, cases[i].to_s);
			expect(&w, cases[i].reason, "range");
		}
}

static void
one_good_timestamp_of_several_is_enough(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	lack_a_stamp(&w);
	add_stamp(&w, ID_STRANGER, NOW - DAY, NOW - DAY);
	expect(&w, NOTAR_REASON_NO_TRUSTED_TIME, "none");
	add_stamp(&w, ID_TSA_ROOT, NOW - 2 * YEAR, NOW - 2 * YEAR);
	expect(&w, NOTAR_REASON_KEY_EXPIRED, "none, and the one that says more is told");
	add_stamp(&w, ID_STRANGER, NOW - DAY, NOW - DAY);
	expect(&w, NOTAR_REASON_KEY_EXPIRED, "none yet");
	add_stamp(&w, ID_TSA_ROOT, NOW - DAY, NOW - DAY);
	expect(&w, NOTAR_REASON_TRUSTED, "the last");
}

static void
revocation_of_the_tsa_is_enforced_whatever_the_policy_says_of_revocation(void **state)
{
	(void)state;
	for (enum x509_action action = X509_ENFORCE; action <= X509_SKIP; action++)
		for (enum id id = ID_TSA_LEAF; id <= ID_TSA_MIDDLE; id++) {
			NOTAR_AUTO_OF(world) w;

			world_init(&w);
			make_stamped(&w);
			w.signer.revocation = action;
			w.answers[id].status = REVOCATION_REVOKED;
			expect(&w, NOTAR_REASON_REVOKED_CERTIFICATE, "revoked");
			assert_false(w.out.wants_revocation);
			w.answers[id].status = REVOCATION_UNKNOWN;
			expect(&w, NOTAR_REASON_REVOCATION_UNKNOWN, "unknown");
			assert_true(w.out.wants_revocation);
			w.damaged[id] = true;
			expect(&w, NOTAR_REASON_STORE_FAILURE, "damaged");
			w.damaged[id] = false;
			w.answers[id].status = REVOCATION_NOT_REVOCABLE;
			expect(&w, NOTAR_REASON_TRUSTED, "not revocable");
		}
}

static void
an_invalidity_date_does_not_save_a_tsa(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	make_stamped(&w);
	w.answers[ID_TSA_LEAF] =
		(struct revocation_answer){ REVOCATION_REVOKED, NOW, NOW, NOW, NOW + DAY };
	expect(&w, NOTAR_REASON_REVOKED_CERTIFICATE, "revoked after the stamp");
}

static void
only_certificates_that_can_be_revoked_are_asked_about(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.answers[ID_ROOT].status = REVOCATION_REVOKED;
	expect(&w, NOTAR_REASON_TRUSTED, "root");
	assert_int_equal(w.asked[ID_LEAF], 1);
	assert_int_equal(w.asked[ID_MIDDLE], 1);
	assert_int_equal(w.asked[ID_ROOT], 0);
	w.answers[ID_LEAF].status = REVOCATION_NOT_REVOCABLE;
	expect(&w, NOTAR_REASON_TRUSTED, "not revocable");
	w.signer.revocation = X509_SKIP;
	expect(&w, NOTAR_REASON_TRUSTED, "skipped");
	assert_int_equal(w.asked_in_all, 0);
}

static void
a_book_of_nothing_knows_nothing(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.book = (struct revocation_book){ 0 };
	expect(&w, NOTAR_REASON_REVOCATION_UNKNOWN, "chain");
	assert_true(w.out.wants_revocation);
	w.signer.revocation = X509_SKIP;
	expect(&w, NOTAR_REASON_TRUSTED, "skipped");
	assert_false(w.out.wants_revocation);
	make_stamped(&w);
	expect(&w, NOTAR_REASON_REVOCATION_UNKNOWN, "stamp");
	assert_true(w.out.wants_revocation);
}

static void
revoked_outweighs_unknown_in_any_order(void **state)
{
	(void)state;
	static const enum id pairs[][2] = { { ID_LEAF, ID_MIDDLE },
					    { ID_MIDDLE, ID_LEAF },
					    { ID_TSA_LEAF, ID_TSA_MIDDLE },
					    { ID_TSA_MIDDLE, ID_TSA_LEAF } };

	for (size_t i = 0; i < NOTAR_COUNT(pairs); i++) {
		NOTAR_AUTO_OF(world) w;

		world_init(&w);
		make_stamped(&w);
		w.answers[pairs[i][0]].status = REVOCATION_REVOKED;
		w.answers[pairs[i][1]].status = REVOCATION_UNKNOWN;
		expect(&w, NOTAR_REASON_REVOKED_CERTIFICATE, "unknown");
		w.damaged[pairs[i][1]] = true;
		expect(&w, NOTAR_REASON_REVOKED_CERTIFICATE, "damaged");
	}
}

static void
a_damaged_look_up_never_reads_as_good(void **state)
{
	(void)state;
	for (enum id id = ID_LEAF; id <= ID_MIDDLE; id++) {
		NOTAR_AUTO_OF(world) w;

		world_init(&w);
		w.damaged[id] = true;
		expect(&w, NOTAR_REASON_STORE_FAILURE, "enforced");
		assert_int_equal(notar_reason_verdict(w.out.reason), NOTAR_UNDETERMINED);
		w.signer.revocation = X509_LOG;
		expect(&w, NOTAR_REASON_TRUSTED, "logged");
		assert_int_equal(w.out.logged, NOTAR_REASON_STORE_FAILURE);
	}
}

static void
an_invalidity_date_after_the_time_counts_for_an_authority(void **state)
{
	(void)state;
	for (int64_t off = -1; off <= 1; off++)
		for (enum id id = ID_LEAF; id <= ID_MIDDLE; id++) {
			NOTAR_AUTO_OF(world) w;

			world_init(&w);
			make_by_authority(&w);
			w.answers[id] = (struct revocation_answer){
				.status = REVOCATION_REVOKED,
				.revoked_s = NOW,
				.invalidity_s = w.fact.signed_s + off,
			};
			expect(&w,
			       off > 0 ? NOTAR_REASON_TRUSTED : NOTAR_REASON_REVOKED_CERTIFICATE,
			       "invalid since");
		}
}

static void
an_invalidity_date_counts_for_nobody_else(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	w.answers[ID_LEAF] = (struct revocation_answer){ .status = REVOCATION_REVOKED,
							 .revoked_s = NOW,
							 .invalidity_s = NOW };
	expect(&w, NOTAR_REASON_REVOKED_CERTIFICATE, "claimed time");
	make_stamped(&w);
	expect(&w, NOTAR_REASON_REVOKED_CERTIFICATE, "stamped time");
	make_by_authority(&w);
	expect(&w, NOTAR_REASON_TRUSTED, "authority");
	w.answers[ID_LEAF].invalidity_s = 0;
	expect(&w, NOTAR_REASON_REVOKED_CERTIFICATE, "no invalidity date");
	/* revoked_s is no invalidity date. */
	w.fact.signed_s = NOW - DAY;
	expect(&w, NOTAR_REASON_REVOKED_CERTIFICATE, "revoked later");
	w.answers[ID_LEAF].invalidity_s = NOW;
	w.fact.signed_s = 0;
	set_chain(&w, ID_AUTHORITY, -YEAR, NOW + YEAR);
	expect(&w, NOTAR_REASON_REVOKED_CERTIFICATE, "no time");
}

static void
one_invalidity_date_saves_no_other_certificate(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	make_by_authority(&w);
	w.answers[ID_LEAF] =
		(struct revocation_answer){ .status = REVOCATION_REVOKED, .invalidity_s = NOW };
	expect(&w, NOTAR_REASON_TRUSTED, "alone");
	w.answers[ID_MIDDLE].status = REVOCATION_REVOKED;
	expect(&w, NOTAR_REASON_REVOKED_CERTIFICATE, "CA revoked");
	w.answers[ID_MIDDLE].status = REVOCATION_UNKNOWN;
	expect(&w, NOTAR_REASON_REVOCATION_UNKNOWN, "CA unknown");
}

static void
an_answer_is_wanted_where_it_is_missing_and_matters(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(world) w;

	world_init(&w);
	have_an_unknown_leaf(&w);
	expect(&w, NOTAR_REASON_REVOCATION_UNKNOWN, "enforced");
	assert_true(w.out.wants_revocation);
	w.signer.revocation = X509_LOG;
	expect(&w, NOTAR_REASON_TRUSTED, "logged");
	assert_true(w.out.wants_revocation);
	w.signer.revocation = X509_SKIP;
	expect(&w, NOTAR_REASON_TRUSTED, "skipped");
	assert_false(w.out.wants_revocation);
	w.signer.revocation = X509_ENFORCE;
	run_out(&w);
	expect(&w, NOTAR_REASON_EXPIRED, "expired");
	assert_false(w.out.wants_revocation);
	w.fact.expires_s = 0;
	outlive_the_certificate(&w);
	expect(&w, NOTAR_REASON_KEY_EXPIRED, "out of date");
	assert_false(w.out.wants_revocation);
}

/* The addresses are in the certificates: a stranger must not say where we go, whatever a timestamp
 * of a TSA of ours would need (specs/notary-project.md section 15.3). */
static void
nobody_asks_for_a_stranger(void **state)
{
	(void)state;
	static void (*const strangers[])(struct world *) = { lead_to_a_stranger, be_somebody_else };

	for (size_t i = 0; i < NOTAR_COUNT(strangers); i++)
		for (enum x509_action action = X509_ENFORCE; action <= X509_LOG; action++)
			for (enum x509_action time = X509_ENFORCE; time <= X509_SKIP; time++) {
				NOTAR_AUTO_OF(world) w;

				world_init(&w);
				have_an_unknown_leaf(&w);
				be_stamped_by_the_unknown(&w);
				strangers[i](&w);
				w.signer.authenticity = action;
				w.signer.timestamp = time;
				if (judge(&w) == NOTAR_REASON_TRUSTED)
					assert_int_equal(action, X509_LOG);
				assert_int_equal(w.asked[ID_LEAF], 0);
				assert_false(w.out.wants_revocation);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_that_passes_every_check_counts),
		cmocka_unit_test(a_check_that_is_enforced_and_fails_is_the_reason),
		cmocka_unit_test(a_check_that_is_logged_and_fails_is_only_told),
		cmocka_unit_test(a_check_that_is_skipped_says_nothing),
		cmocka_unit_test(logging_one_check_loosens_no_other),
		cmocka_unit_test(the_first_of_several_logged_failures_is_told),
		cmocka_unit_test(any_certificate_of_the_chain_may_be_the_anchor),
		cmocka_unit_test(anchors_of_another_store_do_not_count),
		cmocka_unit_test(an_anchor_is_its_whole_thumbprint),
		cmocka_unit_test(a_fact_or_signer_of_zeros_is_not_trusted),
		cmocka_unit_test(one_of_the_identities_must_be_the_leafs),
		cmocka_unit_test(a_signature_has_expired_at_the_second_of_its_expiry),
		cmocka_unit_test(every_certificate_must_be_valid_now_bounds_included),
		cmocka_unit_test(a_claimed_time_proves_nothing),
		cmocka_unit_test(an_authoritys_time_is_what_counts_bounds_included),
		cmocka_unit_test(an_authoritys_signature_neither_needs_nor_uses_a_timestamp),
		cmocka_unit_test(after_cert_expiry_wants_a_timestamp_only_then),
		cmocka_unit_test(after_cert_expiry_looks_at_every_certificate),
		cmocka_unit_test(after_cert_expiry_without_a_store_for_timestamps_changes_nothing),
		cmocka_unit_test(a_timestamp_proves_a_certificate_that_has_expired_since),
		cmocka_unit_test(a_timestamp_that_leads_to_no_root_of_ours_is_none),
		cmocka_unit_test(the_whole_range_lies_within_every_certificate_bounds_included),
		cmocka_unit_test(one_good_timestamp_of_several_is_enough),
		cmocka_unit_test(
			revocation_of_the_tsa_is_enforced_whatever_the_policy_says_of_revocation),
		cmocka_unit_test(an_invalidity_date_does_not_save_a_tsa),
		cmocka_unit_test(only_certificates_that_can_be_revoked_are_asked_about),
		cmocka_unit_test(a_book_of_nothing_knows_nothing),
		cmocka_unit_test(revoked_outweighs_unknown_in_any_order),
		cmocka_unit_test(a_damaged_look_up_never_reads_as_good),
		cmocka_unit_test(an_invalidity_date_after_the_time_counts_for_an_authority),
		cmocka_unit_test(an_invalidity_date_counts_for_nobody_else),
		cmocka_unit_test(one_invalidity_date_saves_no_other_certificate),
		cmocka_unit_test(an_answer_is_wanted_where_it_is_missing_and_matters),
		cmocka_unit_test(nobody_asks_for_a_stranger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
