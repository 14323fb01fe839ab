/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/log_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/file.h"
#include "envelope/dsse.h"

static bool
read_part(const char *folder, const char *name, struct buf *out)
{
	char path[200];

	(void)snprintf(path, sizeof(path), "tests/vectors/sigstore/%s/%s", folder, name);
	return file_read(path, 1U << 20, out, NULL) == NOTAR_OK;
}

enum notar_code
log_fixture_read(struct span text, struct log_entry *out, struct notar_error *err)
{
	const struct json_limits limits = { 2U << 20, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;

	NOTAR_TRY(json_parse(text, limits, "tlogEntries[0]", &root, &top, err));
	return log_entry_read(&top, out, err);
}

static void
init_log(struct log_fixture *f, const char *folder)
{
	NOTAR_AUTO_OF(buf) spki = { 0 };
	NOTAR_AUTO_OF(buf) id = { 0 };

	assert_true(read_part(folder, "log.spki", &spki) && read_part(folder, "log.id", &id) &&
		    read_part(folder, "log.url", &f->log.base_url));
	assert_int_equal(id.len, FACT_ID_BYTES);
	memcpy(f->log.id, id.ptr, FACT_ID_BYTES);
	assert_int_equal(key_load_public(buf_span(&spki), &f->log.key, NULL), NOTAR_OK);
	f->log.host_len = f->log.base_url.len;
	f->log.valid = (struct validity){ INT64_MIN, INT64_MAX };
	f->root.logs = &f->log;
	f->root.log_count = 1;
	f->root_list[0] = &f->root;
	f->roots = (struct trusted_roots){ f->root_list, 1 };
}

static void
init_signer(struct log_fixture *f, const char *folder)
{
	NOTAR_AUTO_OF(buf) bytes = { 0 };

	if (read_part(folder, "signer.crt", &bytes)) {
		assert_int_equal(cert_parse(buf_span(&bytes), &f->cert, NULL), NOTAR_OK);
		assert_int_equal(cert_key(f->cert, &f->claim.key, NULL), NOTAR_OK);
		f->claim.certificate = f->cert;
		return;
	}
	assert_true(read_part(folder, "signer.pem", &bytes));
	assert_int_equal(key_load_public(buf_span(&bytes), &f->key, NULL), NOTAR_OK);
	f->claim.key = f->key;
}

void
log_fixture_init(struct log_fixture *f, const char *folder)
{
	struct notar_error err = { 0 };

	*f = (struct log_fixture){ 0 };
	init_log(f, folder);
	init_signer(f, folder);
	assert_true(read_part(folder, "entry.json", &f->text) &&
		    read_part(folder, "signature", &f->signature));
	f->claim.is_dsse = read_part(folder, "payload", &f->payload);
	if (f->claim.is_dsse)
		dsse_pae(span_str(DSSE_TYPE_INTOTO), buf_span(&f->payload), &f->message);
	else
		assert_true(read_part(folder, "message", &f->message));
	f->claim.signature = buf_span(&f->signature);
	f->claim.message = buf_span(&f->message);
	f->claim.payload = buf_span(&f->payload);
	if (log_fixture_read(buf_span(&f->text), &f->entry, &err) != NOTAR_OK)
		fail_msg("%s: %s", folder, err.msg);
}

void
log_fixture_release(struct log_fixture *f)
{
	log_entry_release(&f->entry);
	buf_release(&f->log.base_url);
	key_free(f->log.key);
	buf_release(&f->text);
	buf_release(&f->signature);
	buf_release(&f->message);
	buf_release(&f->payload);
	cert_free(f->cert);
	key_free(f->key);
}

enum notar_code
log_fixture_verify(const struct log_fixture *f, struct log_seen *out, struct notar_error *err)
{
	return log_entry_verify(&f->entry, &f->claim, true, &f->roots, out, err);
}
