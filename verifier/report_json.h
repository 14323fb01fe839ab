/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_REPORT_JSON_H
#define VERIFIER_REPORT_JSON_H

#include "base/buf.h"
#include "notar/verify.h"

/* notar_report_json into a buffer that holds more. Errors stick in it. */
void report_put_json(struct buf *out, struct span image, const struct notar_report *report);

#endif
