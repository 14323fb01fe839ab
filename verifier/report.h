/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_REPORT_H
#define VERIFIER_REPORT_H

#include "envelope/evidence.h"
#include "notar/verify.h"
#include "trust/evaluate.h"

/* Evidence and answer as the public report; takes nothing over. */
NOTAR_MUST_USE enum notar_code
report_fill(struct notar_report *report, const struct evidence *evidence,
	    const struct trust_signature *signatures, const struct trust_answer *answer,
	    struct notar_error *err);

/* A report for a question that ended before there was evidence. */
void report_fail(struct notar_report *report, enum notar_reason reason, const char *message);

/* A deep copy into *to, whatever it held. Without memory the copy has no signatures; the verdict
 * stays. */
void report_copy(struct notar_report *to, const struct notar_report *from);

#endif
