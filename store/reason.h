/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REASON_H
#define STORE_REASON_H

#include "notar/verdict.h"

/*
 * Reasons on disk have numbers of their own: the enum may be reordered, rows may not change
 * what they say. A number that is not known is NOTAR_REASON_COUNT: the row is a miss.
 */
uint8_t reason_to_disk(enum notar_reason reason);
enum notar_reason reason_from_disk(uint8_t number);

#endif
