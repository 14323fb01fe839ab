/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/key_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/file.h"

struct buf
fixture_bytes(const char *path)
{
	struct buf out = { 0 };
	struct notar_error err = { 0 };

	if (file_read(path, 1U << 20, &out, &err) != NOTAR_OK)
		fail_msg("%s: %s", path, err.msg);
	return out;
}

struct secret
fixture_secret_of(struct span bytes)
{
	struct secret out = { 0 };

	assert_int_equal(secret_copy(bytes, &out, NULL), NOTAR_OK);
	return out;
}

struct secret
fixture_secret(const char *path)
{
	NOTAR_AUTO_OF(buf) bytes = fixture_bytes(path);

	return fixture_secret_of(buf_span(&bytes));
}

struct key *
fixture_key(const char *path)
{
	struct fixture_word word;
	struct key *key = NULL;
	struct notar_error err = { 0 };

	fixture_word_init(&word, "pw");
	if (keyfile_load(path, &word.source, &key, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	return key;
}

struct buf
fixture_der(const char *path)
{
	NOTAR_AUTO_OF(buf) text = fixture_bytes(path);
	struct buf out = { 0 };
	struct span label;

	assert_int_equal(pem_decode(buf_span(&text), &label, &out, NULL, NULL), NOTAR_OK);
	return out;
}

static enum notar_code
get_word(void *context, struct secret *out, struct notar_error *err)
{
	struct fixture_word *word = context;

	word->asked++;
	if (word->word == NULL)
		return notar_fail(err, NOTAR_E_AUTH, "no passphrase here");
	return secret_copy(span_str(word->word), out, err);
}

void
fixture_word_init(struct fixture_word *word, const char *text)
{
	*word = (struct fixture_word){ .word = text, .source = { get_word, word } };
}
