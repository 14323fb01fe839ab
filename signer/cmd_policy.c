/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "signer/command.h"
#include "trust/policy.h"

/* `notar policy check FILE`: is it a policy that notard would take? */

static enum notar_code
check(const struct options *options, struct buf *out, struct notar_error *err)
{
	const char *path = options->operands.values[1];
	NOTAR_AUTO_OF(buf) text = { 0 };
	NOTAR_AUTO(policy) *policy = NULL;

	if (file_read(path, LIMIT_POLICY_BYTES, &text, err) != NOTAR_OK ||
	    policy_load(buf_span(&text), &policy, err) != NOTAR_OK) {
		enum notar_code code = notar_context(err, "%s", path);

		if (code != NOTAR_E_NOMEM)
			err->code = NOTAR_E_USAGE;
		return err->code;
	}
	if (options->json) {
		json_begin_object(out);
		json_pair_bool(out, "ok", true);
		json_pair_int(out, "rules", (int64_t)policy->rule_count);
		json_pair_int(out, "signers", (int64_t)policy->signer_count);
		json_end_object(out);
		buf_append_str(out, "\n");
	} else {
		buf_printf(out, "%s: ok, %zu rules, %zu signers\n", path, policy->rule_count,
			   policy->signer_count);
	}
	return NOTAR_OK;
}

int
cmd_policy(const struct options *options, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) out = { 0 };

	if (options->operands.count != 2 || strcmp(options->operands.values[0], "check") != 0)
		return command_fail(err, NOTAR_E_USAGE, "policy: only: check FILE");
	if (check(options, &out, err) != NOTAR_OK)
		return -1;
	return options->quiet ? 0 : output_flush(&out, err);
}
