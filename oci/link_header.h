/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_LINK_HEADER_H
#define OCI_LINK_HEADER_H

#include "base/span.h"

/* The target of the link whose rel is "next" (RFC 8288), a view into header; NULL ptr when
 * there is none. Parameters in any order, quoted or not. */
struct span link_next(struct span header);

#endif
