/* SPDX-License-Identifier: Apache-2.0 */
#include "net/reach.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static enum net_reach
reach_v4(uint32_t ip)
{
	static const struct {
		uint32_t net;
		unsigned bits;
		enum net_reach reach;
	} nets[] = {
		{ 0x00000000, 8, NET_LOOPBACK },    /* "this host" */
		{ 0x0a000000, 8, NET_PRIVATE },     /* 10/8 */
		{ 0x64400000, 10, NET_PRIVATE },    /* 100.64/10 */
		{ 0x7f000000, 8, NET_LOOPBACK },    /* 127/8 */
		{ 0xa9fe0000, 16, NET_LINK_LOCAL }, /* 169.254/16 */
		{ 0xac100000, 12, NET_PRIVATE },    /* 172.16/12 */
		{ 0xc0000000, 24, NET_PRIVATE },    /* 192.0.0/24 */
		{ 0xc0a80000, 16, NET_PRIVATE },    /* 192.168/16 */
		{ 0xc6120000, 15, NET_PRIVATE },    /* 198.18/15 */
		{ 0xe0000000, 3, NET_LINK_LOCAL },  /* multicast, reserved, broadcast */
	};

	for (size_t i = 0; i < ARRAY_LEN(nets); i++)
		if (ip >> (32 - nets[i].bits) == nets[i].net >> (32 - nets[i].bits))
			return nets[i].reach;
	return NET_PUBLIC;
}

static uint32_t
be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static enum net_reach
reach_v6(const uint8_t ip[16])
{
	static const uint8_t zeros[16] = { 0 };
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

	if (memcmp(ip, zeros, 15) == 0 && ip[15] <= 1)
		return NET_LOOPBACK;
	if (memcmp(ip, mapped, 12) == 0 || memcmp(ip, nat64, 12) == 0 || memcmp(ip, zeros, 12) == 0)
		return reach_v4(be32(ip + 12));
	if (ip[0] == 0x20 && ip[1] == 0x02) /* 6to4 */
		return reach_v4(be32(ip + 2));
	if ((ip[0] & 0xfe) == 0xfc)
		return NET_PRIVATE;
	return (ip[0] & 0xe0) == 0x20 ? NET_PUBLIC : NET_LINK_LOCAL;
}

enum net_reach
net_reach_of(const struct sockaddr *address, socklen_t len)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (len >= sizeof(v4) && address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		return reach_v4(ntohl(v4.sin_addr.s_addr));
	}
	if (len >= sizeof(v6) && address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof(v6));
		return reach_v6(v6.sin6_addr.s6_addr);
	}
	return NET_LINK_LOCAL;
}

enum net_reach
net_reach_of_text(const char *ip)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (ip == NULL)
		return NET_LINK_LOCAL;
	if (inet_pton(AF_INET, ip, &v4) == 1)
		return reach_v4(ntohl(v4.s_addr));
	return inet_pton(AF_INET6, ip, &v6) == 1 ? reach_v6(v6.s6_addr) : NET_LINK_LOCAL;
}
