/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_CONFINE_H
#define VERIFIER_CONFINE_H

#include "verifier/config.h"

/*
 * What notard may do from its first thread on, and with it every credential helper it runs. A
 * hole in a parser then gives an attacker the store's folder and the network, not the machine.
 * None of it can be taken back; execve(2) keeps it.
 */
enum confine_mode {
	CONFINE_OFF,
	CONFINE_AUTO,   /* what the kernel has */
	CONFINE_REQUIRE /* an error where it lacks Landlock or seccomp */
};

struct confine_options {
	enum confine_mode mode;
	/* Files may be made, changed and removed below these folders, sockets made in those. Both
	 * must be there; NULL is left out. /dev/null can be written to besides, nothing else. */
	const char *const *writable, *const *socket_folders;
	size_t writable_count, socket_folder_count;
	bool low_ports; /* keeps the one capability that ports below 1024 need */
};

/* What is on now. */
struct confinement {
	bool no_new_privs, seccomp;
	int landlock; /* the kernel's ABI number; 0: none */
};

/*
 * Core dumps off, no capabilities, no_new_privs, Landlock, seccomp, in this order. Landlock and
 * capabilities belong to a thread and are inherited: call it before other threads start.
 * NOTAR_E_UNSUPPORTED when what is required cannot be had. NOTAR_E_IO when a folder cannot be
 * opened or a capability not be dropped: then part of it may be on, and the process should end.
 */
NOTAR_MUST_USE enum notar_code confine_process(const struct confine_options *options,
					       struct confinement *out, struct notar_error *err);

/* The same, as the configuration says, and logged as the event `confined`. */
NOTAR_MUST_USE enum notar_code
confine_daemon(const struct config *config, const char *state_folder, struct notar_error *err);

/* landlock.c: *abi is 0 where the kernel has none or has it switched off. */
NOTAR_MUST_USE enum notar_code
landlock_confine(const struct confine_options *options, int *abi, struct notar_error *err);

/* seccomp.c: false where the kernel takes no filter. */
bool seccomp_confine(void);

#endif
