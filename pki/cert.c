/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert.h"

#include <string.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/limits.h"
#include "keys/der.h"
#include "pki/asn1.h"
#include "pki/cert_cache.h"

void
cert_free(struct cert *cert)
{
	if (cert == NULL || atomic_fetch_sub(&cert->references, 1) > 1)
		return;
	X509_free(cert->x509);
	key_free(cert->key);
	buf_release(&cert->der);
	free(cert);
}

struct cert *
cert_share(struct cert *cert)
{
	(void)atomic_fetch_add(&cert->references, 1);
	return cert;
}

/* The next value with its header. */
static struct span
take_whole(struct reader *r, enum der_tag tag)
{
	struct span before = r->rest;

	(void)der_take(r, tag);
	if (r->failed)
		return (struct span){ 0 };
	return span_of(before.ptr, before.len - r->rest.len);
}

/* Of a kind that is not known it stays NULL: a CA's may be. */
static void
read_key(struct cert *cert)
{
	struct notar_error err;

	if (key_load_public(cert->spki, &cert->key, &err) != NOTAR_OK)
		cert->key = NULL;
}

/* RFC 5280 section 4.1: the names and the serial where they stand in the bytes. */
static enum notar_code
find_parts(struct cert *cert, struct notar_error *err)
{
	struct reader r = { .rest = buf_span(&cert->der) };
	struct reader outer = der_enter(&r, DER_SEQUENCE);
	struct reader tbs = der_enter(&outer, DER_SEQUENCE);

	if (der_next_is(&tbs, DER_CONTEXT_0))
		(void)der_take(&tbs, DER_CONTEXT_0);
	cert->serial = der_take(&tbs, DER_INTEGER);
	(void)der_take(&tbs, DER_SEQUENCE); /* signature algorithm */
	cert->issuer = take_whole(&tbs, DER_SEQUENCE);
	(void)der_take(&tbs, DER_SEQUENCE); /* validity */
	cert->subject = take_whole(&tbs, DER_SEQUENCE);
	cert->spki = take_whole(&tbs, DER_SEQUENCE);
	if (tbs.failed || r.rest.len > 0)
		return notar_fail(err, NOTAR_E_FORMAT, "a certificate is no DER");
	read_key(cert);
	return NOTAR_OK;
}

static enum notar_code
read_parts(struct cert *cert, struct notar_error *err)
{
	const uint8_t *at = cert->der.ptr;

	cert->x509 = d2i_X509(NULL, &at, (long)cert->der.len);
	if (cert->x509 == NULL || at != cert->der.ptr + cert->der.len)
		return ossl_fail(err, NOTAR_E_FORMAT, "bytes that are no certificate");
	NOTAR_TRY(find_parts(cert, err));
	if (!asn1_time_seconds(X509_get0_notBefore(cert->x509), &cert->not_before_s) ||
	    !asn1_time_seconds(X509_get0_notAfter(cert->x509), &cert->not_after_s))
		return ossl_fail(err, NOTAR_E_FORMAT, "a certificate's validity is no time");
	EVP_PKEY *own = X509_get0_pubkey(cert->x509);

	cert->is_self_signed = span_equal(cert->subject, cert->issuer) && own != NULL &&
			       X509_verify(cert->x509, own) == 1;
	ossl_forget_errors();
	return NOTAR_OK;
}

enum notar_code
cert_parse(struct span der, struct cert **out, struct notar_error *err)
{
	struct notar_digest digest;

	ossl_start();
	if (der.len > LIMIT_CERTIFICATE_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a certificate of over %u bytes",
				  LIMIT_CERTIFICATE_BYTES);
	digest = digest_of(NOTAR_SHA256, der);
	NOTAR_AUTO(cert) *cert = cert_cache_get(digest.bytes);

	if (cert != NULL) {
		*out = NOTAR_TAKE(cert);
		return NOTAR_OK;
	}
	cert = calloc(1, sizeof(*cert));
	if (cert == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a certificate");
	atomic_init(&cert->references, 1);
	memcpy(cert->thumbprint, digest.bytes, sizeof(cert->thumbprint));
	buf_append_span(&cert->der, der);
	NOTAR_TRY(buf_finish(&cert->der, "certificate", err));
	NOTAR_TRY(read_parts(cert, err));
	cert_cache_put(cert);
	*out = NOTAR_TAKE(cert);
	return NOTAR_OK;
}

enum notar_code
cert_key(const struct cert *cert, const struct key **out, struct notar_error *err)
{
	NOTAR_AUTO(key) *unknown = NULL;

	if (cert->key == NULL) { /* once more, to say what is wrong with it */
		NOTAR_TRY(key_load_public(cert->spki, &unknown, err));
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a certificate's key");
	}
	*out = cert->key;
	return NOTAR_OK;
}

enum notar_code
cert_check_issuer(const struct cert *cert, const struct cert *issuer, struct notar_error *err)
{
	char name[CERT_NAME_TEXT_BYTES], issuer_name[CERT_NAME_TEXT_BYTES];
	EVP_PKEY *key = X509_get0_pubkey(issuer->x509);

	if (!span_equal(cert->issuer, issuer->subject))
		return notar_fail(err, NOTAR_E_SIGNATURE, "\"%s\" was not issued by \"%s\"",
				  cert_name_text(cert, name), cert_name_text(issuer, issuer_name));
	if (!asn1_is_strong_signature(X509_get0_tbs_sigalg(cert->x509)))
		return notar_fail(err, NOTAR_E_SIGNATURE,
				  "\"%s\" is signed with a hash other than SHA-256, -384 or -512",
				  cert_name_text(cert, name));
	if (key == NULL || X509_verify(cert->x509, key) != 1) {
		ossl_forget_errors();
		return notar_fail(err, NOTAR_E_SIGNATURE,
				  "the signature on \"%s\" is not by the key of \"%s\"",
				  cert_name_text(cert, name), cert_name_text(issuer, issuer_name));
	}
	return NOTAR_OK;
}

enum notar_code
cert_is_issued_by(struct cert *cert, const struct cert *issuer, struct notar_error *err)
{
	if (cert_cache_is_link(cert, issuer))
		return NOTAR_OK;
	NOTAR_TRY(cert_check_issuer(cert, issuer, err));
	cert_cache_put_link(cert, issuer);
	return NOTAR_OK;
}

bool
cert_is_ca(const struct cert *cert)
{
	NOTAR_AUTO_PTR(basic_constraints, BASIC_CONSTRAINTS) *found =
		X509_get_ext_d2i(cert->x509, NID_basic_constraints, NULL, NULL);

	ossl_forget_errors();
	return found != NULL && found->ca != 0;
}

const char *
cert_name_text(const struct cert *cert, char out[CERT_NAME_TEXT_BYTES])
{
	BIO *bio = BIO_new(BIO_s_mem());
	int len = -1;

	if (bio != NULL &&
	    X509_NAME_print_ex(bio, X509_get_subject_name(cert->x509), 0,
			       XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0)
		len = BIO_read(bio, out, CERT_NAME_TEXT_BYTES - 1);
	BIO_free(bio);
	ossl_forget_errors();
	out[len > 0 ? len : 0] = '\0';
	return out;
}

void
cert_list_release(struct cert_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		cert_free(list->certs[i]);
	free(list->certs);
	*list = (struct cert_list){ 0 };
}

enum notar_code
cert_list_add(struct cert_list *list, struct span der, size_t max, struct notar_error *err)
{
	if (list->count >= max)
		return notar_fail(err, NOTAR_E_LIMIT, "over %zu certificates", max);
	struct cert **grown = realloc(list->certs, (list->count + 1) * sizeof(struct cert *));

	if (grown == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for certificates");
	list->certs = grown;
	if (cert_parse(der, &list->certs[list->count], err) != NOTAR_OK)
		return notar_context(err, "certificate %zu", list->count + 1);
	list->count++;
	return NOTAR_OK;
}
