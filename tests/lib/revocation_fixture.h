/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_REVOCATION_FIXTURE_H
#define TESTS_LIB_REVOCATION_FIXTURE_H

#include "pki/revocation.h"

/* tests/vectors/revocation: certificates, and what responders and lists say of "leaf". */
#define REVOCATION_NOW INT64_C(1800000000)
#define REVOCATION_HOUR 3600

/* "leaf", "issuer"…; fails the test when it cannot be had. The caller's to free. */
struct cert *fixture_cert(const char *name);

/* "good.ocsp", "delta.crl"… */
struct buf fixture_answer(const char *name);

#endif
