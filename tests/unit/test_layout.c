/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/source.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"

/* An empty layout in a temporary folder, and a source on it. */
struct scene {
	char folder[64];
	struct source *source;
};

static void
put_file(const struct scene *s, const char *name, const char *text)
{
	char path[200];
	struct notar_error err = { 0 };

	(void)snprintf(path, sizeof(path), "%s/%s", s->folder, name);
	assert_int_equal(file_write_atomic(path, span_str(text), 0644, FILE_REPLACE, &err),
			 NOTAR_OK);
}

static enum notar_code
open_layout(const struct scene *s, struct source **out, struct notar_error *err)
{
	char text[100];
	struct reference ref;

	(void)snprintf(text, sizeof(text), "oci:%s:v1", s->folder);
	NOTAR_TRY(reference_parse(span_str(text), REFERENCE_STRICT, &ref, err));
	return source_open(&ref, NULL, out, err);
}

static int
set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	char path[200];
	struct notar_error err = { 0 };

	assert_non_null(s);
	(void)snprintf(s->folder, sizeof(s->folder), "/tmp/notar-layout-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	(void)snprintf(path, sizeof(path), "%s/blobs/sha256", s->folder);
	assert_int_equal(file_make_dirs(path, 0755, &err), NOTAR_OK);
	put_file(s, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
	put_file(s, "index.json", "{\"schemaVersion\":2,\"manifests\":[]}");
	if (open_layout(s, &s->source, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	*state = s;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static int
tear_down(void **state)
{
	struct scene *s = *state;

	source_free(s->source);
	assert_int_equal(nftw(s->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(s);
	return 0;
}

static void
write_manifest(const char *note, const struct notar_digest *subject, struct buf *out)
{
	char digest[NOTAR_DIGEST_TEXT_BYTES];

	buf_printf(out,
		   "{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_MANIFEST
		   "\",\"config\":{\"mediaType\":\"" OCI_TYPE_EMPTY "\",\"digest\":\"sha256:"
		   "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\",\"size\":2},"
		   "\"layers\":[],\"annotations\":{\"note\":\"%s\"}",
		   note);
	if (subject != NULL)
		buf_printf(out,
			   ",\"subject\":{\"mediaType\":\"" OCI_TYPE_MANIFEST
			   "\",\"digest\":\"%s\",\"size\":5}",
			   notar_digest_format(subject, digest));
	buf_append_str(out, "}");
}

static struct notar_digest
push(struct source *source, const char *note, const char *tag, const struct notar_digest *subject)
{
	NOTAR_AUTO_OF(buf) text = { 0 };
	struct notar_digest digest;
	struct notar_error err = { 0 };
	enum notar_code code;

	write_manifest(note, subject, &text);
	code = subject == NULL ?
		       source_push_manifest(source, buf_span(&text), OCI_TYPE_MANIFEST, tag,
					    &digest, NULL, &err) :
		       source_push_referrer(source, buf_span(&text), subject, &digest, &err);
	if (code != NOTAR_OK)
		fail_msg("%s", err.msg);
	return digest;
}

static void
what_is_pushed_is_found_by_tag_and_by_digest(void **state)
{
	struct scene *s = *state;
	struct notar_digest digest = push(s->source, "image", "v1", NULL);
	NOTAR_AUTO_OF(content) by_tag = { 0 };
	NOTAR_AUTO_OF(content) by_digest = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(source_manifest(s->source, "v1", NULL, &by_tag, &err), NOTAR_OK);
	assert_true(notar_digest_equal(&by_tag.digest, &digest));
	assert_int_equal(source_manifest(s->source, NULL, &digest, &by_digest, &err), NOTAR_OK);
	assert_true(span_equal(buf_span(&by_tag.bytes), buf_span(&by_digest.bytes)));
}

static void
an_absent_tag_is_absent(void **state)
{
	struct scene *s = *state;
	NOTAR_AUTO_OF(content) content = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(source_manifest(s->source, "v2", NULL, &content, &err), NOTAR_E_NOT_FOUND);
}

static void
a_tag_moves_and_what_it_named_stays(void **state)
{
	struct scene *s = *state;
	struct notar_digest first = push(s->source, "first", "v1", NULL);
	struct notar_digest second = push(s->source, "second", "v1", NULL);
	NOTAR_AUTO_OF(content) tagged = { 0 };
	struct notar_error err = { 0 };

	assert_false(notar_digest_equal(&first, &second));
	assert_int_equal(source_manifest(s->source, "v1", NULL, &tagged, &err), NOTAR_OK);
	assert_true(notar_digest_equal(&tagged.digest, &second));
}

static void
referrers_are_found_by_their_subject(void **state)
{
	struct scene *s = *state;
	struct notar_digest image = push(s->source, "image", "v1", NULL);
	struct notar_digest other = push(s->source, "other", "v2", NULL);
	struct notar_digest referrer = push(s->source, "signature", NULL, &image);
	NOTAR_AUTO_OF(referrers) found = { 0 };
	NOTAR_AUTO_OF(referrers) none = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(source_referrers(s->source, &image, &found, &err), NOTAR_OK);
	assert_int_equal(found.count, 1);
	assert_true(notar_digest_equal(&found.items[0].digest, &referrer));
	assert_int_equal(source_referrers(s->source, &other, &none, &err), NOTAR_OK);
	assert_int_equal(none.count, 0);
}

static void
a_blob_that_is_not_what_its_name_says_is_refused(void **state)
{
	struct scene *s = *state;
	struct notar_digest digest;
	struct notar_error err = { 0 };
	char path[300], text[NOTAR_DIGEST_TEXT_BYTES];
	NOTAR_AUTO_OF(buf) good = { 0 };
	NOTAR_AUTO_OF(buf) bad = { 0 };

	assert_int_equal(source_push_blob(s->source, span_str("content"), &digest, &err), NOTAR_OK);
	assert_int_equal(source_blob(s->source, &digest, 7, 100, &good, &err), NOTAR_OK);
	assert_int_equal(source_blob(s->source, &digest, 6, 100, &bad, &err), NOTAR_E_DIGEST);
	assert_int_equal(source_blob(s->source, &digest, -1, 6, &bad, &err), NOTAR_E_LIMIT);
	(void)snprintf(path, sizeof(path), "blobs/sha256/%s",
		       notar_digest_format(&digest, text) + strlen("sha256:"));
	put_file(s, path, "changed");
	assert_int_equal(source_blob(s->source, &digest, -1, 100, &bad, &err), NOTAR_E_DIGEST);
	assert_int_equal(bad.len, 0);
}

static void
a_link_among_the_blobs_is_not_followed(void **state)
{
	struct scene *s = *state;
	struct notar_digest digest = digest_of(NOTAR_SHA256, span_str("secret"));
	char outside[100], link_path[300], text[NOTAR_DIGEST_TEXT_BYTES];
	NOTAR_AUTO_OF(buf) out = { 0 };
	struct notar_error err = { 0 };

	put_file(s, "secret", "secret");
	(void)snprintf(outside, sizeof(outside), "%s/secret", s->folder);
	(void)snprintf(link_path, sizeof(link_path), "%s/blobs/sha256/%s", s->folder,
		       notar_digest_format(&digest, text) + strlen("sha256:"));
	assert_int_equal(symlink(outside, link_path), 0);
	assert_int_equal(source_blob(s->source, &digest, -1, 100, &out, &err), NOTAR_E_FORMAT);
}

static void
damage_of_the_layout_itself_is_an_error_and_not_an_absence(void **state)
{
	struct scene *s = *state;
	static const char *const indexes[] = { "", "{", "[]", "{\"schemaVersion\":2}",
					       "{\"schemaVersion\":2,\"manifests\":[7]}" };
	static const char *const versions[] = { "", "{}", "{\"imageLayoutVersion\":\"2.0.0\"}",
						"{\"imageLayoutVersion\":7}" };

	for (size_t i = 0; i < NOTAR_COUNT(indexes); i++) {
		NOTAR_AUTO_OF(content) content = { 0 };
		struct notar_error err = { 0 };

		put_file(s, "index.json", indexes[i]);
		enum notar_code code = source_manifest(s->source, "v1", NULL, &content, &err);

		assert_true(code != NOTAR_OK && code != NOTAR_E_NOT_FOUND);
	}
	for (size_t i = 0; i < NOTAR_COUNT(versions); i++) {
		struct source *source = NULL;
		struct notar_error err = { 0 };

		put_file(s, "oci-layout", versions[i]);
		assert_int_not_equal(open_layout(s, &source, &err), NOTAR_OK);
		assert_null(source);
	}
}

/* Two signers at once: index.json is changed under a lock, so nobody's entry is lost. */
static void
processes_that_push_at_once_lose_nobodys_entry(void **state)
{
	struct scene *s = *state;
	struct notar_digest image = push(s->source, "image", "v1", NULL);
	NOTAR_AUTO_OF(referrers) found = { 0 };
	struct notar_error err = { 0 };
	pid_t children[4];

	for (size_t c = 0; c < NOTAR_COUNT(children); c++) {
		children[c] = fork();
		if (children[c] != 0)
			continue;
		for (int i = 0; i < 10; i++) {
			char note[20];

			(void)snprintf(note, sizeof(note), "%zu-%d", c, i);
			(void)push(s->source, note, NULL, &image);
		}
		_exit(0);
	}
	for (size_t c = 0; c < NOTAR_COUNT(children); c++) {
		int status = 1;

		assert_int_equal(waitpid(children[c], &status, 0), children[c]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(source_referrers(s->source, &image, &found, &err), NOTAR_OK);
	assert_int_equal(found.count, 40);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(what_is_pushed_is_found_by_tag_and_by_digest),
		T(an_absent_tag_is_absent),
		T(a_tag_moves_and_what_it_named_stays),
		T(referrers_are_found_by_their_subject),
		T(a_blob_that_is_not_what_its_name_says_is_refused),
		T(a_link_among_the_blobs_is_not_followed),
		T(damage_of_the_layout_itself_is_an_error_and_not_an_absence),
		T(processes_that_push_at_once_lose_nobodys_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
