/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/fulcio.h"

#include "base/limits.h"
#include "pki/extension.h"

/*
 * Walked by hand, as OpenSSL 3.0 knows no purpose of code signing and takes a certificate's last
 * second for expired (specs/sigstore.md appendix B).
 */

enum notar_code
fulcio_leaf_check(const struct cert *leaf, struct notar_error *err)
{
	struct extensions all;
	struct extension_usage usage;

	NOTAR_TRY(extensions_read(leaf, &all, err));
	NOTAR_TRY(extension_usage_read(&all, &usage, err));
	if (usage.is_ca)
		return notar_fail(err, NOTAR_E_FORMAT, "it signs, but it is a CA");
	if (!usage.is_signer)
		return notar_fail(err, NOTAR_E_FORMAT, "its keyUsage lacks digitalSignature");
	if (!usage.is_code_signer)
		return notar_fail(err, NOTAR_E_FORMAT, "its extendedKeyUsage lacks codeSigning");
	return NOTAR_OK;
}

/* Whether it may issue, with that many CAs between it and the leaf. A CA without keyUsage or
 * extendedKeyUsage may do all (RFC 5280 sections 4.2.1.3 and 4.2.1.12). Whom nameConstraints,
 * which should be critical, exclude is not worked out: so such a CA is none. */
static enum notar_code
check_issuer(const struct cert *ca, size_t below, struct notar_error *err)
{
	static const uint8_t name_constraints[] = { 0x55, 0x1d, 30 };
	const struct span constraints = span_of(name_constraints, sizeof(name_constraints));
	struct extensions all;
	struct extension_usage usage;

	NOTAR_TRY(extensions_read(ca, &all, err));
	NOTAR_TRY(extension_usage_read(&all, &usage, err));
	if (!usage.is_ca)
		return notar_fail(err, NOTAR_E_FORMAT, "it issues, but it is no CA");
	if (below > usage.most_below)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "more CAs below it than its pathLenConstraint allows");
	if (usage.has_usage && !usage.is_issuer)
		return notar_fail(err, NOTAR_E_FORMAT, "its keyUsage lacks keyCertSign");
	if (usage.has_purposes && !usage.is_code_signer && !usage.is_any_purpose)
		return notar_fail(err, NOTAR_E_FORMAT, "its extendedKeyUsage lacks codeSigning");
	if (extensions_find(&all, constraints) != NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "it has nameConstraints");
	return NOTAR_OK;
}

/* Links that are looked at before it is given up: CAs may have certified each other at will. */
#define TRIES_MAX 256

struct search {
	const struct cert_list *chain;
	bool is_used[LIMIT_CHAIN_CERTIFICATES];
	unsigned tries;
	struct fulcio_path best; /* issuer NULL: none yet */
	struct notar_error why;  /* the last CA that would have issued, but may not */
};

static void
narrow(struct fulcio_path *path, const struct cert *cert)
{
	if (cert->not_before_s > path->from_s)
		path->from_s = cert->not_before_s;
	if (cert->not_after_s < path->to_s)
		path->to_s = cert->not_after_s;
}

static bool
is_link(struct search *search, const struct cert *cert, size_t i, size_t below)
{
	const struct cert *ca = search->chain->certs[i];
	char name[CERT_NAME_TEXT_BYTES];

	if (search->is_used[i] || !span_equal(cert->issuer, ca->subject) ||
	    search->tries++ >= TRIES_MAX)
		return false;
	struct notar_error err = { 0 };
	enum notar_code code = cert_check_issuer(cert, ca, &err);

	if (code == NOTAR_OK)
		code = check_issuer(ca, below, &err);
	if (code == NOTAR_OK)
		return true;
	if (notar_context(&err, "\"%s\"", cert_name_text(ca, name)) != NOTAR_OK)
		search->why = err;
	return false;
}

/* Depth first, from the leaf up. The first path that is valid at any time ends the search, so that
 * an authority may renew an intermediate beside an expired one. */
static bool
climb(struct search *search, const struct cert *cert, size_t below, const struct fulcio_path *path)
{
	for (size_t i = 0; i < search->chain->count; i++) {
		if (!is_link(search, cert, i, below))
			continue;
		const struct cert *ca = search->chain->certs[i];
		struct fulcio_path longer = *path;

		narrow(&longer, ca);
		if (longer.issuer == NULL)
			longer.issuer = ca;
		if (i + 1 == search->chain->count) {
			search->best = longer;
			if (longer.from_s <= longer.to_s)
				return true;
			continue;
		}
		search->is_used[i] = true;
		if (climb(search, ca, below + 1, &longer))
			return true;
		search->is_used[i] = false;
	}
	return false;
}

enum notar_code
fulcio_path_find(const struct cert *leaf, const struct root_authority *ca, struct fulcio_path *out,
		 struct notar_error *err)
{
	struct search search = { .chain = &ca->chain };
	struct fulcio_path start = { NULL, leaf->not_before_s, leaf->not_after_s };

	if (ca->chain.count > LIMIT_CHAIN_CERTIFICATES)
		return notar_fail(err, NOTAR_E_SIGNATURE, "an authority of over %d certificates",
				  LIMIT_CHAIN_CERTIFICATES);
	(void)climb(&search, leaf, 0, &start);
	if (search.best.issuer == NULL)
		return notar_fail(err, NOTAR_E_SIGNATURE,
				  "the certificate does not lead to the authority%s%s",
				  search.why.msg[0] != '\0' ? ": " : "", search.why.msg);
	*out = search.best;
	return NOTAR_OK;
}
