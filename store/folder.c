/* SPDX-License-Identifier: Apache-2.0 */
#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define DATA_FILE "data.mdb"
#define LOCK_FILE "lock.mdb"

bool
folder_identity_equal(const struct folder_identity *a, const struct folder_identity *b)
{
	return a->device == b->device && a->inode == b->inode;
}

static enum notar_code
make_path(const char *folder, const char *name, char out[PATH_MAX], struct notar_error *err)
{
	if (snprintf(out, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
		return notar_fail(err, NOTAR_E_LIMIT, "too long a path");
	return NOTAR_OK;
}

static enum notar_code
check_plain(const char *folder, const char *name, bool *exists, struct notar_error *err)
{
	char path[PATH_MAX];
	struct stat st;

	NOTAR_TRY(make_path(folder, name, path, err));
	*exists = lstat(path, &st) == 0;
	if (!*exists)
		return errno == ENOENT ?
			       NOTAR_OK :
			       notar_fail(err, NOTAR_E_IO, "%s: %s", name, strerrordesc_np(errno));
	if (!S_ISREG(st.st_mode) || st.st_nlink > 1)
		return notar_fail(err, NOTAR_E_IO, "%s: not a plain file", name);
	return NOTAR_OK;
}

enum notar_code
folder_identify(const char *folder, bool create, struct folder_identity *out,
		struct notar_error *err)
{
	bool has_data, has_lock;
	struct stat st;

	if (create)
		NOTAR_TRY(file_make_dirs(folder, 0700, err));
	if (stat(folder, &st) != 0)
		return notar_fail(err, errno == ENOENT ? NOTAR_E_NOT_FOUND : NOTAR_E_IO, "%s",
				  strerrordesc_np(errno));
	if (!S_ISDIR(st.st_mode))
		return notar_fail(err, NOTAR_E_IO, "not a folder");
	NOTAR_TRY(check_plain(folder, DATA_FILE, &has_data, err));
	NOTAR_TRY(check_plain(folder, LOCK_FILE, &has_lock, err));
	if (!create && !has_data)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "there is no store in it");
	*out = (struct folder_identity){ .device = st.st_dev,
					 .inode = st.st_ino,
					 .owner = st.st_uid,
					 .group = st.st_gid,
					 .mode = st.st_mode,
					 .has_store = has_data };
	return NOTAR_OK;
}

mode_t
folder_file_mode(const struct folder_identity *folder)
{
	return (folder->mode & S_IWGRP) != 0 ? 0660 : 0600;
}

static enum notar_code
adopt(const char *folder, const char *name, const struct folder_identity *identity,
      struct notar_error *err)
{
	char path[PATH_MAX];

	NOTAR_TRY(make_path(folder, name, path, err));
	if (!identity->has_store &&
	    fchmodat(AT_FDCWD, path, folder_file_mode(identity), AT_SYMLINK_NOFOLLOW) != 0 &&
	    errno != EOPNOTSUPP && errno != EPERM)
		return notar_fail(err, NOTAR_E_IO, "%s: %s", name, strerrordesc_np(errno));
	if (geteuid() == 0 && identity->owner != 0 &&
	    lchown(path, identity->owner, identity->group) != 0)
		return notar_fail(err, NOTAR_E_IO, "%s: %s", name, strerrordesc_np(errno));
	return NOTAR_OK;
}

enum notar_code
folder_adopt_files(const char *folder, const struct folder_identity *identity,
		   struct notar_error *err)
{
	NOTAR_TRY(adopt(folder, DATA_FILE, identity, err));
	return adopt(folder, LOCK_FILE, identity, err);
}
