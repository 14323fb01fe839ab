/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/own.h"
#include "base/secret.h"
#include "notar/version.h"
#include "signer/command.h"

static const struct command {
	const char *name;
	command_call *call;
	unsigned bit;
	const char *operands;
	const char *help;
} commands[] = {
	{ "attest", cmd_attest, CMD_ATTEST, "IMAGE", "sign a statement about an image" },
	{ "audit", cmd_audit, CMD_AUDIT, "verify|show FILE...",
	  "check or show notard's audit log" },
	{ "cert", cmd_cert, CMD_CERT, "request|inspect|generate-test",
	  "certificates for Notary Project signatures" },
	{ "key", cmd_key, CMD_KEY, "generate|import|public|inspect|list", "make and look at keys" },
	{ "login", cmd_login, CMD_LOGIN, "HOST", "store a registry's credentials" },
	{ "logout", cmd_logout, CMD_LOGOUT, "HOST", "remove them" },
	{ "policy", cmd_policy, CMD_POLICY, "check FILE", "look at policies" },
	{ "sign", cmd_sign, CMD_SIGN, "IMAGE...", "sign image digests" },
	{ "sign-blob", cmd_sign_blob, CMD_SIGN_BLOB, "FILE", "sign a file" },
	{ "tree", cmd_tree, CMD_TREE, "IMAGE", "show what is attached to an image" },
	{ "trust", cmd_trust, CMD_TRUST, "add|list|log|retire|revoke", "whose keys count" },
	{ "verify", cmd_verify, CMD_VERIFY, "IMAGE...", "check images against keys or a policy" },
	{ "verify-attestation", cmd_verify_attestation, CMD_VERIFY_ATTESTATION, "IMAGE",
	  "check an attestation" },
	{ "verify-blob", cmd_verify_blob, CMD_VERIFY_BLOB, "FILE|DIGEST", "check a file" },
};

static void
usage(FILE *to)
{
	fprintf(to, "usage: notar COMMAND [options] ...\n\n");
	for (size_t i = 0; i < NOTAR_COUNT(commands); i++)
		fprintf(to, "  notar %s %s\n        %s\n", commands[i].name, commands[i].operands,
			commands[i].help);
	fprintf(to, "\n`notar COMMAND --help` lists a command's options.\n");
}

static int
run(const struct command *command, int argc, char **argv)
{
	struct options options = { 0 };
	struct notar_error err = { 0 };
	int status = -1;

	if (options_parse(command->bit, argc, argv, &options, &err) == NOTAR_OK) {
		if (options.help) {
			printf("usage: notar %s [options] %s\n", command->name, command->operands);
			options_help(command->bit);
			return 0;
		}
		status = command->call(&options, &err);
	}
	if (status >= 0)
		return status;
	fprintf(stderr, "notar: %s\n", err.msg);
	status = notar_code_exit(err.code);
	return status == 0 ? 3 : status; /* an error is never a yes */
}

int
main(int argc, char **argv)
{
	secret_harden_process();
	if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
		printf("notar %s\n", NOTAR_VERSION);
		return 0;
	}
	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
		usage(stdout);
		return 0;
	}
	for (size_t i = 0; argc >= 2 && i < NOTAR_COUNT(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return run(&commands[i], argc - 2, argv + 2);
	if (argc >= 2)
		fprintf(stderr, "notar: unknown command %.60s\n", argv[1]);
	else
		usage(stderr);
	return 2;
}
