/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/checkpoint.h"

#include "base/codec.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/utf8.h"

#define DASH "\xe2\x80\x94 " /* U+2014 and a space open a signature line */
#define KEY_ID_TAG_BYTES 4
#define ED25519_BYTES 32
#define TREE_MARK " - " /* between a Rekor v1 log's host and its tree's number */

/* C2SP signed-note: kinds of keys in a key id. */
#define KIND_ED25519 0x01
#define KIND_NAMED 0xff
#define RSA_KIND_NAME "PKIX-RSA-PKCS#1v1.5"

static enum notar_code
check_text(struct span note, struct notar_error *err)
{
	uint32_t code = 0;

	if (note.len > LIMIT_CHECKPOINT_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a checkpoint of over %u bytes",
				  LIMIT_CHECKPOINT_BYTES);
	if (note.len == 0 || note.ptr[note.len - 1] != '\n')
		return notar_fail(err, NOTAR_E_FORMAT, "a checkpoint that ends within a line");
	while (note.len > 0) {
		size_t len = utf8_next(note, &code);

		if (len == 0 || (code < 0x20 && code != '\n') || (code >= 0x7f && code < 0xa0))
			return notar_fail(err, NOTAR_E_FORMAT, "a checkpoint that is no text");
		note = span_from(note, len);
	}
	return NOTAR_OK;
}

/* At the last blank line: what is before it is signed, even if it has one of its own. */
static enum notar_code
split(struct span note, struct checkpoint *out, struct notar_error *err)
{
	size_t at = note.len;

	while (at >= 2 && !(note.ptr[at - 1] == '\n' && note.ptr[at - 2] == '\n'))
		at--;
	if (at < 2)
		return notar_fail(err, NOTAR_E_FORMAT, "a checkpoint without a blank line");
	out->text = span_of(note.ptr, at - 1);
	out->signatures = span_from(note, at);
	if (out->signatures.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "a checkpoint without a signature");
	return NOTAR_OK;
}

/* Cuts a line off, without its newline; every line here has one. */
static struct span
take_line(struct span *rest)
{
	size_t len = span_find(*rest, '\n');
	struct span line = { rest->ptr, len };

	*rest = span_from(*rest, len + 1);
	return line;
}

static bool
read_number(struct span text, uint64_t *out)
{
	uint64_t value = 0;

	if (text.len == 0 || (text.len > 1 && text.ptr[0] == '0'))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)text.ptr[i] - '0';

		if (digit > 9 || value > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

/* C2SP tlog-checkpoint: origin, size, root, and lines of a log's own, none of them empty. */
static enum notar_code
read_lines(struct checkpoint *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) root = { 0 };
	struct span rest = out->text;

	out->origin = take_line(&rest);
	if (out->origin.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "a checkpoint without an origin");
	if (!read_number(take_line(&rest), &out->size))
		return notar_fail(err, NOTAR_E_FORMAT, "a checkpoint without the log's size");
	NOTAR_TRY(base64_decode(take_line(&rest), &root, "a checkpoint's root", err));
	if (root.len != MERKLE_HASH_BYTES)
		return notar_fail(err, NOTAR_E_FORMAT, "a checkpoint's root: not %d bytes",
				  MERKLE_HASH_BYTES);
	memcpy(out->root, root.ptr, MERKLE_HASH_BYTES);
	while (rest.len > 0)
		if (take_line(&rest).len == 0)
			return notar_fail(err, NOTAR_E_FORMAT, "a checkpoint with an empty line");
	return NOTAR_OK;
}

/* A signature line: a name, then the first bytes of a key id before the signature. */
struct line {
	struct span name;
	struct buf bytes;
};

static void
line_release(struct line *line)
{
	buf_release(&line->bytes);
}

static enum notar_code
read_line(struct span text, struct line *out, struct notar_error *err)
{
	struct span rest = span_from(text, strlen(DASH));
	size_t len = span_find(rest, ' ');

	if (!span_starts_with(text, DASH) || len == 0 || len == rest.len)
		return notar_fail(err, NOTAR_E_FORMAT, "a checkpoint's line is no signature");
	out->name = span_of(rest.ptr, len);
	NOTAR_TRY(base64_decode(span_from(rest, len + 1), &out->bytes, "a checkpoint's signature",
				err));
	if (out->bytes.len <= KEY_ID_TAG_BYTES)
		return notar_fail(err, NOTAR_E_FORMAT, "a checkpoint's signature is empty");
	return NOTAR_OK;
}

static enum notar_code
check_signatures(struct span rest, struct notar_error *err)
{
	for (size_t count = 0; rest.len > 0; count++) {
		NOTAR_AUTO_OF(line) line = { 0 };

		if (count >= LIMIT_CHECKPOINT_SIGNATURES)
			return notar_fail(err, NOTAR_E_LIMIT, "a checkpoint of over %d signatures",
					  LIMIT_CHECKPOINT_SIGNATURES);
		NOTAR_TRY(read_line(take_line(&rest), &line, err));
	}
	return NOTAR_OK;
}

enum notar_code
checkpoint_parse(struct span note, struct checkpoint *out, struct notar_error *err)
{
	struct checkpoint found = { 0 };

	NOTAR_TRY(check_text(note, err));
	NOTAR_TRY(split(note, &found, err));
	NOTAR_TRY(read_lines(&found, err));
	NOTAR_TRY(check_signatures(found.signatures, err));
	*out = found;
	return NOTAR_OK;
}

/* "host - 123" → "host", which is what a Rekor v1 log signs as; everything else signs as its
 * origin. */
static bool
cut_tree(struct span origin, struct span *name)
{
	size_t digits = 0;

	while (digits < origin.len && origin.ptr[origin.len - 1 - digits] >= '0' &&
	       origin.ptr[origin.len - 1 - digits] <= '9')
		digits++;
	if (digits == 0 || origin.len < digits + strlen(TREE_MARK))
		return false;
	size_t len = origin.len - digits - strlen(TREE_MARK);

	*name = span_of(origin.ptr, len);
	return memcmp(origin.ptr + len, TREE_MARK, strlen(TREE_MARK)) == 0;
}

static enum notar_code
find_name(const struct checkpoint *checkpoint, const struct root_log *log, struct span *name,
	  struct notar_error *err)
{
	struct span url = buf_span(&log->base_url);
	struct span host = span_of(url.ptr, log->host_len);
	bool has_tree = cut_tree(checkpoint->origin, name);

	if (!has_tree)
		*name = checkpoint->origin;
	if (name->len == 0 || !(span_equal(*name, host) || (!has_tree && span_equal(*name, url))))
		return notar_fail(err, NOTAR_E_SIGNATURE,
				  "a checkpoint of \"%.*s\", which is not the log at \"%.*s\"",
				  (int)checkpoint->origin.len, (const char *)checkpoint->origin.ptr,
				  (int)url.len, (const char *)url.ptr);
	return NOTAR_OK;
}

/* SHA-256(name, newline, kind, what the kind says of the key). */
static void
named_key_id(struct span name, uint8_t kind, const char *kind_name, struct span key,
	     uint8_t out[KEY_ID_TAG_BYTES])
{
	const uint8_t mark[] = { '\n', kind };
	struct digest_stream stream;

	digest_start(&stream, NOTAR_SHA256);
	digest_add(&stream, name);
	digest_add(&stream, span_of(mark, sizeof(mark)));
	digest_add(&stream, span_str(kind_name));
	digest_add(&stream, key);
	struct notar_digest digest = digest_end(&stream);

	memcpy(out, digest.bytes, KEY_ID_TAG_BYTES);
}

static void
key_tag(const struct key *key, struct span name, uint8_t out[KEY_ID_TAG_BYTES])
{
	struct span spki = key_spki(key);

	switch (key_kind_of(key)) {
	case KEY_P256:
	case KEY_P384:
	case KEY_P521: /* Sigstore's own: not bound to the name */
		memcpy(out, key_id(key), KEY_ID_TAG_BYTES);
		break;
	case KEY_ED25519: /* its SubjectPublicKeyInfo ends in the key */
		named_key_id(name, KIND_ED25519, "", span_from(spki, spki.len - ED25519_BYTES),
			     out);
		break;
	case KEY_RSA:
		named_key_id(name, KIND_NAMED, RSA_KIND_NAME, spki, out);
		break;
	}
}

static enum notar_code
verify_line(const struct checkpoint *checkpoint, const struct key *key, struct span sig,
	    struct notar_error *err)
{
	struct notar_digest digest = digest_of(NOTAR_SHA256, checkpoint->text);
	enum notar_code code = key_kind_of(key) == KEY_ED25519 ?
				       key_verify(key, checkpoint->text, sig, SIG_DER, err) :
				       key_verify_digest(key, &digest, sig, err);

	return code == NOTAR_OK || err == NULL ? code : notar_context(err, "checkpoint");
}

enum notar_code
checkpoint_verify(const struct checkpoint *checkpoint, const struct root_log *log,
		  struct notar_error *err)
{
	struct span rest = checkpoint->signatures;
	uint8_t tag[KEY_ID_TAG_BYTES] = { 0 };
	bool is_signed = false;
	struct span name = { 0 };

	NOTAR_TRY(find_name(checkpoint, log, &name, err));
	key_tag(log->key, name, tag);
	while (rest.len > 0) {
		NOTAR_AUTO_OF(line) line = { 0 };

		NOTAR_TRY(read_line(take_line(&rest), &line, err));
		struct span sig = span_from(buf_span(&line.bytes), KEY_ID_TAG_BYTES);

		if (!span_equal(line.name, name) || memcmp(line.bytes.ptr, tag, sizeof(tag)) != 0)
			continue;
		NOTAR_TRY(verify_line(checkpoint, log->key, sig, err));
		is_signed = true;
	}
	if (!is_signed)
		return notar_fail(err, NOTAR_E_SIGNATURE, "a checkpoint that the log did not sign");
	return NOTAR_OK;
}
