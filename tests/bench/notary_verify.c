/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What judging a Notary Project envelope costs beside the signatures that it cannot do without:
 *   notary_verify jws|cose ENVELOPE MANIFEST ROUNDS
 * prints {"judge_ns":X,"bare_ns":Y,"one_ns":Z}, processor time a verification. "bare" is the
 * envelope's own signature and that of each certificate of the chain, the root's own among them
 * (specs/notary-project.md section 8.1 asks for it), over prepared bytes with prepared keys; "one" is
 * the envelope's alone. The three take turns, so that a drifting machine hits all of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/limits.h"
#include "envelope/judge_notary.h"
#include "oci/manifest.h"
#include "pki/suite.h"

#define TURN 20

struct operation {
	EVP_PKEY *key;
	const EVP_MD *md;
	bool is_pss;
	uint8_t *message, *signature;
	size_t message_len, signature_len;
};

static void
fail(const char *why)
{
	fprintf(stderr, "notary_verify: %s\n", why);
	exit(1);
}

static double
cpu_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
verify(const struct operation *op)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *params = NULL;

	if (ctx == NULL || EVP_DigestVerifyInit(ctx, &params, op->md, NULL, op->key) != 1 ||
	    (op->is_pss &&
	     (EVP_PKEY_CTX_set_rsa_padding(params, RSA_PKCS1_PSS_PADDING) != 1 ||
	      EVP_PKEY_CTX_set_rsa_pss_saltlen(params, RSA_PSS_SALTLEN_DIGEST) != 1)) ||
	    EVP_DigestVerify(ctx, op->signature, op->signature_len, op->message, op->message_len) !=
		    1)
		fail("a signature of the floor does not hold");
	EVP_MD_CTX_free(ctx);
}

static struct operation
of_certificate(X509 *subject, X509 *issuer)
{
	struct operation op = { .key = X509_get_pubkey(issuer) };
	const ASN1_BIT_STRING *signature = NULL;
	int digest = NID_undef;
	int len = i2d_re_X509_tbs(subject, &op.message);

	X509_get0_signature(&signature, NULL, subject);
	if (len <= 0 || op.key == NULL || signature == NULL ||
	    X509_get_signature_info(subject, &digest, NULL, NULL, NULL) != 1)
		fail("a certificate cannot be read");
	op.md = EVP_get_digestbynid(digest);
	op.message_len = (size_t)len;
	op.signature = signature->data;
	op.signature_len = (size_t)signature->length;
	return op;
}

static struct operation
of_envelope(const struct notary_envelope *envelope)
{
	struct operation op = { .key = X509_get_pubkey(envelope->chain.certs[0]->x509),
				.md = ossl_hash(envelope->suite->hash),
				.message = envelope->to_be_signed.ptr,
				.message_len = envelope->to_be_signed.len,
				.signature = envelope->signature.ptr,
				.signature_len = envelope->signature.len };

	if (envelope->suite->rsa_bits != 0) {
		op.is_pss = true;
		return op;
	}
	ECDSA_SIG *both = ECDSA_SIG_new();
	int half = (int)(op.signature_len / 2);

	if (both == NULL || ECDSA_SIG_set0(both, BN_bin2bn(op.signature, half, NULL),
					   BN_bin2bn(op.signature + half, half, NULL)) != 1)
		fail("no memory");
	op.signature = NULL;
	op.signature_len = (size_t)i2d_ECDSA_SIG(both, &op.signature);
	return op;
}

static void
judge(struct span envelope, enum fact_format format, const struct notary_subject *subject)
{
	const struct keyring nobody = { 0 };
	struct evidence evidence = { 0 };
	struct evidence_item *item = evidence_add(&evidence);

	if (item == NULL)
		fail("no memory");
	judge_notary(envelope, format, subject, &nobody, item);
	if (item->reason != NOTAR_REASON_TRUSTED)
		fail(item->message);
	evidence_release(&evidence);
}

int
main(int argc, char **argv)
{
	struct buf envelope = { .cap = LIMIT_NOTARY_ENVELOPE_BYTES };
	struct buf manifest = { .cap = LIMIT_MANIFEST_BYTES };
	struct operation ops[1 + LIMIT_CHAIN_CERTIFICATES];
	struct notary_envelope parsed = { 0 };
	struct notar_error err = { 0 };
	double spent[3] = { 0 };

	if (argc != 5)
		fail("usage: notary_verify jws|cose ENVELOPE MANIFEST ROUNDS");
	enum fact_format format = strcmp(argv[1], "jws") == 0 ? FACT_JWS : FACT_COSE;
	long turns = (strtol(argv[4], NULL, 10) + TURN - 1) / TURN;

	if (file_read(argv[2], LIMIT_NOTARY_ENVELOPE_BYTES, &envelope, &err) != NOTAR_OK ||
	    file_read(argv[3], LIMIT_MANIFEST_BYTES, &manifest, &err) != NOTAR_OK ||
	    notary_parse(buf_span(&envelope), format, &parsed, &err) != NOTAR_OK)
		fail(err.msg);
	const struct notar_digest digest = digest_of(NOTAR_SHA256, buf_span(&manifest));
	const struct notary_subject subject = { .digest = &digest,
						.media_type = span_str(OCI_TYPE_MANIFEST),
						.size = (int64_t)manifest.len };
	size_t certs = parsed.chain.count;

	ops[0] = of_envelope(&parsed);
	for (size_t i = 0; i < certs; i++)
		ops[1 + i] = of_certificate(parsed.chain.certs[i]->x509,
					    parsed.chain.certs[i + 1 < certs ? i + 1 : i]->x509);
	for (long turn = -1; turn < turns; turn++) {
		double at[4] = { cpu_ns() };

		for (int i = 0; i < TURN; i++)
			judge(buf_span(&envelope), format, &subject);
		at[1] = cpu_ns();
		for (int i = 0; i < TURN; i++)
			for (size_t k = 0; k <= certs; k++)
				verify(&ops[k]);
		at[2] = cpu_ns();
		for (int i = 0; i < TURN; i++)
			verify(&ops[0]);
		at[3] = cpu_ns();
		for (int i = 0; turn >= 0 && i < 3; i++) /* the first turn warms caches */
			spent[i] += at[i + 1] - at[i];
	}
	double rounds = (double)turns * TURN;

	printf("{\"judge_ns\":%.0f,\"bare_ns\":%.0f,\"one_ns\":%.0f}\n", spent[0] / rounds,
	       spent[1] / rounds, spent[2] / rounds);
	return 0;
}
