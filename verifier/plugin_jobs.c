/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/json.h"
#include "verifier/plugins.h"

static void
job_release(struct plugin_job *job)
{
	buf_release(&job->plugin);
	buf_release(&job->min_version);
	buf_release(&job->signature);
	buf_release(&job->identities);
	buf_release(&job->attributes);
}

void
plugin_jobs_release(struct plugin_jobs *jobs)
{
	for (size_t i = 0; i < jobs->count; i++)
		job_release(&jobs->jobs[i]);
	free(jobs->jobs);
	*jobs = (struct plugin_jobs){ 0 };
}

static bool
fill(struct plugin_job *job, const struct policy_x509 *signer, const struct fact *fact,
     const struct cert_list *chain)
{
	plugin_key_of(signer, fact, job->key);
	job->checks = plugin_checks_of(signer);
	buf_append_span(&job->plugin, fact->plugin);
	buf_append_span(&job->min_version, fact->plugin_min_version);
	buf_append_span(&job->attributes, fact->attributes);
	plugin_write_signature(fact, chain, &job->signature);
	json_begin_array(&job->identities);
	for (size_t i = 0; i < signer->identity_text_count; i++)
		json_put_str(&job->identities, signer->identity_texts[i]);
	json_end_array(&job->identities);
	return buf_finish(&job->plugin, "plugin", NULL) == NOTAR_OK &&
	       buf_finish(&job->min_version, "plugin", NULL) == NOTAR_OK &&
	       buf_finish(&job->attributes, "plugin", NULL) == NOTAR_OK &&
	       buf_finish(&job->signature, "plugin", NULL) == NOTAR_OK &&
	       buf_finish(&job->identities, "plugin", NULL) == NOTAR_OK;
}

/* The chain must be the one that the fact, and so the key of the answer, speaks of. */
static bool
is_chain_of(const struct cert_list *chain, const struct fact *fact)
{
	struct span rest = fact->chain;
	struct fact_link link;
	size_t i = 0;

	for (; fact_link_next(&rest, &link); i++)
		if (i >= chain->count ||
		    memcmp(chain->certs[i]->thumbprint, link.thumbprint, FACT_ID_BYTES) != 0)
			return false;
	return i == chain->count;
}

static void
add(struct plugin_jobs *jobs, const struct trust_signature *signature, struct span chains)
{
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	struct reader reader = { .rest = chains };
	struct plugin_job made = { 0 };
	struct plugin_job *grown;

	if (!evidence_chain_next(&reader, &chain) || !is_chain_of(&chain, &signature->decoded))
		return;
	grown = realloc(jobs->jobs, (jobs->count + 1) * sizeof(*jobs->jobs));
	if (grown == NULL)
		return; /* not asked: not known, as it was */
	jobs->jobs = grown;
	if (fill(&made, signature->wants_plugin, &signature->decoded, &chain))
		jobs->jobs[jobs->count++] = made;
	else
		job_release(&made);
}

void
plugin_jobs_collect(struct plugin_jobs *jobs, const struct question *question,
		    const struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->count; i++)
		if (question->signatures[i].wants_plugin != NULL)
			add(jobs, &question->signatures[i], buf_span(&evidence->items[i].chains));
}
