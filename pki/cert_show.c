/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert_show.h"

#include "base/clock.h"
#include "base/codec.h"
#include "base/json.h"
#include "pki/asn1.h"

#define NAME_CAP 4096

/* The usages and purposes that the rules for chains look at (specs/notary-project.md section 8),
 * and those that one meets. */
static const struct {
	uint32_t bit;
	const char *name;
} usages[] = {
	{ KU_DIGITAL_SIGNATURE, "digitalSignature" },
	{ KU_NON_REPUDIATION, "contentCommitment" },
	{ KU_KEY_ENCIPHERMENT, "keyEncipherment" },
	{ KU_DATA_ENCIPHERMENT, "dataEncipherment" },
	{ KU_KEY_AGREEMENT, "keyAgreement" },
	{ KU_KEY_CERT_SIGN, "keyCertSign" },
	{ KU_CRL_SIGN, "cRLSign" },
};

struct view {
	struct buf subject, issuer, serial, usage, purposes;
	char key[64], not_before[CLOCK_TEXT_BYTES], not_after[CLOCK_TEXT_BYTES];
	char thumbprint[KEY_ID_TEXT_BYTES];
};

static void
view_release(struct view *view)
{
	buf_release(&view->subject);
	buf_release(&view->issuer);
	buf_release(&view->serial);
	buf_release(&view->usage);
	buf_release(&view->purposes);
}

/* RFC 4514, with letters outside ASCII as they are. */
static void
append_name(const X509_NAME *name, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	out->cap = NAME_CAP;
	if (bio != NULL &&
	    X509_NAME_print_ex(bio, name, 0,
			       XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
		long len = BIO_get_mem_data(bio, &text);

		buf_append(out, text, (size_t)len);
	}
	BIO_free(bio);
	ossl_forget_errors();
}

static void
append_usage(const struct cert *cert, struct buf *out)
{
	uint32_t has = X509_get_key_usage(cert->x509); /* all bits when the extension is absent */

	if ((X509_get_extension_flags(cert->x509) & EXFLAG_KUSAGE) == 0)
		return;
	for (size_t i = 0; i < NOTAR_COUNT(usages); i++)
		if ((has & usages[i].bit) != 0)
			buf_printf(out, "%s%s", out->len > 0 ? ", " : "", usages[i].name);
}

static void
append_purposes(const struct cert *cert, struct buf *out)
{
	NOTAR_AUTO_PTR(extended_key_usage, EXTENDED_KEY_USAGE) *list =
		X509_get_ext_d2i(cert->x509, NID_ext_key_usage, NULL, NULL);

	for (int i = 0; list != NULL && i < sk_ASN1_OBJECT_num(list); i++) {
		char text[128];

		if (OBJ_obj2txt(text, sizeof(text), sk_ASN1_OBJECT_value(list, i), 0) > 0)
			buf_printf(out, "%s%s", out->len > 0 ? ", " : "", text);
	}
	ossl_forget_errors();
}

static void
describe_key(const struct cert *cert, struct view *view)
{
	struct notar_error ignored;
	const struct key *key = NULL;
	const char *name = "a kind that notar does not know";

	if (cert_key(cert, &key, &ignored) == NOTAR_OK)
		name = key_describe(key);
	(void)snprintf(view->key, sizeof(view->key), "%s", name);
}

static void
look(const struct cert *cert, struct view *view)
{
	append_name(X509_get_subject_name(cert->x509), &view->subject);
	append_name(X509_get_issuer_name(cert->x509), &view->issuer);
	for (size_t i = 0; i < cert->serial.len; i++)
		buf_printf(&view->serial, "%02x", cert->serial.ptr[i]);
	append_usage(cert, &view->usage);
	append_purposes(cert, &view->purposes);
	describe_key(cert, view);
	(void)clock_format_rfc3339(cert->not_before_s, view->not_before);
	(void)clock_format_rfc3339(cert->not_after_s, view->not_after);
	(void)key_id_text(cert->thumbprint, view->thumbprint);
}

/* Names are the certificate's maker's: nothing of them reaches a terminal unescaped, since
 * RFC 4514's escapes cover control characters. */
static void
show_line(const char *label, const struct buf *value, struct buf *out)
{
	buf_printf(out, "  %-12s ", label);
	if (value->len > 0)
		buf_append_span(out, buf_span(value));
	else
		buf_append_str(out, "(none)");
	buf_append_str(out, "\n");
}

void
cert_show(const struct cert *cert, struct buf *out)
{
	NOTAR_AUTO_OF(view) view = { 0 };

	look(cert, &view);
	show_line("subject", &view.subject, out);
	show_line("issuer", &view.issuer, out);
	show_line("serial", &view.serial, out);
	buf_printf(out, "  %-12s %s to %s\n", "valid", view.not_before, view.not_after);
	buf_printf(out, "  %-12s %s\n", "thumbprint", view.thumbprint);
	buf_printf(out, "  %-12s %s\n", "key", view.key);
	show_line("key usage", &view.usage, out);
	show_line("purposes", &view.purposes, out);
	buf_printf(out, "  %-12s %s\n", "authority", cert_is_ca(cert) ? "yes" : "no");
}

void
cert_show_json(const struct cert *cert, struct buf *out)
{
	NOTAR_AUTO_OF(view) view = { 0 };

	look(cert, &view);
	json_begin_object(out);
	json_pair_span(out, "subject", buf_span(&view.subject));
	json_pair_span(out, "issuer", buf_span(&view.issuer));
	json_pair_span(out, "serial", buf_span(&view.serial));
	json_pair_str(out, "notBefore", view.not_before);
	json_pair_str(out, "notAfter", view.not_after);
	json_pair_str(out, "thumbprint", view.thumbprint);
	json_pair_str(out, "key", view.key);
	json_pair_span(out, "keyUsage", buf_span(&view.usage));
	json_pair_span(out, "extendedKeyUsage", buf_span(&view.purposes));
	json_pair_bool(out, "ca", cert_is_ca(cert));
	json_pair_bool(out, "selfSigned", cert->is_self_signed);
	json_end_object(out);
}
