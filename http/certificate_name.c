/* SPDX-License-Identifier: Apache-2.0 */
#include "http/certificate_name.h"

#include <openssl/x509v3.h>
#include <string.h>

#include "base/own.h"

static void
names_free(GENERAL_NAMES *names)
{
	GENERAL_NAMES_free(names);
}
NOTAR_AUTO_FOREIGN(names, GENERAL_NAMES, names_free)

static bool
is_text(const ASN1_STRING *text, const char *name)
{
	size_t len = strlen(name);

	return ASN1_STRING_length(text) >= 0 && (size_t)ASN1_STRING_length(text) == len &&
	       memcmp(ASN1_STRING_get0_data(text), name, len) == 0;
}

static bool
has_common_name(const X509 *certificate, const char *name)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return false;
	return is_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), name);
}

bool
certificate_has_name(const struct x509_st *certificate, const char *name)
{
	NOTAR_AUTO_PTR(names, GENERAL_NAMES) *names =
		X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool any = false;

	for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(names, i);

		if (one->type != GEN_DNS && one->type != GEN_URI && one->type != GEN_EMAIL)
			continue;
		any = true;
		if (is_text(one->d.ia5, name))
			return true;
	}
	return !any && has_common_name(certificate, name);
}
