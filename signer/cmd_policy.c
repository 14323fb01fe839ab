/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "signer/command.h"
#include "sync/policy_file.h"

/* `notar policy check FILE`: is it a policy that notard would take? */

static const struct policy_signer *
find_signer(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->signer_count; i++)
		if (strcmp(policy->signers[i].name, name) == 0)
			return &policy->signers[i];
	return NULL;
}

static void
tell_signer(const struct policy_x509 *x509, struct buf *out)
{
	static const char *const actions[] = { "enforce", "log", "skip" };

	buf_printf(out, "%zu ca, %zu signingAuthority, %zu tsa",
		   x509->anchors[X509_ANCHOR_CA].count, x509->anchors[X509_ANCHOR_AUTHORITY].count,
		   x509->anchors[X509_ANCHOR_TSA].count);
	if (x509->any_identity)
		buf_append_str(out, ", any identity");
	else
		buf_printf(out, ", %zu identities", x509->identity_count);
	buf_printf(out, "; authenticity %s, authenticTimestamp %s%s, expiry %s, revocation %s\n",
		   actions[x509->authenticity], actions[x509->timestamp],
		   x509->timestamp_after_expiry ? " (afterCertExpiry)" : "", actions[x509->expiry],
		   actions[x509->revocation]);
}

/* What was understood of somebody else's document: a line for each rule, which here has one
 * requirement with one signer, or none. */
static void
tell_rules(const struct policy *policy, struct buf *out)
{
	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct policy_rule *rule = &policy->rules[i];
		const struct policy_signer *signer =
			rule->count == 0 ? NULL :
					   find_signer(policy, rule->requirements[0].signers[0]);

		buf_printf(out, "  %s: %s: ", rule->scope, rule->name);
		if (signer != NULL && signer->x509 != NULL)
			tell_signer(signer->x509, out);
		else
			buf_append_str(out, "no signature needed\n");
	}
}

static enum notar_code
check(const struct options *options, struct buf *out, struct notar_error *err)
{
	const char *path = options->operands.values[1];
	NOTAR_AUTO_OF(policy_file) file = { 0 };
	enum notar_code code = policy_file_read(path, policy_file_kind(path), &file, err);

	if (code != NOTAR_OK) {
		if (code != NOTAR_E_NOMEM)
			err->code = NOTAR_E_USAGE;
		return err->code;
	}
	if (options->json) {
		json_begin_object(out);
		json_pair_bool(out, "ok", true);
		json_pair_int(out, "rules", (int64_t)file.policy->rule_count);
		json_pair_int(out, "signers", (int64_t)file.policy->signer_count);
		json_end_object(out);
		buf_append_str(out, "\n");
		return NOTAR_OK;
	}
	buf_printf(out, "%s: ok, %zu rules, %zu signers\n", path, file.policy->rule_count,
		   file.policy->signer_count);
	if (file.is_notation)
		tell_rules(file.policy, out);
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
