/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "pki/trusted_root.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_logs(const struct root_log *logs, size_t count)
{
	if (count > LIMIT_ROOT_ENTRIES)
		abort();
	for (size_t i = 0; i < count; i++)
		if (logs[i].key == NULL || key_is_private(logs[i].key) ||
		    logs[i].host_len > logs[i].base_url.len || logs[i].valid.from_ms == INT64_MIN)
			abort();
}

static void
check_authorities(const struct root_authority *authorities, size_t count, bool may_have_leaf)
{
	if (count > LIMIT_ROOT_ENTRIES)
		abort();
	for (size_t i = 0; i < count; i++) {
		const struct cert_list *chain = &authorities[i].chain;

		if (chain->count == 0 || chain->count > LIMIT_CHAIN_CERTIFICATES ||
		    (authorities[i].has_leaf && (!may_have_leaf || cert_is_ca(chain->certs[0]))))
			abort();
	}
}

/* What is read keeps what its header promises; what is not says why. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO(trusted_root) *root = NULL;
	struct notar_error err = { 0 };

	if (trusted_root_load(span_of(data, size), &root, &err) != NOTAR_OK) {
		if (err.msg[0] == '\0' || root != NULL)
			abort();
		return 0;
	}
	check_logs(root->logs, root->log_count);
	check_logs(root->ct_logs, root->ct_log_count);
	check_authorities(root->cas, root->ca_count, false);
	check_authorities(root->tsas, root->tsa_count, true);
	return 0;
}
