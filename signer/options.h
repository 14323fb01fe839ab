/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNER_OPTIONS_H
#define SIGNER_OPTIONS_H

#include "notar/verify.h"

/*
 * The command line of every command: one table of options (options.c), each with the commands
 * that take it. "--name value" and "--name=value"; "--" ends options. Strings borrow from argv.
 */
#define OPTIONS_MAX_VALUES 64
#define DEFAULT_STATE "/var/lib/notar"

struct option_list {
	const char *values[OPTIONS_MAX_VALUES];
	size_t count;
};

struct options {
	/* any command */
	bool json, quiet, help, plain_http;
	const char *ca_file, *timeout;
	/* keys and what they sign */
	struct option_list keys, annotations, plugin_config;
	const char *format, *type, *predicate, *out, *threshold, *policy, *identity, *username,
		*bundle, *subject;
	const char *identity_subject, *identity_subject_pattern, *identity_issuer,
		*identity_issuer_pattern, *trusted_root;
	const char *identity_token, *signing_config;
	const char *cert_chain, *expiry, *media_type, *scope, *timestamp_url, *tsa_ca;
	bool offline, private_responders;
	bool explain, force, password_stdin, recursive;
	/* the store */
	const char *state, *signer, *not_before, *not_after, *compromised_since;
	bool staged;
	/* the audit log */
	const char *image, *verdict, *reason, *since, *until, *limit, *last_hash, *expect_seq;
	/* what is left: images, files */
	struct option_list operands;
};

/* Which commands take an option. */
enum command_bit {
	CMD_SIGN = 1 << 0,
	CMD_VERIFY = 1 << 1,
	CMD_ATTEST = 1 << 2,
	CMD_VERIFY_ATTESTATION = 1 << 3,
	CMD_KEY = 1 << 4,
	CMD_TREE = 1 << 5,
	CMD_LOGIN = 1 << 6,
	CMD_LOGOUT = 1 << 7,
	CMD_SIGN_BLOB = 1 << 8,
	CMD_VERIFY_BLOB = 1 << 9,
	CMD_TRUST = 1 << 10,
	CMD_POLICY = 1 << 11,
	CMD_AUDIT = 1 << 12,
	CMD_CERT = 1 << 13,
};

/* argv[0] is the first word behind the command. NOTAR_E_USAGE names the word that is wrong. */
NOTAR_MUST_USE enum notar_code options_parse(unsigned command, int argc, char **argv,
					     struct options *out, struct notar_error *err);

/* Writes the lines of help of a command's options to stdout. */
void options_help(unsigned command);

/* "30s" or plain seconds as milliseconds; 0 when absent. */
NOTAR_MUST_USE enum notar_code
options_timeout(const struct options *options, int64_t *out_ms, struct notar_error *err);

/* Splits the "k=v" values of an option into pairs that borrow from storage, which the caller
 * frees. */
NOTAR_MUST_USE enum notar_code options_pairs(const struct option_list *list, const char *option,
					     struct notar_annotation out[OPTIONS_MAX_VALUES],
					     char **storage, struct notar_error *err);

#endif
