/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/provider.h"

#include "keys/plugin.h"

struct signing_key {
	struct key *key; /* the only provider here: a key of a file */
};

void
signing_key_free(struct signing_key *signing)
{
	if (signing == NULL)
		return;
	key_free(signing->key);
	free(signing);
}

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Characters before the colon of a URI (RFC 3986 section 3.1); 0 when there is no scheme. */
static size_t
scheme_len(const char *name)
{
	size_t len = 0;

	if (!is_alpha(name[0]))
		return 0;
	while (is_alpha(name[len]) || (name[len] >= '0' && name[len] <= '9') || name[len] == '+' ||
	       name[len] == '-' || name[len] == '.')
		len++;
	return name[len] == ':' ? len : 0;
}

enum notar_code
signing_key_open(const char *name, const struct passphrase_source *passphrase,
		 struct signing_key **out, struct notar_error *err)
{
	NOTAR_AUTO(signing_key) *signing = NULL;
	size_t scheme = scheme_len(name);

	if (plugin_is_uri(name))
		return notar_fail(err, NOTAR_E_USAGE,
				  "a plugin signs Notary Project signatures only (--format jws or "
				  "cose)");
	if (scheme > 0)
		return notar_fail(err, NOTAR_E_UNSUPPORTED,
				  "this build has no provider for \"%.*s:\" keys (for a file of "
				  "that name write \"./\" in front)",
				  (int)scheme, name);
	signing = calloc(1, sizeof(*signing));
	if (signing == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a key");
	NOTAR_TRY(keyfile_load(name, passphrase, &signing->key, err));
	if (!key_is_private(signing->key))
		return notar_fail(err, NOTAR_E_KEY,
				  "%s: this is a public key, and signing needs "
				  "the private one",
				  name);
	*out = NOTAR_TAKE(signing);
	return NOTAR_OK;
}

const struct key *
signing_key_public(const struct signing_key *signing)
{
	return signing->key;
}

enum notar_code
signing_key_sign(const struct signing_key *signing, struct span message, enum sig_form form,
		 struct buf *out, struct notar_error *err)
{
	return key_sign(signing->key, message, form, out, err);
}
