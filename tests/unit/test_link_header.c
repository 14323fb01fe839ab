/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/link_header.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/own.h"

static void
the_next_link_is_found_in_every_legal_spelling(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"</v2/x?last=1>; rel=\"next\"",
		"</v2/x?last=1>;rel=next",
		"</v2/x?last=1> ; REL = \"prev Next\" ; title=\"a, b\"",
		"</v2/x?last=1>; title=\"x; rel=prev\"; rel=next",
		"</other>; rel=prev, </v2/x?last=1>; rel=next, </third>; rel=next",
		"</other>, </v2/x?last=1>; rel=next",
		", </v2/x?last=1>; a; rel=next",
	};

	for (size_t i = 0; i < NOTAR_COUNT(texts); i++)
		if (!span_is(link_next(span_str(texts[i])), "/v2/x?last=1"))
			fail_msg("not found: %s", texts[i]);
}

static void
other_links_and_nonsense_are_no_next_page(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		" ",
		",",
		"<",
		"<>",
		"</x",
		"</x>",
		"</x>; rel",
		"</x>; rel=",
		"</x>; rel=prev",
		"</x>; rel=nextish",
		"</x>; xrel=next",
		"</x>; relx=next",
		"/x; rel=next",
		"</x>; title=\"rel=next\"",
		"</x>; rel=\"pre",
		"</x> rel=next",
		"rel=next; </x>",
	};

	for (size_t i = 0; i < NOTAR_COUNT(texts); i++)
		if (link_next(span_str(texts[i])).ptr != NULL)
			fail_msg("found in: %s", texts[i]);
}

static void
truncations_and_bit_flips_do_no_harm(void **state)
{
	(void)state;
	char text[] = "</a>; rel=\"prev\"; x=y, <https://h/b?c=d>; title=\"q\"; rel=\"a next\"";

	for (size_t len = 0; len < sizeof(text); len++) {
		char *copy = malloc(len + 1);
		assert_non_null(copy);
		memcpy(copy, text, len);
		copy = realloc(copy, len == 0 ? 1 : len);
		(void)link_next(span_of(copy, len));
		free(copy);
	}
	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		(void)link_next(span_of(text, sizeof(text) - 1));
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_link_is_found_in_every_legal_spelling),
		cmocka_unit_test(other_links_and_nonsense_are_no_next_page),
		cmocka_unit_test(truncations_and_bit_flips_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
