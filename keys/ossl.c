/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/ossl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <pthread.h>

static pthread_once_t started = PTHREAD_ONCE_INIT;
static EVP_MD *hashes[3];

static void
start(void)
{
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	hashes[OSSL_SHA256] = EVP_MD_fetch(NULL, "SHA256", NULL);
	hashes[OSSL_SHA384] = EVP_MD_fetch(NULL, "SHA384", NULL);
	hashes[OSSL_SHA512] = EVP_MD_fetch(NULL, "SHA512", NULL);
	ERR_clear_error();
}

void
ossl_start(void)
{
	(void)pthread_once(&started, start);
}

const EVP_MD *
ossl_hash(enum ossl_hash hash)
{
	ossl_start();
	return hashes[hash];
}

void
ossl_forget_errors(void)
{
	ERR_clear_error();
}

enum notar_code
ossl_fail(struct notar_error *err, enum notar_code code, const char *text)
{
	ERR_clear_error();
	return notar_fail(err, code, "%s", text);
}
