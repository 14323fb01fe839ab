/* SPDX-License-Identifier: Apache-2.0 */
#include "store/folder.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

bool
folder_identity_equal(const struct folder_identity *a, const struct folder_identity *b)
{
	return a->device == b->device && a->inode == b->inode;
}

enum notar_code
folder_identify(const char *folder, bool create, struct folder_identity *out,
		struct notar_error *err)
{
	struct stat st;

	if (create)
		NOTAR_TRY(file_make_dirs(folder, 0700, err));
	if (stat(folder, &st) != 0)
		return notar_fail(err, errno == ENOENT ? NOTAR_E_NOT_FOUND : NOTAR_E_IO, "%s",
				  strerrordesc_np(errno));
	if (!S_ISDIR(st.st_mode))
		return notar_fail(err, NOTAR_E_IO, "not a folder");
	char data[PATH_MAX];

	if (snprintf(data, sizeof(data), "%s/data.mdb", folder) >= (int)sizeof(data))
		return notar_fail(err, NOTAR_E_LIMIT, "too long a path");
	if (!create && access(data, F_OK) != 0)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "there is no store in it");
	*out = (struct folder_identity){ st.st_dev, st.st_ino, st.st_uid, st.st_gid, st.st_mode };
	return NOTAR_OK;
}

mode_t
folder_file_mode(const struct folder_identity *folder)
{
	return (folder->mode & S_IWGRP) != 0 ? 0660 : 0600;
}

enum notar_code
folder_adopt_files(const char *folder, const struct folder_identity *identity,
		   struct notar_error *err)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };

	if (geteuid() != 0 || identity->owner == 0)
		return NOTAR_OK;
	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		char path[PATH_MAX];

		if (snprintf(path, sizeof(path), "%s/%s", folder, names[i]) >= (int)sizeof(path))
			return notar_fail(err, NOTAR_E_LIMIT, "too long a path");
		if (lchown(path, identity->owner, identity->group) != 0)
			return notar_fail(err, NOTAR_E_IO, "%s: %s", names[i],
					  strerrordesc_np(errno));
	}
	return NOTAR_OK;
}
