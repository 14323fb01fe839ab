/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"

#define UNIX_PREFIX "unix:"
#define LAST_LOW_PORT 1023

/* The sets of this thread; capset(2) has no wrapper in the C library. */
static bool
get_capabilities(struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &header, sets) == 0;
}

static bool
set_capabilities(const struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capset, &header, sets) == 0;
}

/*
 * Where there are none, nothing is called that a service manager's filter may forbid. The
 * bounding set goes first, for that takes a capability itself; without one it cannot be emptied,
 * and need not: no_new_privs keeps execve(2) from giving any.
 */
static enum notar_code
drop_capabilities(bool low_ports, struct notar_error *err)
{
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { 0 };
	const uint32_t kept = low_ports ? 1U << CAP_NET_BIND_SERVICE : 0;

	if (!get_capabilities(sets))
		return notar_fail(err, NOTAR_E_IO, "capabilities cannot be read: %s",
				  strerrordesc_np(errno));
	if (((sets[0].permitted | sets[0].inheritable) & ~kept) == 0 &&
	    (sets[1].permitted | sets[1].inheritable) == 0)
		return NOTAR_OK;
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (cap != CAP_NET_BIND_SERVICE || !low_ports)
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	sets[0].effective = sets[0].permitted = sets[0].permitted & kept;
	sets[1].effective = sets[1].permitted = 0;
	sets[0].inheritable = sets[1].inheritable = 0;
	return set_capabilities(sets) ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_IO, "capabilities cannot be dropped: %s",
				  strerrordesc_np(errno));
}

enum notar_code
confine_process(const struct confine_options *options, struct confinement *out,
		struct notar_error *err)
{
	struct confinement made = { 0 };

	*out = made;
	if (options->mode == CONFINE_OFF)
		return NOTAR_OK;
	secret_harden_process();
	NOTAR_TRY(drop_capabilities(options->low_ports, err));
	made.no_new_privs = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
	/* Either of the two may be taken without privileges only when none can be gained. */
	if (made.no_new_privs) {
		NOTAR_TRY(landlock_confine(options, &made.landlock, err));
		made.seccomp = seccomp_confine();
	}
	if (options->mode == CONFINE_REQUIRE && (!made.seccomp || made.landlock == 0))
		return notar_fail(err, NOTAR_E_UNSUPPORTED,
				  "confinement: this kernel, or what it runs in, has no %s",
				  made.landlock == 0 ? "Landlock" : "seccomp filters");
	*out = made;
	return NOTAR_OK;
}

static bool
is_low_port(const char *address)
{
	const char *colon = address == NULL ? NULL : strrchr(address, ':');
	long port = colon == NULL ? 0 : strtol(colon + 1, NULL, 10);

	return port > 0 && port <= LAST_LOW_PORT;
}

static enum confine_mode
mode_of(const char *word)
{
	return strcmp(word, "off") == 0     ? CONFINE_OFF :
	       strcmp(word, "require") == 0 ? CONFINE_REQUIRE :
#ifdef __SANITIZE_ADDRESS__
					      CONFINE_OFF; /* its leak check is a ptrace(2) */
#else
					      CONFINE_AUTO;
#endif
}

NOTAR_AUTO_FOREIGN(text, char, free)

/* "/run/notar/sock" gives "/run/notar"; paths without a folder are made where we stand. */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static void
log_confinement(enum confine_mode mode, const struct confinement *made)
{
	bool lacking = mode == CONFINE_AUTO && (!made->seccomp || made->landlock == 0);

	LOG(lacking ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "confined",
	    LOG_F_INT("no_new_privs", made->no_new_privs ? 1 : 0),
	    LOG_F_INT("seccomp", made->seccomp ? 1 : 0), LOG_F_INT("landlock", made->landlock));
}

enum notar_code
confine_daemon(const struct config *config, const char *state_folder, struct notar_error *err)
{
	char *folders[CONFIG_LISTENERS] = { 0 };
	NOTAR_AUTO_PTR(text, char) *audit_folder = NULL;
	const char *writable[] = { state_folder, NULL };
	struct confine_options options = { .mode = mode_of(config->confinement),
					   .writable = writable,
					   .writable_count = NOTAR_COUNT(writable),
					   .socket_folders = (const char *const *)folders,
					   .low_ports = is_low_port(config->probes) };
	struct confinement made;
	enum notar_code code = NOTAR_OK;

	if (config->audit_file != NULL) {
		audit_folder = folder_of(config->audit_file);
		writable[1] = audit_folder;
		if (audit_folder == NULL)
			return notar_fail(err, NOTAR_E_NOMEM, "no memory");
	}
	for (size_t i = 0; config->listen[i] != NULL; i++) {
		const char *address = config->listen[i];

		if (strncmp(address, UNIX_PREFIX, strlen(UNIX_PREFIX)) != 0)
			options.low_ports |= is_low_port(address);
		else if ((folders[options.socket_folder_count++] =
				  folder_of(address + strlen(UNIX_PREFIX))) == NULL)
			code = notar_fail(err, NOTAR_E_NOMEM, "no memory");
	}
	if (code == NOTAR_OK)
		code = confine_process(&options, &made, err);
	if (code == NOTAR_OK)
		log_confinement(options.mode, &made);
	for (size_t i = 0; i < options.socket_folder_count; i++)
		free(folders[i]);
	return code;
}
