/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/confine.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of every set; a daemon that was started as root must not keep what makes root. */
static void
drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	for (int i = 0; i < 64; i++)
		(void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	/* Root without capabilities is still the owner of root's files, and nothing more. */
	if (geteuid() != 0)
		(void)syscall(SYS_capset, &header, none);
}

enum notar_code
confine(enum confine_how how, const char *const *writable, struct confine_result *out,
	struct notar_error *err)
{
	drop_capabilities();
	out->no_new_privileges = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
	out->landlock_abi = out->no_new_privileges ? confine_landlock(writable) : 0;
	out->seccomp = out->no_new_privileges && confine_seccomp();
	if (how == CONFINE_AUTO)
		return NOTAR_OK;
	if (!out->seccomp)
		return notar_fail(err, NOTAR_E_UNSUPPORTED, "confinement: no seccomp here");
	if (out->landlock_abi == 0)
		return notar_fail(err, NOTAR_E_UNSUPPORTED, "confinement: no Landlock here");
	return NOTAR_OK;
}
