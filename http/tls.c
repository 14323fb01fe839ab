/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What tells one version of a file from the next. */
struct stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

#define FILES 3 /* certificate, key, client authorities */

struct http_tls {
	char *certificate, *key, *client_ca;
	bool require_client, only_tls_1_3;
	pthread_mutex_t lock;
	/* Below: under the lock. */
	SSL_CTX *context;
	struct stamp stamps[FILES];
};

NOTAR_AUTO_FOREIGN(ssl_ctx, SSL_CTX, SSL_CTX_free)

static enum notar_code
fail(struct notar_error *err, const char *file)
{
	unsigned long code = ERR_peek_error();
	const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);
	enum notar_code result = notar_fail(err, NOTAR_E_CONFIG, "%s: %s", file,
					    reason == NULL ? "cannot be used" : reason);

	ERR_clear_error();
	return result;
}

static enum notar_code
stamp_of(const char *file, struct stamp *out, struct notar_error *err)
{
	struct stat st;

	if (stat(file, &st) != 0)
		return notar_fail(err, NOTAR_E_CONFIG, "%s: %s", file, strerrordesc_np(errno));
	*out = (struct stamp){ st.st_dev, st.st_ino, st.st_size, st.st_mtim };
	return NOTAR_OK;
}

static bool
is_same(const struct stamp *a, const struct stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Nothing but http/1.1 is spoken; a client that offers only other protocols is turned away. */
static int
select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
	    unsigned in_len, void *context)
{
	static const unsigned char http_1_1[] = "\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)context;
	if (SSL_select_next_proto(&chosen, out_len, http_1_1, sizeof(http_1_1) - 1, in, in_len) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static enum notar_code
configure(const struct http_tls *tls, SSL_CTX *context, struct notar_error *err)
{
	static const unsigned char session_context[] = "notard";

	(void)SSL_CTX_set_min_proto_version(context,
					    tls->only_tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
	/* Without one OpenSSL refuses to resume sessions of clients that showed a certificate. */
	(void)SSL_CTX_set_session_id_context(context, session_context, sizeof(session_context));
	(void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
						   SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
						SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
						SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_alpn_select_cb(context, select_alpn, NULL);
	if (SSL_CTX_use_certificate_chain_file(context, tls->certificate) != 1)
		return fail(err, tls->certificate);
	if (SSL_CTX_use_PrivateKey_file(context, tls->key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(context) != 1)
		return fail(err, tls->key);
	if (tls->client_ca == NULL)
		return NOTAR_OK;
	if (SSL_CTX_load_verify_file(context, tls->client_ca) != 1)
		return fail(err, tls->client_ca);
	SSL_CTX_set_verify(context,
			   SSL_VERIFY_PEER |
				   (tls->require_client ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
			   NULL);
	return NOTAR_OK;
}

static enum notar_code
stamp_all(const struct http_tls *tls, struct stamp out[FILES], struct notar_error *err)
{
	memset(out, 0, FILES * sizeof(*out));
	NOTAR_TRY(stamp_of(tls->certificate, &out[0], err));
	NOTAR_TRY(stamp_of(tls->key, &out[1], err));
	return tls->client_ca == NULL ? NOTAR_OK : stamp_of(tls->client_ca, &out[2], err);
}

static enum notar_code
load(struct http_tls *tls, struct notar_error *err)
{
	struct stamp stamps[FILES];
	NOTAR_AUTO_PTR(ssl_ctx, SSL_CTX) *context = SSL_CTX_new(TLS_server_method());

	if (context == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for TLS");
	/* Stamped before reading: a change in between is seen as one next time. */
	NOTAR_TRY(stamp_all(tls, stamps, err));
	NOTAR_TRY(configure(tls, context, err));
	(void)pthread_mutex_lock(&tls->lock);
	SSL_CTX *old = tls->context;

	tls->context = NOTAR_TAKE(context);
	memcpy(tls->stamps, stamps, sizeof(stamps));
	(void)pthread_mutex_unlock(&tls->lock);
	SSL_CTX_free(old);
	return NOTAR_OK;
}

enum notar_code
http_tls_new(const struct http_tls_options *o, struct http_tls **out, struct notar_error *err)
{
	NOTAR_AUTO(http_tls) *tls = calloc(1, sizeof(*tls));

	if (tls == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for TLS");
	(void)pthread_mutex_init(&tls->lock, NULL);
	tls->certificate = strdup(o->certificate);
	tls->key = strdup(o->key);
	tls->client_ca = o->client_ca == NULL ? NULL : strdup(o->client_ca);
	tls->require_client = o->require_client;
	tls->only_tls_1_3 = o->only_tls_1_3;
	if (tls->certificate == NULL || tls->key == NULL ||
	    (o->client_ca != NULL && tls->client_ca == NULL))
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for TLS");
	NOTAR_TRY(load(tls, err));
	*out = NOTAR_TAKE(tls);
	return NOTAR_OK;
}

void
http_tls_free(struct http_tls *tls)
{
	if (tls == NULL)
		return;
	SSL_CTX_free(tls->context);
	(void)pthread_mutex_destroy(&tls->lock);
	free(tls->certificate);
	free(tls->key);
	free(tls->client_ca);
	free(tls);
}

enum notar_code
http_tls_refresh(struct http_tls *tls, bool *changed, struct notar_error *err)
{
	struct stamp now[FILES];
	bool same = true;

	if (changed != NULL)
		*changed = false;
	NOTAR_TRY(stamp_all(tls, now, err));
	(void)pthread_mutex_lock(&tls->lock);
	for (size_t i = 0; i < FILES; i++)
		same = same && is_same(&now[i], &tls->stamps[i]);
	(void)pthread_mutex_unlock(&tls->lock);
	if (same)
		return NOTAR_OK;
	NOTAR_TRY(load(tls, err));
	if (changed != NULL)
		*changed = true;
	return NOTAR_OK;
}

SSL *
http_tls_connect(struct http_tls *tls, int fd)
{
	(void)pthread_mutex_lock(&tls->lock);
	SSL *ssl = SSL_new(tls->context); /* holds the context on its own */

	(void)pthread_mutex_unlock(&tls->lock);
	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		ERR_clear_error();
		return NULL;
	}
	SSL_set_accept_state(ssl);
	return ssl;
}

int64_t
http_tls_expires_s(struct http_tls *tls)
{
	struct tm when = { 0 };

	(void)pthread_mutex_lock(&tls->lock);
	const X509 *certificate = SSL_CTX_get0_certificate(tls->context);
	int known =
		certificate != NULL && ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &when) == 1;

	(void)pthread_mutex_unlock(&tls->lock);
	return known ? (int64_t)timegm(&when) : 0;
}
