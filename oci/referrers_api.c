/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/media_type.h"
#include "oci/link_header.h"
#include "oci/referrers.h"
#include "oci/registry_internal.h"

/* Adds the page's entries to the list, which then owns the page. */
static enum notar_code
add_page(struct referrers *list, struct manifest *page, struct notar_error *err)
{
	struct manifest *pages = reallocarray(list->pages, list->page_count + 1, sizeof(*pages));

	if (pages == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for referrers");
	list->pages = pages;
	size_t room = LIMIT_REFERRERS_ENTRIES - list->count;
	size_t taken = page->count < room ? page->count : room;
	struct descriptor *items =
		reallocarray(list->items, list->count + taken + 1, sizeof(*items));
	if (items == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for referrers");
	list->items = items;
	if (taken > 0)
		memcpy(items + list->count, page->entries, taken * sizeof(*items));
	list->count += taken;
	list->truncated = list->truncated || taken < page->count;
	list->pages[list->page_count++] = *page;
	*page = (struct manifest){ 0 };
	return NOTAR_OK;
}

enum notar_code
referrers_add_index(struct span bytes, struct span content_type, struct referrers *list,
		    struct notar_error *err)
{
	NOTAR_AUTO_OF(manifest) page = { 0 };

	NOTAR_TRY(manifest_parse(bytes, content_type, &page, err));
	if (!page.is_index)
		return notar_fail(err, NOTAR_E_FORMAT, "a list of referrers that is no index");
	return add_page(list, &page, err);
}

/* Known ways of not having the API; anything else that is no 200 is a failure, which must not
 * look like "no such API" (specs/oci-registry.md section 7.1). */
static bool
is_unsupported(const struct http_response *response)
{
	static const int statuses[] = { 301, 302, 303, 307, 308, 400, 404, 405, 406, 501 };
	struct span type = http_header_find(response, "Content-Type", 0);

	for (size_t i = 0; i < NOTAR_COUNT(statuses); i++)
		if (response->status == statuses[i])
			return true;
	return response->status == 200 && !media_type_is(media_type_bare(type), OCI_TYPE_INDEX);
}

static enum notar_code
get_page(struct registry *r, const char *url, struct http_response *out, struct notar_error *err)
{
	const struct http_request request = {
		.method = "GET",
		.url = url,
		.headers = { { "Accept", OCI_TYPE_INDEX } },
		.cap = LIMIT_MANIFEST_BYTES,
		.retry = true,
		.stay = true,
	};

	NOTAR_TRY(registry_send(r, &request, out, err));
	if (is_unsupported(out))
		return notar_fail(err, NOTAR_E_UNSUPPORTED,
				  "%s has no referrers API (it answered %d)", r->ref.host,
				  out->status);
	if (out->status != 200)
		return registry_refusal(out, "referrers", err);
	return NOTAR_OK;
}

/* The next page's URL, NULL at the end: on the same origin, within the same repository. */
static enum notar_code
next_page(const struct registry *r, const struct http_response *page, char **out,
	  struct notar_error *err)
{
	NOTAR_AUTO_OF(url) next = { 0 };
	NOTAR_AUTO_OF(url) base = { 0 };
	struct span target = { 0 };

	for (size_t i = 0; target.ptr == NULL; i++) {
		struct span header = http_header_find(page, "Link", i);
		if (header.ptr == NULL)
			break;
		target = link_next(header);
	}
	*out = NULL;
	if (target.ptr == NULL)
		return NOTAR_OK;
	NOTAR_TRY(url_parse(span_str(r->base), &base, err));
	if (url_resolve(&page->url, target, &next, err) != NOTAR_OK ||
	    !url_same_origin(&next, &base) || strncmp(next.path, base.path, strlen(base.path)) != 0)
		return notar_fail(err, NOTAR_E_NET, "referrers: the next page is somewhere else");
	*out = NOTAR_TAKE(next.text);
	return NOTAR_OK;
}

/* A page seen before means a circle. */
static bool
is_repeat(char *const *seen, size_t count, const char *url)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(seen[i], url) == 0)
			return true;
	return false;
}

/* urls[0] is the first page; what is added belongs to the caller. */
static enum notar_code
read_pages(struct registry *r, char *urls[LIMIT_REFERRERS_PAGES + 1], struct referrers *list,
	   struct notar_error *err)
{
	for (size_t i = 0; urls[i] != NULL; i++) {
		NOTAR_AUTO_OF(http_response) response = { 0 };
		enum notar_code code = get_page(r, urls[i], &response, err);
		/* An API that was there a page ago is an API. */
		if (code == NOTAR_E_UNSUPPORTED && i > 0)
			return notar_fail(err, NOTAR_E_NET, "referrers: page %zu is missing",
					  i + 1);
		NOTAR_TRY(code);
		NOTAR_TRY(referrers_add_index(buf_span(&response.body), span_str(OCI_TYPE_INDEX),
					      list, err));
		NOTAR_TRY(next_page(r, &response, &urls[i + 1], err));
		if (urls[i + 1] != NULL && is_repeat(urls, i + 1, urls[i + 1]))
			return notar_fail(err, NOTAR_E_NET, "referrers: the pages go in a circle");
		list->truncated = list->truncated ||
				  (urls[i + 1] != NULL && (i + 1 == LIMIT_REFERRERS_PAGES ||
							   list->count >= LIMIT_REFERRERS_ENTRIES));
		if (list->truncated)
			break;
	}
	return NOTAR_OK;
}

enum notar_code
registry_referrers(struct source *source, const struct notar_digest *subject, struct referrers *out,
		   struct notar_error *err)
{
	struct registry *r = registry_of(source);
	NOTAR_AUTO_OF(referrers) list = { 0 };
	char text[NOTAR_DIGEST_TEXT_BYTES];
	char *urls[LIMIT_REFERRERS_PAGES + 1] = { 0 };

	urls[0] = registry_url(r, "referrers", notar_digest_format(subject, text));
	if (urls[0] == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	enum notar_code code = read_pages(r, urls, &list, err);
	for (size_t i = 0; i < NOTAR_COUNT(urls); i++)
		free(urls[i]);
	NOTAR_TRY(code);
	*out = list;
	list = (struct referrers){ 0 };
	return NOTAR_OK;
}
