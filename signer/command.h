/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNER_COMMAND_H
#define SIGNER_COMMAND_H

#include "base/buf.h"
#include "base/secret.h"
#include "signer/options.h"

/*
 * signer/: notar_sign() and the program `notar`, a file a command.
 *
 * One command. Results go to stdout, talk to stderr. Returns the exit status: 0 yes, 1 no,
 * 2 wrong usage, 3 could not decide; or -1 when *err says what failed.
 */
typedef int command_call(const struct options *options, struct notar_error *err);

command_call cmd_sign, cmd_attest, cmd_verify, cmd_verify_attestation, cmd_key, cmd_tree, cmd_login,
	cmd_logout, cmd_cert, cmd_sign_blob, cmd_verify_blob, cmd_trust, cmd_policy, cmd_audit;

/* The keys of the store, as `notar trust list` and `notar key list` print them. */
NOTAR_MUST_USE enum notar_code
trust_list(const struct options *options, struct buf *out, struct notar_error *err);

/* notar_fail for a command: always -1. */
#define command_fail(...) ((void)!notar_fail(__VA_ARGS__), -1)

/* For key files: NOTAR_PASSWORD, COSIGN_PASSWORD, the terminal, or standard input, in this
 * order (decision 16). A passphrase callback for notar_signer_open; context is a const char *
 * to ask with. Returns its length or -1. */
long passphrase_ask(void *context, char *out, size_t room);

/* The same as a secret: for struct passphrase_source. */
NOTAR_MUST_USE enum notar_code
passphrase_secret(void *context, struct secret *out, struct notar_error *err);

/* Registry access from options and environment. */
NOTAR_MUST_USE enum notar_code
access_from(const struct options *options, struct notar_access *out, struct notar_error *err);

/* Writes buffered output to stdout; -1 with *err when that failed. */
int output_flush(struct buf *b, struct notar_error *err);

#endif
