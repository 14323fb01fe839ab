/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "base/limits.h"
#include "pki/trusted_root_internal.h"

static const char *const media_types[] = {
	"application/vnd.dev.sigstore.trustedroot+json;version=0.1",
	"application/vnd.dev.sigstore.trustedroot.v0.1+json",
	"application/vnd.dev.sigstore.trustedroot.v0.2+json",
};

void
root_authority_release(struct root_authority *authority)
{
	cert_list_release(&authority->chain);
	buf_release(&authority->uri);
	buf_release(&authority->operator_name);
	*authority = (struct root_authority){ 0 };
}

static void
free_logs(struct root_log *logs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		root_log_release(&logs[i]);
	free(logs);
}

static void
free_authorities(struct root_authority *authorities, size_t count)
{
	for (size_t i = 0; i < count; i++)
		root_authority_release(&authorities[i]);
	free(authorities);
}

void
trusted_root_free(struct trusted_root *root)
{
	if (root == NULL)
		return;
	free_logs(root->logs, root->log_count);
	free_logs(root->ct_logs, root->ct_log_count);
	free_authorities(root->cas, root->ca_count);
	free_authorities(root->tsas, root->tsa_count);
	free(root);
}

static enum notar_code
read_chain(const struct json *at, struct cert_list *out, struct notar_error *err)
{
	struct json holder, list;
	size_t count = 0;

	NOTAR_TRY(json_proto_member(at, "certChain", &holder, err));
	NOTAR_TRY(json_proto_member(&holder, "certificates", &list, err));
	NOTAR_TRY(json_as_array(&list, LIMIT_CHAIN_CERTIFICATES, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: no certificates", list.path);
	for (size_t i = 0; i < count; i++) {
		NOTAR_AUTO_OF(buf) der = { 0 };
		struct json item = json_item(&list, i);

		NOTAR_TRY(root_bytes(&item, "rawBytes", &der, err));
		if (cert_list_add(out, buf_span(&der), LIMIT_CHAIN_CERTIFICATES, err) != NOTAR_OK)
			return notar_context(err, "%s", item.path);
	}
	return NOTAR_OK;
}

static void
identify(struct root_authority *authority)
{
	struct digest_stream stream;

	digest_start(&stream, NOTAR_SHA256);
	for (size_t i = 0; i < authority->chain.count; i++)
		digest_add(&stream, span_of(authority->chain.certs[i]->thumbprint, FACT_ID_BYTES));
	struct notar_digest digest = digest_end(&stream);

	memcpy(authority->identity, digest.bytes, sizeof(authority->identity));
}

enum notar_code
root_authority_read(const struct json *at, bool is_tsa, struct root_authority *out,
		    struct notar_error *err)
{
	NOTAR_AUTO_OF(root_authority) made = { 0 };
	bool has_start;

	NOTAR_TRY(read_chain(at, &made.chain, err));
	NOTAR_TRY(root_validity(at, &made.valid, &has_start, err));
	NOTAR_TRY(root_text(at, "uri", &made.uri, err));
	NOTAR_TRY(root_text(at, "operator", &made.operator_name, err));
	made.has_leaf = is_tsa && !cert_is_ca(made.chain.certs[0]);
	identify(&made);
	*out = made;
	made = (struct root_authority){ 0 };
	return NOTAR_OK;
}

/* The items of a list that may be absent. */
static enum notar_code
count_items(const struct json *top, const char *name, struct json *list, size_t *count,
	    struct notar_error *err)
{
	*count = 0;
	NOTAR_TRY(json_proto_optional(top, name, list, err));
	return list->value == NULL ? NOTAR_OK : json_as_array(list, LIMIT_ROOT_ENTRIES, count, err);
}

static enum notar_code
read_logs(const struct json *top, const char *name, struct root_log **logs, size_t *count,
	  struct notar_error *err)
{
	struct json list;
	size_t items = 0;

	NOTAR_TRY(count_items(top, name, &list, &items, err));
	if (items == 0)
		return NOTAR_OK;
	*logs = calloc(items, sizeof(**logs));
	if (*logs == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for logs");
	for (size_t i = 0; i < items; i++) {
		struct json item = json_item(&list, i);
		bool is_known = false;

		NOTAR_TRY(root_log_read(&item, &(*logs)[*count], &is_known, err));
		*count += is_known ? 1 : 0;
	}
	return NOTAR_OK;
}

static enum notar_code
read_authorities(const struct json *top, const char *name, bool is_tsa, struct root_authority **out,
		 size_t *count, struct notar_error *err)
{
	struct json list;
	size_t items = 0;

	NOTAR_TRY(count_items(top, name, &list, &items, err));
	if (items == 0)
		return NOTAR_OK;
	*out = calloc(items, sizeof(**out));
	if (*out == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for authorities");
	for (size_t i = 0; i < items; i++) {
		struct json item = json_item(&list, i);

		NOTAR_TRY(root_authority_read(&item, is_tsa, &(*out)[*count], err));
		(*count)++;
	}
	return NOTAR_OK;
}

static enum notar_code
check_media_type(const struct json *top, struct notar_error *err)
{
	struct json at;
	struct span text = { 0 };

	NOTAR_TRY(json_proto_member(top, "mediaType", &at, err));
	NOTAR_TRY(json_as_string(&at, &text, err));
	for (size_t i = 0; i < NOTAR_COUNT(media_types); i++)
		if (span_equal(text, span_str(media_types[i])))
			return NOTAR_OK;
	return notar_fail(err, NOTAR_E_FORMAT, "%s: not a trusted root of version 0.1 or 0.2",
			  at.path);
}

enum notar_code
trusted_root_read(const struct json *at, struct trusted_root **out, struct notar_error *err)
{
	NOTAR_AUTO(trusted_root) *root = calloc(1, sizeof(*root));

	if (root == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a trusted root");
	NOTAR_TRY(check_media_type(at, err));
	NOTAR_TRY(read_logs(at, "tlogs", &root->logs, &root->log_count, err));
	NOTAR_TRY(read_logs(at, "ctlogs", &root->ct_logs, &root->ct_log_count, err));
	NOTAR_TRY(read_authorities(at, "certificateAuthorities", false, &root->cas, &root->ca_count,
				   err));
	NOTAR_TRY(read_authorities(at, "timestampAuthorities", true, &root->tsas, &root->tsa_count,
				   err));
	*out = NOTAR_TAKE(root);
	return NOTAR_OK;
}

enum notar_code
trusted_root_load(struct span document, struct trusted_root **out, struct notar_error *err)
{
	static const struct json_limits limits = { LIMIT_TRUSTED_ROOT_BYTES,
						   LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;

	NOTAR_TRY(json_parse(document, limits, "trusted root", &root, &top, err));
	return trusted_root_read(&top, out, err);
}
