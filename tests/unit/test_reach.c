/* SPDX-License-Identifier: Apache-2.0 */
#include "net/reach.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/own.h"

static void
each_address_is_in_its_class_to_the_last_bit(void **state)
{
	(void)state;
	static const struct {
		const char *ip;
		enum net_reach reach;
	} rows[] = {
		{ "8.8.8.8", NET_PUBLIC },
		{ "9.255.255.255", NET_PUBLIC },
		{ "10.0.0.0", NET_PRIVATE },
		{ "10.255.255.255", NET_PRIVATE },
		{ "11.0.0.0", NET_PUBLIC },
		{ "100.63.255.255", NET_PUBLIC },
		{ "100.64.0.1", NET_PRIVATE },
		{ "100.127.255.255", NET_PRIVATE },
		{ "100.128.0.0", NET_PUBLIC },
		{ "126.255.255.255", NET_PUBLIC },
		{ "127.0.0.1", NET_LOOPBACK },
		{ "127.255.255.255", NET_LOOPBACK },
		{ "128.0.0.0", NET_PUBLIC },
		{ "0.0.0.0", NET_LOOPBACK },
		{ "169.254.169.254", NET_LINK_LOCAL },
		{ "169.253.255.255", NET_PUBLIC },
		{ "172.15.255.255", NET_PUBLIC },
		{ "172.16.0.0", NET_PRIVATE },
		{ "172.31.255.255", NET_PRIVATE },
		{ "172.32.0.0", NET_PUBLIC },
		{ "192.168.0.1", NET_PRIVATE },
		{ "192.167.0.1", NET_PUBLIC },
		{ "198.18.0.1", NET_PRIVATE },
		{ "224.0.0.1", NET_LINK_LOCAL },
		{ "255.255.255.255", NET_LINK_LOCAL },
		{ "::", NET_LOOPBACK },
		{ "::1", NET_LOOPBACK },
		{ "::2", NET_LOOPBACK },
		{ "2606:4700::1111", NET_PUBLIC },
		{ "fc00::1", NET_PRIVATE },
		{ "fdff::1", NET_PRIVATE },
		{ "fe80::1", NET_LINK_LOCAL },
		{ "ff02::1", NET_LINK_LOCAL },
		{ "::ffff:10.0.0.1", NET_PRIVATE },
		{ "::ffff:169.254.169.254", NET_LINK_LOCAL },
		{ "::ffff:8.8.8.8", NET_PUBLIC },
		{ "64:ff9b::7f00:1", NET_LOOPBACK },
		{ "2002:7f00:1::", NET_LOOPBACK },
		{ "2002:808:808::", NET_PUBLIC },
		{ "::127.0.0.1", NET_LOOPBACK },
		{ "", NET_LINK_LOCAL },
		{ "localhost", NET_LINK_LOCAL },
		{ "127.1", NET_LINK_LOCAL },
	};

	for (size_t i = 0; i < NOTAR_COUNT(rows); i++)
		if (net_reach_of_text(rows[i].ip) != rows[i].reach)
			fail_msg("%s", rows[i].ip);
	assert_int_equal(net_reach_of_text(NULL), NET_LINK_LOCAL);
}

static void
addresses_cut_short_or_of_other_families_are_furthest_in(void **state)
{
	(void)state;
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr = { htonl(0x08080808) } };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr other = { .sa_family = AF_UNIX };

	assert_int_equal(net_reach_of((struct sockaddr *)&v4, sizeof(v4)), NET_PUBLIC);
	assert_int_equal(net_reach_of((struct sockaddr *)&v4, sizeof(v4) - 1), NET_LINK_LOCAL);
	assert_int_equal(net_reach_of((struct sockaddr *)&v6, sizeof(v6)), NET_LOOPBACK);
	assert_int_equal(net_reach_of((struct sockaddr *)&v6, sizeof(v6) - 1), NET_LINK_LOCAL);
	assert_int_equal(net_reach_of(&other, sizeof(other)), NET_LINK_LOCAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address_is_in_its_class_to_the_last_bit),
		cmocka_unit_test(addresses_cut_short_or_of_other_families_are_furthest_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
