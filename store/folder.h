/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/own.h"

/* The folder that holds a store: which one it is, and who may use its files. */
struct folder_identity {
	dev_t device;
	ino_t inode;
	uid_t owner;
	gid_t group;
	mode_t mode;
	bool has_store; /* data.mdb was there */
};

bool folder_identity_equal(const struct folder_identity *a, const struct folder_identity *b);

/* Makes it with mode 0700 when `create`. NOTAR_E_NOT_FOUND (no folder, or no store in it).
 * NOTAR_E_IO: also when a store's file is a link or otherwise no plain file, for root must not be
 * led by the folder's owner to write elsewhere. */
NOTAR_MUST_USE enum notar_code
folder_identify(const char *folder, bool create, struct folder_identity *out,
		struct notar_error *err);

/* Files are the owner's alone, or the group's too where the folder is writable for the group:
 * even readers write into the lock file (decision 7). */
mode_t folder_file_mode(const struct folder_identity *folder);

/* For files that this opener made: gives them just that mode, whatever the umask, and, when root
 * made them, the folder's owner, so that notard, which is not root, can go on using them
 * (decision 6). Does not open them: closing would drop LMDB's locks. */
NOTAR_MUST_USE enum notar_code
folder_adopt_files(const char *folder, const struct folder_identity *identity,
		   struct notar_error *err);

#endif
