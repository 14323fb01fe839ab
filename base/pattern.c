/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/limits.h"

/* What a match may take, before it counts as none: 100000 steps back on a text of 4 KiB are some
 * milliseconds. */
#define STEPS 100000U
#define DEPTH 20000U
#define HEAP_KIB 4096U
#define NESTED_PARENTHESES 50U

/* UTF and \C are refused, since texts are bytes of strangers; "$" is the end, and not a newline
 * before it. */
#define OPTIONS                                                                                    \
	(PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |     \
	 PCRE2_NEVER_UTF | PCRE2_NEVER_UCP)

struct pattern {
	pcre2_code *code;
	pcre2_match_context *bounds; /* only read once it is made */
};

NOTAR_AUTO_FOREIGN(compile_context, pcre2_compile_context, pcre2_compile_context_free)
NOTAR_AUTO_FOREIGN(match_data, pcre2_match_data, pcre2_match_data_free)

void
pattern_free(struct pattern *pattern)
{
	if (pattern == NULL)
		return;
	pcre2_match_context_free(pattern->bounds);
	pcre2_code_free(pattern->code);
	free(pattern);
}

static enum notar_code
no_memory(struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_NOMEM, "no memory for a pattern");
}

static enum notar_code
compile(struct span text, struct pattern *out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(compile_context, pcre2_compile_context) *context =
		pcre2_compile_context_create(NULL);
	PCRE2_UCHAR message[128] = "";
	PCRE2_SIZE at = 0;
	int problem = 0;

	if (context == NULL || pcre2_set_parens_nest_limit(context, NESTED_PARENTHESES) != 0)
		return no_memory(err);
	out->code = pcre2_compile(text.ptr, text.len, OPTIONS, &problem, &at, context);
	if (out->code != NULL)
		return NOTAR_OK;
	(void)pcre2_get_error_message(problem, message, NOTAR_COUNT(message));
	return notar_fail(err, NOTAR_E_FORMAT, "pattern: %s at byte %zu", (const char *)message,
			  (size_t)at);
}

static bool
set_bounds(struct pattern *pattern)
{
	pattern->bounds = pcre2_match_context_create(NULL);
	return pattern->bounds != NULL && pcre2_set_match_limit(pattern->bounds, STEPS) == 0 &&
	       pcre2_set_depth_limit(pattern->bounds, DEPTH) == 0 &&
	       pcre2_set_heap_limit(pattern->bounds, HEAP_KIB) == 0;
}

/* PCRE2's own answer; *is_whole: from the first byte to the last, which \K could feign. */
static int
match(const struct pattern *pattern, struct span text, bool *is_whole)
{
	NOTAR_AUTO_PTR(match_data, pcre2_match_data) *found = pcre2_match_data_create(1, NULL);

	*is_whole = false;
	if (found == NULL)
		return PCRE2_ERROR_NOMEMORY;
	int answer = pcre2_match(pattern->code, text.len == 0 ? (PCRE2_SPTR) "" : text.ptr,
				 text.len, 0, 0, found, pattern->bounds);

	if (answer >= 0) {
		const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(found);

		*is_whole = ends[0] == 0 && ends[1] == text.len;
	}
	return answer;
}

enum notar_code
pattern_compile(struct span text, struct pattern **out, struct notar_error *err)
{
	NOTAR_AUTO(pattern) *pattern = NULL;
	bool is_whole;

	if (text.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "pattern: empty");
	if (text.len > LIMIT_PATTERN_BYTES)
		return notar_fail(err, NOTAR_E_FORMAT, "pattern: over %u bytes",
				  LIMIT_PATTERN_BYTES);
	pattern = calloc(1, sizeof(*pattern));
	if (pattern == NULL || !set_bounds(pattern))
		return no_memory(err);
	NOTAR_TRY(compile(text, pattern, err));
	/* One that cannot be told apart from that is refused, too. */
	if (match(pattern, (struct span){ 0 }, &is_whole) != PCRE2_ERROR_NOMATCH)
		return notar_fail(err, NOTAR_E_FORMAT, "pattern: matches the empty text");
	*out = NOTAR_TAKE(pattern);
	return NOTAR_OK;
}

bool
pattern_matches(const struct pattern *pattern, struct span text)
{
	bool is_whole;

	return pattern != NULL && text.len > 0 && text.len <= LIMIT_PATTERN_TEXT_BYTES &&
	       match(pattern, text, &is_whole) >= 0 && is_whole;
}
