/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/credential_helper.h"

#include <sodium.h>

#include "base/child.h"
#include "base/json.h"
#include "base/limits.h"

#define NOT_FOUND_TEXT "credentials not found"

static bool
says(struct span text, const char *words)
{
	return text.len > 0 && memmem(text.ptr, text.len, words, strlen(words)) != NULL;
}

/* What it says on standard output, which may be secret; its standard error goes nowhere. */
static enum notar_code
hear(const char *program, const char *verb, struct span input, struct secret *out, int *status,
     struct notar_error *err)
{
	const char *const argv[] = { program, verb, NULL };
	const struct child_call call = { argv, input, LIMIT_HELPER_MS };
	NOTAR_AUTO_OF(secret) text = { 0 };
	struct child_stream errors = { 0 };

	NOTAR_TRY(secret_alloc(LIMIT_HELPER_OUTPUT_BYTES, &text, err));
	struct child_stream output = { text.ptr, text.len, 0 };
	enum notar_code code = child_run(&call, &output, &errors, status, err);

	if (code != NOTAR_OK && code != NOTAR_E_NOMEM && err != NULL)
		err->code = NOTAR_E_AUTH; /* whatever it was: there are no credentials */
	if (code != NOTAR_OK)
		return code == NOTAR_E_NOMEM ? code : NOTAR_E_AUTH;
	text.len = output.len;
	*out = text;
	text = (struct secret){ 0 };
	return NOTAR_OK;
}

/* Helpers write their errors to standard output. */
static enum notar_code
run(const char *helper, const char *verb, struct span input, struct secret *out,
    struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) program = { 0 };
	int status = 0;

	buf_printf(&program, "docker-credential-%s", helper);
	const char *name = buf_cstr(&program);
	if (name == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory");
	NOTAR_TRY(hear(name, verb, input, out, &status, err));
	if (status == 0)
		return NOTAR_OK;
	struct span text = secret_borrow(out);
	if (says(text, NOT_FOUND_TEXT))
		return notar_fail(err, NOTAR_E_NOT_FOUND, "%s has no credentials for it", name);
	return notar_fail(err, NOTAR_E_AUTH, "%s %s failed (exit status %d)", name, verb, status);
}

static enum notar_code
read_answer(struct span text, struct credentials *out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	const struct json_limits limits = { LIMIT_HELPER_OUTPUT_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	struct json top;
	struct span username, password;

	NOTAR_TRY(json_parse(text, limits, "helper's answer", &root, &top, err));
	NOTAR_TRY(json_optional_string(&top, "Username", &username, err));
	NOTAR_TRY(json_member_string(&top, "Secret", &password, err));
	if (password.len == 0)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "the helper gave an empty secret");
	return credentials_set(username, password, out, err);
}

enum notar_code
credential_helper_get(const char *helper, const char *server, struct credentials *out,
		      struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) text = { 0 };

	NOTAR_TRY(run(helper, "get", span_str(server), &text, err));
	enum notar_code code = read_answer(secret_borrow(&text), out, err);
	if (code == NOTAR_OK || code == NOTAR_E_NOT_FOUND || code == NOTAR_E_NOMEM)
		return code;
	/* What it said may be half a secret: not repeated. */
	return notar_fail(err, NOTAR_E_AUTH, "docker-credential-%s gave no usable answer", helper);
}

enum notar_code
credential_helper_store(const char *helper, const char *server, const struct secret *username,
			const struct secret *password, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) ignored = { 0 };
	NOTAR_AUTO_OF(buf) text = { .cap = LIMIT_HELPER_OUTPUT_BYTES };

	json_begin_object(&text);
	json_pair_str(&text, "ServerURL", server);
	json_pair_span(&text, "Username", secret_borrow(username));
	json_pair_span(&text, "Secret", secret_borrow(password));
	json_end_object(&text);
	enum notar_code code = buf_finish(&text, "credentials", err);
	if (code == NOTAR_OK)
		code = run(helper, "store", buf_span(&text), &ignored, err);
	if (text.ptr != NULL)
		sodium_memzero(text.ptr, text.len);
	return code;
}

enum notar_code
credential_helper_erase(const char *helper, const char *server, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) ignored = { 0 };

	return run(helper, "erase", span_str(server), &ignored, err);
}
