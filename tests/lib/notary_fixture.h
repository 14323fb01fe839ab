/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_NOTARY_FIXTURE_H
#define TESTS_LIB_NOTARY_FIXTURE_H

#include "envelope/notary.h"

/* The envelopes whose values the specification notes give (specs/notary-project.md sections 5.4
 * and 6.5), for the tests of either format. Every call fails the test on any error. */
#define FIXTURE_SIGNED_S 1700000000
#define FIXTURE_EXPIRES_S 1731536000
#define FIXTURE_PAYLOAD                                                                            \
	"{\"targetArtifact\":{\"digest\":\"sha256:"                                                \
	"26e74e04a45db0b3c426e18625e5feaf57a6997b535cf5a4054994891377ec7b\","                      \
	"\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"size\":22}}"

/* ES256, notary.x509. */
struct notary_draft fixture_draft(void);

/* As many copies of one certificate: enough for a reader, which looks at none of their rules. */
void fixture_certificates(struct cert_list *out, size_t count);

/* The bytes with the first occurrence of one part replaced; it must be there. */
struct buf fixture_replaced(struct span whole, struct span from, struct span to);

void fixture_expect_sha256(struct span bytes, const char *hex);

#endif
