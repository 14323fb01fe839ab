/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "verifier/confine.h"

#define READS                                                                                      \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITES                                                                                     \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                           \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                            \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK)
/* Nobody here makes devices, pipes or links to elsewhere. */
#define NEVER                                                                                      \
	(LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |                            \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* Rights that came with later versions of the interface; older headers do not name them. */
#define RIGHT_REFER (1ULL << 13)    /* 2 */
#define RIGHT_TRUNCATE (1ULL << 14) /* 3 */

static uint64_t
handled_rights(long abi)
{
	return READS | WRITES | NEVER | (abi >= 2 ? RIGHT_REFER : 0) |
	       (abi >= 3 ? RIGHT_TRUNCATE : 0);
}

static bool
allow_below(int ruleset, const char *path, uint64_t rights)
{
	NOTAR_AUTO_FD fd = open(path, O_PATH | O_CLOEXEC);
	const struct landlock_path_beneath_attr rule = { .allowed_access = rights,
							 .parent_fd = fd };

	return fd >= 0 &&
	       syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

int
confine_landlock(const char *const *writable)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (abi < 1)
		return 0;
	uint64_t rights = handled_rights(abi);
	const struct landlock_ruleset_attr attr = { .handled_access_fs = rights };
	NOTAR_AUTO_FD ruleset =
		(int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_access_fs), 0);

	if (ruleset < 0 || !allow_below(ruleset, "/", READS))
		return 0;
	/* Programs write to /dev/null; terminals and the service manager are open already. */
	(void)allow_below(ruleset, "/dev/null",
			  LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
	for (size_t i = 0; writable[i] != NULL; i++)
		(void)allow_below(ruleset, writable[i], rights & ~(uint64_t)NEVER);
	return syscall(SYS_landlock_restrict_self, ruleset, 0) == 0 ? (int)abi : 0;
}
