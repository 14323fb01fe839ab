/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "verifier/confine.h"

/*
 * Reading and running are left alone: certificates, policies, layouts and credential helpers are
 * wherever the configuration of tomorrow says. Writing is what gets bounded. Landlock keeps its
 * processes from looking into others by ptrace(2) and /proc besides, whatever the rules.
 *
 * Debian 12's header ends at the ABI of Linux 5.19; the numbers are the kernel's.
 */
#define ACCESS_TRUNCATE (1ULL << 14)  /* ABI 3 */
#define ACCESS_IOCTL_DEV (1ULL << 15) /* ABI 5 */
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)
#define ABI_REFER 2
#define ABI_TRUNCATE 3
#define ABI_IOCTL_DEV 5
#define ABI_SCOPE 6

struct ruleset_attr {
	uint64_t access_fs, access_net, scoped;
};

#define FILES                                                                                      \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                             \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |                            \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER | ACCESS_TRUNCATE)
#define SOCKETS (LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define EVERY_WRITE                                                                                \
	(FILES | SOCKETS | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |          \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM | ACCESS_IOCTL_DEV)

/* What a kernel of this ABI knows to refuse; asking for more is an error there. */
static uint64_t
known(int abi)
{
	uint64_t access = EVERY_WRITE;

	if (abi < ABI_REFER)
		access &= ~(uint64_t)LANDLOCK_ACCESS_FS_REFER;
	if (abi < ABI_TRUNCATE)
		access &= ~ACCESS_TRUNCATE;
	if (abi < ABI_IOCTL_DEV)
		access &= ~ACCESS_IOCTL_DEV;
	return access;
}

/* Other processes are not ours to signal, nor are their abstract sockets ours to talk to, unless
 * the service manager listens there. */
static uint64_t
scopes(int abi)
{
	const char *manager = getenv("NOTIFY_SOCKET");

	if (abi < ABI_SCOPE)
		return 0;
	return manager != NULL && manager[0] == '@' ? SCOPE_SIGNAL :
						      SCOPE_SIGNAL | SCOPE_ABSTRACT_UNIX_SOCKET;
}

static enum notar_code
allow(int ruleset, const char *path, uint64_t access, struct notar_error *err)
{
	NOTAR_AUTO_FD at = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = at };

	if (at < 0 ||
	    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		return notar_fail(err, NOTAR_E_IO, "confinement: %s: %s", path,
				  strerrordesc_np(errno));
	return NOTAR_OK;
}

static enum notar_code
add_rules(int ruleset, const struct confine_options *options, uint64_t handled,
	  struct notar_error *err)
{
	for (size_t i = 0; i < options->writable_count; i++)
		if (options->writable[i] != NULL)
			NOTAR_TRY(allow(ruleset, options->writable[i], handled & FILES, err));
	for (size_t i = 0; i < options->socket_folder_count; i++)
		if (options->socket_folders[i] != NULL)
			NOTAR_TRY(
				allow(ruleset, options->socket_folders[i], handled & SOCKETS, err));
	/* Credential helpers' errors go there. A chroot may lack it. */
	if (access("/dev/null", F_OK) != 0)
		return NOTAR_OK;
	return allow(ruleset, "/dev/null",
		     handled & (LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE), err);
}

enum notar_code
landlock_confine(const struct confine_options *options, int *abi, struct notar_error *err)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	*abi = 0;
	if (version <= 0)
		return NOTAR_OK;
	const struct ruleset_attr attr = { .access_fs = known((int)version),
					   .scoped = scopes((int)version) };
	NOTAR_AUTO_FD ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (ruleset < 0)
		return notar_fail(err, NOTAR_E_IO, "confinement: Landlock: %s",
				  strerrordesc_np(errno));
	NOTAR_TRY(add_rules(ruleset, options, attr.access_fs, err));
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		return notar_fail(err, NOTAR_E_IO, "confinement: Landlock: %s",
				  strerrordesc_np(errno));
	*abi = (int)version;
	return NOTAR_OK;
}
