/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "keys/keyfile.h"
#include "pki/cert_show.h"
#include "pki/chain.h"
#include "pki/request.h"
#include "signer/command.h"

static enum notar_code
load_key(const struct options *options, struct key **out, struct notar_error *err)
{
	char prompt[] = "passphrase of the key";
	const struct passphrase_source source = { passphrase_secret, prompt };

	if (options->keys.count != 1)
		return notar_fail(err, NOTAR_E_USAGE, "--key: exactly one is needed");
	NOTAR_TRY(keyfile_load(options->keys.values[0], &source, out, err));
	return key_is_private(*out) ? NOTAR_OK :
				      notar_fail(err, NOTAR_E_KEY, "%s: a public key alone",
						 options->keys.values[0]);
}

static enum notar_code
make(const struct options *options, bool request, struct buf *out, struct notar_error *err)
{
	const char *const *operands = options->operands.values;
	NOTAR_AUTO(key) *key = NULL;

	if (request && (options->subject == NULL || options->operands.count != 1))
		return notar_fail(err, NOTAR_E_USAGE, "cert request: --key and --subject, no more");
	if (!request && (options->subject != NULL || options->operands.count != 2))
		return notar_fail(err, NOTAR_E_USAGE,
				  "cert generate-test: --key and a name, such as example.com");
	NOTAR_TRY(load_key(options, &key, err));
	return request ? request_make(key, options->subject, out, err) :
			 request_make_test(key, operands[1], clock_now_s(), out, err);
}

static void
show_json(const struct cert_list *list, const char *problem, struct buf *out)
{
	json_begin_object(out);
	json_name(out, "certificates");
	json_begin_array(out);
	for (size_t i = 0; i < list->count; i++)
		cert_show_json(list->certs[i], out);
	json_end_array(out);
	json_pair_bool(out, "signs", problem == NULL);
	if (problem != NULL)
		json_pair_str(out, "problem", problem);
	json_end_object(out);
	buf_append_str(out, "\n");
}

/* Whether the file would do as --cert-chain now is a part of what it shows, not of the status. */
static enum notar_code
inspect(const struct options *options, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) text = { 0 };
	NOTAR_AUTO_OF(cert_list) list = { 0 };
	struct notar_error why = { 0 };
	int64_t now_s = clock_now_s();

	if (options->operands.count != 2)
		return notar_fail(err, NOTAR_E_USAGE, "cert inspect: exactly one file is needed");
	const char *path = options->operands.values[1];

	NOTAR_TRY(file_read(path, LIMIT_CERTIFICATE_BYTES * LIMIT_CHAIN_CERTIFICATES, &text, err));
	if (cert_list_add_file(&list, buf_span(&text), LIMIT_CHAIN_CERTIFICATES, err) != NOTAR_OK)
		return notar_context(err, "%s", path);
	bool signs = chain_check(&list, CHAIN_CODE_SIGNING, &why) == NOTAR_OK &&
		     chain_check_validity(&list, now_s, now_s, &why) == NOTAR_OK;

	if (options->json) {
		show_json(&list, signs ? NULL : why.msg, out);
		return buf_finish(out, path, err);
	}
	for (size_t i = 0; i < list.count; i++) {
		buf_printf(out, "certificate %zu\n", i + 1);
		cert_show(list.certs[i], out);
	}
	buf_printf(out, "as a chain to sign with: %s\n", signs ? "good" : why.msg);
	return buf_finish(out, path, err);
}

static enum notar_code
run(const struct options *options, struct buf *out, struct notar_error *err)
{
	const char *verb = options->operands.count > 0 ? options->operands.values[0] : "";
	bool request = strcmp(verb, "request") == 0;

	if (strcmp(verb, "inspect") == 0)
		return inspect(options, out, err);
	if (request || strcmp(verb, "generate-test") == 0)
		return make(options, request, out, err);
	return notar_fail(err, NOTAR_E_USAGE, "cert: request, inspect or generate-test");
}

int
cmd_cert(const struct options *options, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) out = { 0 };

	if (run(options, &out, err) != NOTAR_OK)
		return -1;
	if (options->out == NULL)
		return options->quiet ? 0 : output_flush(&out, err);
	return file_write_atomic(options->out, buf_span(&out), 0644,
				 options->force ? FILE_REPLACE : FILE_CREATE, err) == NOTAR_OK ?
		       0 :
		       -1;
}
