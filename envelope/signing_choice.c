/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/signing_config.h"

#include "base/limits.h"

/* Services that qualify, the newest first. */
struct shortlist {
	const struct signing_service *items[LIMIT_ROOT_ENTRIES];
	size_t count;
};

static bool
is_usable(const struct signing_service *service, int64_t highest, int64_t now_s)
{
	return service->version >= 1 && service->version <= highest && service->from_s <= now_s &&
	       now_s <= service->to_s;
}

/* The highest version of those that could be used; 0 when there is none. */
static int64_t
best_version(const struct signing_services *from, int64_t highest, int64_t now_s)
{
	int64_t best = 0;

	for (size_t i = 0; i < from->count; i++)
		if (is_usable(&from->items[i], highest, now_s) && from->items[i].version > best)
			best = from->items[i].version;
	return best;
}

/* Of equally new ones the document's first stays ahead. */
static void
insert(struct shortlist *list, const struct signing_service *service)
{
	size_t at = list->count++;

	for (; at > 0 && list->items[at - 1]->from_s < service->from_s; at--)
		list->items[at] = list->items[at - 1];
	list->items[at] = service;
}

static bool
has_operator(const struct shortlist *list, const char *operator)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i]->operator, operator) == 0)
			return true;
	return false;
}

static void
shorten(const struct signing_services *from, int64_t highest, int64_t now_s, struct shortlist *out)
{
	struct shortlist sorted = { 0 };
	int64_t version = best_version(from, highest, now_s);

	for (size_t i = 0; i < from->count && i < LIMIT_ROOT_ENTRIES; i++)
		if (from->items[i].version == version && is_usable(&from->items[i], highest, now_s))
			insert(&sorted, &from->items[i]);
	for (size_t i = 0; i < sorted.count; i++)
		if (!has_operator(out, sorted.items[i]->operator))
			out->items[out->count++] = sorted.items[i];
}

/* How many the selector asks for. */
static enum notar_code
count_wanted(const struct signing_services *from, size_t usable, const char *what, size_t *out,
	     struct notar_error *err)
{
	switch (from->selector) {
	case SIGNING_NONE:
		return notar_fail(err, NOTAR_E_CONFIG,
				  "signing config: %s without a selector of how many to ask", what);
	case SIGNING_ALL:
		*out = usable;
		break;
	case SIGNING_ANY:
		*out = 1;
		break;
	case SIGNING_EXACT:
		*out = from->wanted;
		break;
	}
	if (*out == 0 || *out > usable)
		return notar_fail(err, NOTAR_E_CONFIG,
				  "signing config: %zu usable now of the %s, %zu wanted", usable,
				  what, *out == 0 ? 1 : *out);
	if (*out > SIGNING_SERVICES)
		return notar_fail(err, NOTAR_E_LIMIT,
				  "signing config: %zu of the %s for one signature, over %d", *out,
				  what, SIGNING_SERVICES);
	return NOTAR_OK;
}

static enum notar_code
choose_logs(const struct signing_config *config, int64_t now_s, struct signing_choice *out,
	    struct notar_error *err)
{
	struct shortlist list = { 0 };

	if (config->logs.count == 0)
		return NOTAR_OK;
	shorten(&config->logs, 2, now_s, &list);
	NOTAR_TRY(count_wanted(&config->logs, list.count, "logs", &out->log_count, err));
	for (size_t i = 0; i < out->log_count && i < list.count; i++)
		out->logs[i] = (struct signing_log){ list.items[i]->url,
						     (unsigned)list.items[i]->version };
	return NOTAR_OK;
}

static enum notar_code
choose_stampers(const struct signing_config *config, int64_t now_s, struct signing_choice *out,
		struct notar_error *err)
{
	struct shortlist list = { 0 };

	if (config->stampers.count == 0)
		return NOTAR_OK;
	shorten(&config->stampers, 1, now_s, &list);
	NOTAR_TRY(count_wanted(&config->stampers, list.count, "timestamp authorities",
			       &out->stamper_count, err));
	for (size_t i = 0; i < out->stamper_count && i < list.count; i++)
		out->stampers[i] = list.items[i]->url;
	return NOTAR_OK;
}

enum notar_code
signing_config_choose(const struct signing_config *config, int64_t now_s,
		      struct signing_choice *out, struct notar_error *err)
{
	struct signing_choice choice = { 0 };
	struct shortlist authorities = { 0 }, providers = { 0 };

	shorten(&config->authorities, 1, now_s, &authorities);
	if (authorities.count == 0)
		return notar_fail(err, NOTAR_E_CONFIG,
				  "signing config: no certificate authority is usable now");
	choice.authority = authorities.items[0]->url;
	shorten(&config->providers, 1, now_s, &providers);
	choice.provider = providers.count == 0 ? NULL : providers.items[0]->url;
	NOTAR_TRY(choose_logs(config, now_s, &choice, err));
	NOTAR_TRY(choose_stampers(config, now_s, &choice, err));
	*out = choice;
	return NOTAR_OK;
}

enum notar_code
signing_choice_check(const struct signing_choice *choice, struct notar_error *err)
{
	bool has_time = choice->stamper_count > 0;

	if (choice->authority == NULL || choice->log_count > SIGNING_SERVICES ||
	    choice->stamper_count > SIGNING_SERVICES)
		return notar_fail(err, NOTAR_E_CONFIG,
				  "keyless signing without a certificate authority");
	for (size_t i = 0; i < choice->log_count; i++) {
		if (choice->logs[i].version < 1 || choice->logs[i].version > 2)
			return notar_fail(err, NOTAR_E_CONFIG, "a log of version %u",
					  choice->logs[i].version);
		has_time = has_time || choice->logs[i].version == 1;
	}
	if (!has_time)
		return notar_fail(err, NOTAR_E_CONFIG,
				  "keyless signing without a timestamp authority%s: the "
				  "certificate lives for minutes, and nobody could say later that "
				  "it was valid",
				  choice->log_count > 0 ? ", and the log gives no time" : "");
	return NOTAR_OK;
}
