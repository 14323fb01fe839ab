/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/semver.h"

/* Everything up to the first mark; *rest is what is behind it. has: whether there is one. */
static struct span
take_until(struct span *rest, char mark, bool *has)
{
	size_t at = span_find(*rest, (uint8_t)mark);
	struct span head = span_of(rest->ptr, at);

	*has = at < rest->len;
	*rest = *has ? span_from(*rest, at + 1) : (struct span){ 0 };
	return head;
}

static bool
is_digits(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
	return text.len > 0;
}

static bool
is_number(struct span text)
{
	return text.ptr != NULL && is_digits(text) && (text.len == 1 || text.ptr[0] != '0');
}

static bool
is_identifier(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
		    c != '-')
			return false;
	}
	return text.len > 0;
}

static bool
are_identifiers(struct span text, bool leading_zeros)
{
	for (bool more = true; more;) {
		struct span one = take_until(&text, '.', &more);

		if (!is_identifier(one) || (!leading_zeros && is_digits(one) && !is_number(one)))
			return false;
	}
	return true;
}

struct parts {
	struct span core, pre, build;
	bool has_pre, has_build;
};

static struct parts
split(struct span version)
{
	struct parts p = { 0 };
	struct span head = take_until(&version, '+', &p.has_build);

	p.build = version;
	p.core = take_until(&head, '-', &p.has_pre);
	p.pre = head;
	return p;
}

bool
semver_is_valid(struct span version)
{
	if (version.len == 0 || version.len > SEMVER_MAX_BYTES)
		return false;
	struct parts p = split(version);
	size_t numbers = 0;

	for (bool more = true; more; numbers++)
		if (!is_number(take_until(&p.core, '.', &more)))
			return false;
	return numbers == 3 && (!p.has_pre || are_identifiers(p.pre, false)) &&
	       (!p.has_build || are_identifiers(p.build, true));
}

/* ASCII order; the shorter of two that begin alike comes first. */
static int
compare_text(struct span a, struct span b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Without leading zeros the longer one is larger, whatever its size. */
static int
compare_numbers(struct span a, struct span b)
{
	return a.len != b.len ? (a.len > b.len) - (a.len < b.len) : compare_text(a, b);
}

static int
compare_identifiers(struct span a, struct span b)
{
	bool a_counts = is_digits(a), b_counts = is_digits(b);

	if (a_counts && b_counts)
		return compare_numbers(a, b);
	return a_counts != b_counts ? b_counts - a_counts : compare_text(a, b);
}

static int
compare_prereleases(struct span a, struct span b)
{
	bool more_a = true, more_b = true;

	while (more_a && more_b) {
		struct span one = take_until(&a, '.', &more_a),
			    other = take_until(&b, '.', &more_b);
		int order = compare_identifiers(one, other);

		if (order != 0)
			return order;
	}
	return more_a - more_b;
}

int
semver_compare(struct span a, struct span b)
{
	struct parts one = split(a), other = split(b);
	bool more = true, ignored;

	while (more) {
		int order = compare_numbers(take_until(&one.core, '.', &more),
					    take_until(&other.core, '.', &ignored));

		if (order != 0)
			return order;
	}
	if (!one.has_pre || !other.has_pre)
		return other.has_pre - one.has_pre;
	return compare_prereleases(one.pre, other.pre);
}
