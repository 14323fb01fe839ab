/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert_cache.h"

#include <pthread.h>

#define SETS 32
#define WAYS 4 /* in all 128 places of about 10 KiB */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct set {
	struct cert *certs[WAYS];
	unsigned next; /* the one that goes when another comes */
} sets[SETS];

/* A thumbprint is evenly spread already. */
static struct set *
set_of(const uint8_t thumbprint[FACT_ID_BYTES])
{
	return &sets[thumbprint[0] % SETS];
}

struct cert *
cert_cache_get(const uint8_t thumbprint[FACT_ID_BYTES])
{
	const struct set *set = set_of(thumbprint);
	struct cert *found = NULL;

	(void)pthread_mutex_lock(&lock);
	for (size_t i = 0; i < WAYS && found == NULL; i++)
		if (set->certs[i] != NULL &&
		    memcmp(set->certs[i]->thumbprint, thumbprint, FACT_ID_BYTES) == 0)
			found = cert_share(set->certs[i]);
	(void)pthread_mutex_unlock(&lock);
	return found;
}

void
cert_cache_put(struct cert *cert)
{
	struct set *set = set_of(cert->thumbprint);

	(void)pthread_mutex_lock(&lock);
	struct cert **place = &set->certs[set->next++ % WAYS];
	struct cert *displaced = *place;

	*place = cert_share(cert);
	(void)pthread_mutex_unlock(&lock);
	cert_free(displaced);
}

bool
cert_cache_is_link(const struct cert *cert, const struct cert *issuer)
{
	(void)pthread_mutex_lock(&lock);
	bool is_known = cert->link.is_known &&
			memcmp(cert->link.issuer, issuer->thumbprint, FACT_ID_BYTES) == 0;

	(void)pthread_mutex_unlock(&lock);
	return is_known;
}

void
cert_cache_put_link(struct cert *cert, const struct cert *issuer)
{
	(void)pthread_mutex_lock(&lock);
	memcpy(cert->link.issuer, issuer->thumbprint, FACT_ID_BYTES);
	cert->link.is_known = true;
	(void)pthread_mutex_unlock(&lock);
}
