/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_REACH_H
#define NET_REACH_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * How far inside an address is. A peer may send us on (redirects, token services) to what is
 * at least as public as it is itself, never further in: that is how a public registry would
 * make a daemon knock on inner doors (SSRF).
 */
enum net_reach {
	NET_PUBLIC = 0,
	NET_PRIVATE,    /* RFC 1918, RFC 6598, fc00::/7 */
	NET_LOOPBACK,   /* and the unspecified address, which connects to loopback */
	NET_LINK_LOCAL, /* metadata services; multicast and reserved ranges too */
	NET_ANYWHERE = NET_LINK_LOCAL,
};

/* Addresses mapped or translated into IPv6 count as the IPv4 address inside; families other
 * than IPv4 and IPv6 as NET_LINK_LOCAL. */
enum net_reach net_reach_of(const struct sockaddr *address, socklen_t len);

/* The same from text, as inet_ntop writes it; NET_LINK_LOCAL when it is none. */
enum net_reach net_reach_of_text(const char *ip);

#endif
