/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/fetch_revocations.h"

#include "base/clock.h"

void
fetch_revocations_begin(struct daemon *daemon, struct revocations *revocations,
			struct list_cache *lists)
{
	const struct config *config = daemon_config(daemon);

	revocations_forget(revocations);
	revocations->options = (struct revocations_options){
		.offline = config->revocation_offline,
		.allow_private = config->revocation_private,
		.deadline_ms = clock_deadline_ms(1000 * config->fetch_timeout_s),
		.lists = lists,
	};
	daemon_drop_config(daemon);
}

void
fetch_revocations_store(struct daemon *daemon, const struct revocations *revocations)
{
	struct store_batch *batch = revocations_batch(revocations);

	if (batch == NULL)
		return;
	store_writer_submit(daemon->writer, batch);
	store_writer_flush(daemon->writer);
	/* What was learned may be due before the thread would have looked. */
	prefetch_wake(daemon->prefetch);
}
