/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/notation.h"
#include "trust/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* tests/vectors/trust-stores/ca.pem: what every store holds. */
static const char ca_pem[] = "-----BEGIN CERTIFICATE-----\n"
			     "MIIB0TCCAXegAwIBAgIUK286WFtKq3OCIq8wWw1l7exNBn8wCgYIKoZIzj0EAwIw\n"
			     "PTELMAkGA1UEBhMCVVMxCzAJBgNVBAgMAldBMRQwEgYDVQQKDAtub3RhciB0ZXN0\n"
			     "czELMAkGA1UEAwwCY2EwIBcNMjYxMTI0MTIyMDE4WhgPMjEyNjEwMzExMjIwMTha\n"
			     "MD0xCzAJBgNVBAYTAlVTMQswCQYDVQQIDAJXQTEUMBIGA1UECgwLbm90YXIgdGVz\n"
			     "dHMxCzAJBgNVBAMMAmNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEnOF35wa3\n"
			     "uovgWPXVXMs4QC/fq27p2wJB2QOECsVejSEVcWghxG+Q1L7l4TcjD5k3bJkmDdxy\n"
			     "FpHpCmw5kvZGm6NTMFEwHQYDVR0OBBYEFMxDIoa2xJaTSt3y4NvqxJP2zE60MB8G\n"
			     "A1UdIwQYMBaAFMxDIoa2xJaTSt3y4NvqxJP2zE60MA8GA1UdEwEB/wQFMAMBAf8w\n"
			     "CgYIKoZIzj0EAwIDSAAwRQIgQd5v88vpKKCf7ln+vMrtHvwYhr9jx9cX2sHt7ZvU\n"
			     "npICIQCTUe2HNxhPfha6bqnzg6u/MeRvFBA9vCqXuAEsKhGiKQ==\n"
			     "-----END CERTIFICATE-----\n";

static enum notar_code
fake_store(void *context, const char *type, const char *name, struct buf *pem,
	   struct notar_error *err)
{
	(void)context;
	(void)err;
	if (type[0] == '\0' || name[0] == '\0' || name[0] == '/' || strchr(name, '/') != NULL)
		abort();
	buf_append_str(pem, ca_pem);
	return NOTAR_OK;
}

/* What is translated is a policy; each rule of it asks for one signer, or is exempt but never for
 * everything; and each signer has anchors and identities. */
static void
check_policy(const struct policy *policy)
{
	if (policy->rule_count == 0)
		abort();
	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct policy_rule *rule = &policy->rules[i];

		if (rule->exempt && strcmp(rule->scope, "*") == 0)
			abort();
		if (!rule->exempt && (rule->count != 1 || rule->requirements[0].any_signer))
			abort();
	}
	for (size_t i = 0; i < policy->signer_count; i++) {
		const struct policy_x509 *x509 = policy->signers[i].x509;

		if (x509 == NULL || policy->signers[i].count != 0 ||
		    (!x509->any_identity && x509->identity_count == 0))
			abort();
	}
}

static void
translate(struct span document, enum notation_kind kind)
{
	NOTAR_AUTO_OF(buf) out = { 0 };
	NOTAR_AUTO(policy) *policy = NULL;
	struct notar_error err = { 0 };

	if (notation_translate(document, kind, fake_store, NULL, &out, &err) != NOTAR_OK) {
		if (out.len > 0 || err.msg[0] == '\0')
			abort();
		return;
	}
	if (!notation_is_document(document) ||
	    policy_load(buf_span(&out), &policy, &err) != NOTAR_OK)
		abort();
	check_policy(policy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	translate(span_of(data, size), NOTATION_OCI);
	translate(span_of(data, size), NOTATION_BLOB);
	return 0;
}
