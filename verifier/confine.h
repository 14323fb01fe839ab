/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_CONFINE_H
#define VERIFIER_CONFINE_H

#include "base/own.h"
#include "base/span.h"

/*
 * What notard gives up before it starts a thread or reads a request, so that a fault in it is
 * worth little: new privileges, capabilities, writing outside a few folders (Landlock, where the
 * kernel has it), and the system calls that a daemon of this kind has no use for (seccomp).
 * Children, credential helpers among them, are bound by the same. There is no way back.
 */
enum confine_how {
	CONFINE_AUTO,    /* what the kernel has */
	CONFINE_REQUIRE, /* all of it, or an error */
};

struct confine_result {
	bool no_new_privileges, seccomp;
	int landlock_abi; /* 0: the kernel has none */
};

/*
 * writable: folders below which files may be written; NULL ends it, those that are not there are
 * left out. Call it from the only thread. NOTAR_E_UNSUPPORTED under CONFINE_REQUIRE.
 */
NOTAR_MUST_USE enum notar_code confine(enum confine_how how, const char *const *writable,
				       struct confine_result *out, struct notar_error *err);

/* confine_landlock.c, confine_seccomp.c; for confine() and its tests. */
int confine_landlock(const char *const *writable); /* the ABI, or 0 */
bool confine_seccomp(void);

#endif
