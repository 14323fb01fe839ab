/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTAR_VERSION_H
#define NOTAR_VERSION_H

/*
 * include/notar/: the whole public API of libnotar, a header a topic, for C11 and C++.
 * The programs use it like anybody else.
 */
#define NOTAR_VERSION "0.1.0"

#endif
