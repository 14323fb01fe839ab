/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_PROBES_H
#define VERIFIER_PROBES_H

#include "http/server.h"

/* Health and metrics, on a listener and loop of their own: they answer while the rest is busy.
 * Ready is a daemon whose store can be read and holds a policy, and keys if that needs any. It says
 * nothing of registries: an outage there must not take warm answers away. */
extern const struct http_route probe_routes[];
extern const size_t probe_route_count;

#endif
