/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "base/limits.h"
#include "pki/cert_show.h"
#include "pki/chain.h"
#include "pki/revocation.h"
#include "pki/suite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
lies_in(struct span part, const struct buf *whole)
{
	return part.ptr >= whole->ptr && part.len <= whole->len &&
	       (size_t)(part.ptr - whole->ptr) <= whole->len - part.len;
}

static void
try_certificate(const struct cert *cert)
{
	static struct revocation_urls urls;
	const struct notar_digest digest = digest_of(NOTAR_SHA256, buf_span(&cert->der));
	NOTAR_AUTO_OF(buf) shown = { 0 };
	const struct key *key = NULL;

	if (!lies_in(cert->subject, &cert->der) || !lies_in(cert->issuer, &cert->der) ||
	    !lies_in(cert->serial, &cert->der) || cert->der.len > LIMIT_CERTIFICATE_BYTES ||
	    memcmp(cert->thumbprint, digest.bytes, FACT_ID_BYTES) != 0)
		abort();
	if (cert->is_self_signed && !span_equal(cert->subject, cert->issuer))
		abort();
	revocation_urls(cert, &urls);
	if (urls.ocsp_count > REVOCATION_URLS || urls.crl_count > REVOCATION_URLS)
		abort();
	cert_show(cert, &shown);
	cert_show_json(cert, &shown);
	(void)!cert_key(cert, &key, NULL);
}

/* What a chain that keeps the rules is, said in other words. */
static void
expect_rules(const struct cert_list *chain)
{
	const struct key *key = NULL;
	const struct suite *suite;

	for (size_t i = 0; i < chain->count; i++) {
		struct cert *cert = chain->certs[i];
		const struct cert *issuer = chain->certs[i + 1 < chain->count ? i + 1 : i];

		if (cert->is_self_signed != (i + 1 == chain->count) ||
		    cert_is_ca(cert) != (i > 0) ||
		    cert_is_issued_by(cert, issuer, NULL) != NOTAR_OK)
			abort();
	}
	if (cert_key(chain->certs[0], &key, NULL) != NOTAR_OK ||
	    suite_of_key(key, &suite, NULL) != NOTAR_OK)
		abort();
}

/* A file of certificates, PEM or DER, taken for a chain. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	struct notar_error err = { 0 };

	if (cert_list_add_file(&chain, span_of(data, size), LIMIT_CHAIN_CERTIFICATES, &err) !=
	    NOTAR_OK) {
		if (err.msg[0] == '\0')
			abort();
		return 0;
	}
	if (chain.count == 0 || chain.count > LIMIT_CHAIN_CERTIFICATES)
		abort();
	for (size_t i = 0; i < chain.count; i++)
		try_certificate(chain.certs[i]);
	bool signs = chain_check(&chain, CHAIN_CODE_SIGNING, &err) == NOTAR_OK;
	bool stamps = chain_check(&chain, CHAIN_TIMESTAMPING, &err) == NOTAR_OK;

	if (signs && stamps) /* one's purpose is forbidden to the other */
		abort();
	if (signs || stamps)
		expect_rules(&chain);
	(void)!chain_check_validity(&chain, INT64_MIN, INT64_MAX, &err);
	return 0;
}
