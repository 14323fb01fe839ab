/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/page.h"

#include "base/clock.h"
#include "base/codec.h"
#include "base/json.h"
#include "http/h1.h"

#define DEFAULT_LIMIT 100

static enum notar_code
read_limit(struct span text, size_t *out, struct notar_error *err)
{
	size_t limit = 0;

	*out = DEFAULT_LIMIT;
	if (text.ptr == NULL)
		return NOTAR_OK;
	for (size_t i = 0; i < text.len && i < 5; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			limit = PAGE_LIMIT + 1;
		else
			limit = limit * 10 + (size_t)(text.ptr[i] - '0');
	}
	if (limit < 1 || limit > PAGE_LIMIT || text.len > 4)
		return notar_fail(err, NOTAR_E_USAGE, "limit: not within 1 and %d", PAGE_LIMIT);
	*out = limit;
	return NOTAR_OK;
}

enum notar_code
page_read(struct span query, struct page *out, struct notar_error *err)
{
	struct span after = h1_query_value(query, "after");

	*out = (struct page){ 0 };
	NOTAR_TRY(read_limit(h1_query_value(query, "limit"), &out->limit, err));
	if (after.len == 0)
		return NOTAR_OK;
	if (after.len / 2 > sizeof(out->after) ||
	    hex_decode(after, out->after, after.len / 2, "after", err) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_USAGE, "after: not a cursor of this list");
	out->after_len = after.len / 2;
	return NOTAR_OK;
}

bool
page_take(struct page *page, struct span key)
{
	if (page->count == page->limit || key.len > sizeof(page->next)) {
		page->more = true;
		return false;
	}
	memcpy(page->next, key.ptr, key.len);
	page->next_len = key.len;
	page->count++;
	return true;
}

void
page_stop(struct page *page, struct span key)
{
	if (key.len <= sizeof(page->next)) {
		memcpy(page->next, key.ptr, key.len);
		page->next_len = key.len;
	}
	page->more = true;
}

void
page_put_next(const struct page *page, struct buf *out)
{
	char text[2 * PAGE_CURSOR_BYTES + 1];

	json_pair_str(out, "next",
		      page->more ? hex_encode(span_of(page->next, page->next_len), text) : NULL);
}

void
page_put_time(struct buf *out, const char *name, int64_t time_s)
{
	char text[CLOCK_TEXT_BYTES];

	json_pair_str(out, name, time_s == 0 ? NULL : clock_format_rfc3339(time_s, text));
}
