/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/options.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/own.h"
#include "base/span.h"

#define EVERY (~0U)
#define SIGNING (CMD_SIGN | CMD_ATTEST)
#define JUDGING (CMD_VERIFY | CMD_VERIFY_ATTESTATION)
#define REMOTE (SIGNING | JUDGING | CMD_TREE)
#define BLOBS (CMD_SIGN_BLOB | CMD_VERIFY_BLOB)

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_LIST };

static const struct option {
	const char *name;
	enum option_kind kind;
	size_t offset;
	unsigned commands;
	const char *value;
	const char *help;
} table[] = {
#define ROW(name, kind, member, commands, value, help)                                             \
	{                                                                                          \
		name, kind, offsetof(struct options, member), commands, value, help                \
	}
	ROW("annotation", OPTION_LIST, annotations, SIGNING | JUDGING, "K=V",
	    "put into, or require in, the signature; repeatable"),
	ROW("bundle", OPTION_TEXT, bundle, BLOBS, "FILE", "the signature, a Sigstore bundle"),
	ROW("ca-file", OPTION_TEXT, ca_file, REMOTE | CMD_LOGIN, "FILE",
	    "authorities for the registry's TLS"),
	ROW("cert-chain", OPTION_TEXT, cert_chain, CMD_SIGN | CMD_SIGN_BLOB, "FILE",
	    "jws, cose: the key's certificates, its own first, the root last"),
	ROW("certificate-identity", OPTION_TEXT, identity_subject, JUDGING | CMD_VERIFY_BLOB, "ID",
	    "who must have signed, as Fulcio's certificate says"),
	ROW("certificate-identity-regexp", OPTION_TEXT, identity_subject_pattern,
	    JUDGING | CMD_VERIFY_BLOB, "EXPR", "the same as an expression for the whole of it"),
	ROW("certificate-oidc-issuer", OPTION_TEXT, identity_issuer, JUDGING | CMD_VERIFY_BLOB,
	    "URL", "whose word that is"),
	ROW("certificate-oidc-issuer-regexp", OPTION_TEXT, identity_issuer_pattern,
	    JUDGING | CMD_VERIFY_BLOB, "EXPR", "the same as an expression for the whole of it"),
	ROW("compromised-since", OPTION_TEXT, compromised_since, CMD_TRUST, "TIME",
	    "revoke: in foreign hands since then"),
	ROW("expect-seq", OPTION_TEXT, expect_seq, CMD_AUDIT, "N",
	    "verify: the number of a record that must be there"),
	ROW("expiry", OPTION_TEXT, expiry, CMD_SIGN | CMD_SIGN_BLOB, "TIME",
	    "jws, cose: the signature counts so long: 24h, 30d"),
	ROW("explain", OPTION_FLAG, explain, JUDGING, NULL, "show each signature and why"),
	ROW("force", OPTION_FLAG, force, CMD_KEY | CMD_CERT | CMD_SIGN_BLOB, NULL,
	    "overwrite existing files"),
	ROW("format", OPTION_TEXT, format, CMD_SIGN | CMD_SIGN_BLOB,
	    "bundle|simple|statement|jws|cose", "default bundle"),
	ROW("help", OPTION_FLAG, help, EVERY, NULL, "this text"),
	ROW("identity-reference", OPTION_TEXT, identity, CMD_SIGN, "repository|full",
	    "docker-reference of --format simple"),
	ROW("identity-token", OPTION_TEXT, identity_token, SIGNING | CMD_SIGN_BLOB, "TOKEN",
	    "keyless: the token, or its file; default what the environment has"),
	ROW("image", OPTION_TEXT, image, CMD_AUDIT, "TEXT", "show: in the image's name"),
	ROW("json", OPTION_FLAG, json, EVERY, NULL, "results as JSON"),
	ROW("key", OPTION_LIST, keys, REMOTE | BLOBS | CMD_KEY | CMD_CERT, "KEY",
	    "a key file, or plugin://NAME/KEYID; repeatable when verifying"),
	ROW("last-hash", OPTION_TEXT, last_hash, CMD_AUDIT, "HEX",
	    "verify: of the last record, or of that of --expect-seq"),
	ROW("limit", OPTION_TEXT, limit, CMD_AUDIT, "N", "show: the last N that fit"),
	ROW("media-type", OPTION_TEXT, media_type, CMD_SIGN_BLOB, "TYPE",
	    "jws, cose: what the file is said to be"),
	ROW("not-after", OPTION_TEXT, not_after, CMD_TRUST, "TIME", "add: counts until then"),
	ROW("not-before", OPTION_TEXT, not_before, CMD_TRUST, "TIME", "add: counts from then on"),
	ROW("offline", OPTION_FLAG, offline, JUDGING | CMD_VERIFY_BLOB, NULL,
	    "ask nobody whether certificates are revoked"),
	ROW("out", OPTION_TEXT, out, CMD_KEY | CMD_CERT, "FILE", "where to write"),
	ROW("password-stdin", OPTION_FLAG, password_stdin, CMD_LOGIN, NULL,
	    "read the password from standard input"),
	ROW("plain-http", OPTION_FLAG, plain_http, REMOTE | CMD_LOGIN, NULL,
	    "HTTP also to hosts that are not loopback"),
	ROW("plugin-config", OPTION_LIST, plugin_config, CMD_SIGN | CMD_SIGN_BLOB, "K=V",
	    "for the plugin that holds the key; repeatable"),
	ROW("policy", OPTION_TEXT, policy, CMD_VERIFY | CMD_VERIFY_BLOB, "FILE",
	    "a policy, notar-policy(5)"),
	ROW("predicate", OPTION_TEXT, predicate, CMD_ATTEST, "FILE", "the JSON to attest"),
	ROW("private-responders", OPTION_FLAG, private_responders, JUDGING | CMD_VERIFY_BLOB, NULL,
	    "certificates may name private addresses to ask about revocation"),
	ROW("quiet", OPTION_FLAG, quiet, EVERY, NULL, "no talk, only the exit status"),
	ROW("reason", OPTION_TEXT, reason, CMD_AUDIT, "REASON", "show: with this reason"),
	ROW("recursive", OPTION_FLAG, recursive, CMD_SIGN, NULL, "also an index's children"),
	ROW("scope", OPTION_TEXT, scope, CMD_VERIFY_BLOB, "NAME", "the policy's rule for the file"),
	ROW("signing-config", OPTION_TEXT, signing_config, SIGNING | CMD_SIGN_BLOB, "FILE",
	    "keyless: whose services to ask, a signing_config.json"),
	ROW("signer", OPTION_TEXT, signer, CMD_TRUST, "NAME", "add: whose key it is"),
	ROW("since", OPTION_TEXT, since, CMD_AUDIT, "TIME", "show: not older"),
	ROW("staged", OPTION_FLAG, staged, CMD_TRUST, NULL, "add: known, but not counted yet"),
	ROW("state", OPTION_TEXT, state, JUDGING | CMD_TRUST | CMD_KEY, "DIR",
	    "notard's store; default of trust: " DEFAULT_STATE),
	ROW("subject", OPTION_TEXT, subject, CMD_CERT, "NAME",
	    "request: \"C=US,ST=WA,O=Example,CN=name\""),
	ROW("threshold", OPTION_TEXT, threshold, JUDGING, "N", "distinct keys required"),
	ROW("timeout", OPTION_TEXT, timeout, REMOTE | CMD_LOGIN, "TIME", "30s, 2m"),
	ROW("timestamp-url", OPTION_TEXT, timestamp_url, CMD_SIGN | CMD_SIGN_BLOB, "URL",
	    "jws, cose: an RFC 3161 authority to timestamp with"),
	ROW("trusted-root", OPTION_TEXT, trusted_root, JUDGING | SIGNING | BLOBS, "FILE",
	    "Sigstore's authorities and logs, a trusted_root.json"),
	ROW("tsa-ca", OPTION_TEXT, tsa_ca, CMD_SIGN | CMD_SIGN_BLOB, "FILE",
	    "the root of that authority"),
	ROW("type", OPTION_TEXT, type,
	    CMD_ATTEST | CMD_VERIFY_ATTESTATION | CMD_VERIFY_BLOB | CMD_KEY, "TYPE",
	    "predicate type, or kind of key"),
	ROW("until", OPTION_TEXT, until, CMD_AUDIT, "TIME", "show: older"),
	ROW("username", OPTION_TEXT, username, CMD_LOGIN, "NAME", "who logs in"),
	ROW("verdict", OPTION_TEXT, verdict, CMD_AUDIT, "VERDICT", "show: with this verdict"),
#undef ROW
};

static const struct option *
find(const char *name, size_t len, unsigned command)
{
	for (size_t i = 0; i < NOTAR_COUNT(table); i++)
		if (strlen(table[i].name) == len && memcmp(table[i].name, name, len) == 0 &&
		    (table[i].commands & command) != 0)
			return &table[i];
	return NULL;
}

static enum notar_code
list_add(struct option_list *list, const char *what, const char *value, struct notar_error *err)
{
	if (list->count == OPTIONS_MAX_VALUES)
		return notar_fail(err, NOTAR_E_USAGE, "%s: over %d of them", what,
				  OPTIONS_MAX_VALUES);
	list->values[list->count++] = value;
	return NOTAR_OK;
}

static enum notar_code
store(const struct option *option, const char *value, struct options *out, struct notar_error *err)
{
	void *at = (char *)out + option->offset;

	switch (option->kind) {
	case OPTION_FLAG:
		*(bool *)at = true;
		return NOTAR_OK;
	case OPTION_LIST:
		return list_add(at, option->name, value, err);
	case OPTION_TEXT:
		break;
	}
	if (*(const char **)at != NULL)
		return notar_fail(err, NOTAR_E_USAGE, "--%s: given twice", option->name);
	*(const char **)at = value;
	return NOTAR_OK;
}

static enum notar_code
parse_option(unsigned command, int argc, char **argv, int *i, struct options *out,
	     struct notar_error *err)
{
	const char *name = argv[*i] + 2;
	size_t len = strcspn(name, "=");
	const struct option *option = find(name, len, command);
	const char *value = name[len] == '=' ? name + len + 1 : NULL;

	if (option == NULL)
		return notar_fail(err, NOTAR_E_USAGE, "unknown option --%.*s",
				  (int)(len < 60 ? len : 60), name);
	if (option->kind == OPTION_FLAG && value != NULL)
		return notar_fail(err, NOTAR_E_USAGE, "--%s takes no value", option->name);
	if (option->kind != OPTION_FLAG && value == NULL) {
		if (*i + 1 >= argc)
			return notar_fail(err, NOTAR_E_USAGE, "--%s needs a value", option->name);
		value = argv[++*i];
	}
	if (value != NULL && value[0] == '\0')
		return notar_fail(err, NOTAR_E_USAGE, "--%s: empty", option->name);
	return store(option, value, out, err);
}

enum notar_code
options_parse(unsigned command, int argc, char **argv, struct options *out, struct notar_error *err)
{
	bool literal = false;

	for (int i = 0; i < argc; i++) {
		if (!literal && strcmp(argv[i], "--") == 0)
			literal = true;
		else if (!literal && strncmp(argv[i], "--", 2) == 0)
			NOTAR_TRY(parse_option(command, argc, argv, &i, out, err));
		else if (!literal && argv[i][0] == '-' && argv[i][1] != '\0')
			return notar_fail(err, NOTAR_E_USAGE, "unknown option %.60s", argv[i]);
		else if (argv[i][0] == '\0')
			return notar_fail(err, NOTAR_E_USAGE, "an empty argument");
		else
			NOTAR_TRY(list_add(&out->operands, "arguments", argv[i], err));
	}
	return NOTAR_OK;
}

void
options_help(unsigned command)
{
	for (size_t i = 0; i < NOTAR_COUNT(table); i++)
		if ((table[i].commands & command) != 0)
			printf("  --%s %s\n        %s\n", table[i].name,
			       table[i].value == NULL ? "" : table[i].value, table[i].help);
}

enum notar_code
options_timeout(const struct options *options, int64_t *out_ms, struct notar_error *err)
{
	int64_t seconds = 0;
	const char *text = options->timeout;

	*out_ms = 0;
	if (text == NULL)
		return NOTAR_OK;
	if (strspn(text, "0123456789") == strlen(text) && strlen(text) < 7)
		seconds = strtol(text, NULL, 10);
	else if (clock_parse_duration(span_str(text), &seconds, err) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_USAGE, "--timeout: not a time such as 30s: %.40s",
				  text);
	if (seconds < 1 || seconds > 86400)
		return notar_fail(err, NOTAR_E_USAGE, "--timeout: not between 1s and 1d: %.40s",
				  text);
	*out_ms = seconds * 1000;
	return NOTAR_OK;
}

enum notar_code
options_pairs(const struct option_list *list, const char *option,
	      struct notar_annotation out[OPTIONS_MAX_VALUES], char **storage,
	      struct notar_error *err)
{
	size_t total = 1;

	for (size_t i = 0; i < list->count; i++)
		total += strlen(list->values[i]) + 1;
	char *at = malloc(total);

	if (at == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for --%s", option);
	*storage = at;
	for (size_t i = 0; i < list->count; i++) {
		const char *text = list->values[i];
		size_t name = strcspn(text, "=");

		if (name == 0 || text[name] != '=')
			return notar_fail(err, NOTAR_E_USAGE, "--%s: not K=V: %.60s", option, text);
		memcpy(at, text, strlen(text) + 1);
		at[name] = '\0';
		out[i] = (struct notar_annotation){ at, at + name + 1 };
		at += strlen(text) + 1;
	}
	return NOTAR_OK;
}
