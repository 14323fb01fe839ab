/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/asn1.h"
#include "pki/revocation.h"

NOTAR_AUTO_FOREIGN(access_list, AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free)
NOTAR_AUTO_FOREIGN(crl_points, CRL_DIST_POINTS, CRL_DIST_POINTS_free)

/* Plain http only: the answers are signed, and https would need them itself (section 15.1). */
static void
add_url(const GENERAL_NAME *name, char urls[REVOCATION_URLS][REVOCATION_URL_BYTES], size_t *count,
	bool *has_others)
{
	int type = 0;
	const ASN1_STRING *text = GENERAL_NAME_get0_value(name, &type);

	if (type != GEN_URI || text == NULL) {
		*has_others = true;
		return;
	}
	struct span url = span_of(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));

	if (!span_starts_with(url, "http://") || url.len >= REVOCATION_URL_BYTES ||
	    *count == REVOCATION_URLS || span_find(url, 0) != url.len) {
		*has_others = true;
		return;
	}
	memcpy(urls[*count], url.ptr, url.len);
	urls[*count][url.len] = '\0';
	(*count)++;
}

static void
add_points(const CRL_DIST_POINTS *points, struct revocation_urls *out)
{
	for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
		const DIST_POINT *point = sk_DIST_POINT_value(points, i);

		/* A list of another issuer, or one named relative to it, cannot be asked for. */
		if (point->CRLissuer != NULL || point->distpoint == NULL ||
		    point->distpoint->type != 0) {
			out->has_other_crl = true;
			continue;
		}
		const GENERAL_NAMES *names = point->distpoint->name.fullname;

		for (int k = 0; k < sk_GENERAL_NAME_num(names); k++)
			add_url(sk_GENERAL_NAME_value(names, k), out->crl, &out->crl_count,
				&out->has_other_crl);
	}
}

void
revocation_urls(const struct cert *cert, struct revocation_urls *out)
{
	*out = (struct revocation_urls){ 0 };
	NOTAR_AUTO_PTR(access_list, AUTHORITY_INFO_ACCESS) *access =
		X509_get_ext_d2i(cert->x509, NID_info_access, NULL, NULL);
	NOTAR_AUTO_PTR(crl_points, CRL_DIST_POINTS) *points =
		X509_get_ext_d2i(cert->x509, NID_crl_distribution_points, NULL, NULL);

	for (int i = 0; access != NULL && i < sk_ACCESS_DESCRIPTION_num(access); i++) {
		const ACCESS_DESCRIPTION *one = sk_ACCESS_DESCRIPTION_value(access, i);

		if (OBJ_obj2nid(one->method) == NID_ad_OCSP)
			add_url(one->location, out->ocsp, &out->ocsp_count, &out->has_other_ocsp);
	}
	if (points != NULL)
		add_points(points, out);
	out->has_freshest_crl = X509_get_ext_by_NID(cert->x509, NID_freshest_crl, -1) >= 0;
	/* There, but not to be read: somebody may have meant something. */
	if (access == NULL && X509_get_ext_by_NID(cert->x509, NID_info_access, -1) >= 0)
		out->has_other_ocsp = true;
	if (points == NULL && X509_get_ext_by_NID(cert->x509, NID_crl_distribution_points, -1) >= 0)
		out->has_other_crl = true;
	ossl_forget_errors();
}

bool
revocation_is_possible(const struct cert *cert)
{
	struct revocation_urls urls;

	if (cert->is_self_signed)
		return false;
	revocation_urls(cert, &urls);
	return urls.ocsp_count > 0 || urls.crl_count > 0 || urls.has_other_ocsp ||
	       urls.has_other_crl || urls.has_freshest_crl;
}

enum notar_code
crl_freshest(struct span base, struct revocation_urls *out, struct notar_error *err)
{
	const uint8_t *at = base.ptr;

	*out = (struct revocation_urls){ 0 };
	X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)base.len);

	if (crl == NULL)
		return ossl_fail(err, NOTAR_E_FORMAT, "no CRL");
	int crit = -1;
	NOTAR_AUTO_PTR(crl_points, CRL_DIST_POINTS) *points =
		X509_CRL_get_ext_d2i(crl, NID_freshest_crl, &crit, NULL);

	if (points != NULL)
		add_points(points, out);
	out->has_freshest_crl = crit != -1;
	X509_CRL_free(crl);
	ossl_forget_errors();
	return NOTAR_OK;
}
