/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <sys/stat.h>

#include "base/file.h"

/*
 * Runs a fuzz target over a folder of inputs, without a fuzzing engine: replay FOLDER.
 * Exits 1 when the folder holds no file, for then nothing was tested.
 */

#define INPUT_BYTES_MAX (64U << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input is copied to its exact size, so that a sanitizer sees one byte too far. */
static enum notar_code
replay_file(const char *path, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) bytes = { 0 };

	NOTAR_TRY(file_read(path, INPUT_BYTES_MAX, &bytes, err));
	uint8_t *exact = malloc(bytes.len > 0 ? bytes.len : 1);
	if (exact == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for %s", path);
	if (bytes.len > 0)
		memcpy(exact, bytes.ptr, bytes.len);
	(void)LLVMFuzzerTestOneInput(exact, bytes.len);
	free(exact);
	return NOTAR_OK;
}

static enum notar_code
replay_folder(const char *folder, DIR *dir, size_t *count, struct notar_error *err)
{
	for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		NOTAR_AUTO_OF(buf) path = { 0 };
		struct stat st;
		buf_printf(&path, "%s/%s", folder, entry->d_name);
		const char *name = buf_cstr(&path);
		if (name == NULL)
			return notar_fail(err, NOTAR_E_NOMEM, "no memory for a path");
		if (stat(name, &st) != 0 || !S_ISREG(st.st_mode))
			continue;
		NOTAR_TRY(replay_file(name, err));
		++*count;
	}
	return NOTAR_OK;
}

int
main(int argc, char **argv)
{
	struct notar_error err = { 0 };
	size_t count = 0;
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;

	if (dir == NULL) {
		fprintf(stderr, "usage: %s FOLDER (that can be opened)\n", argv[0]);
		return 2;
	}
	enum notar_code code = replay_folder(argv[1], dir, &count, &err);
	(void)closedir(dir);
	if (code != NOTAR_OK)
		fprintf(stderr, "%s: %s\n", argv[0], err.msg);
	printf("%s: %zu inputs\n", argv[1], count);
	return code == NOTAR_OK && count > 0 ? 0 : 1;
}
