/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/source_ops.h"

/* Stands in only while oci/registry.c, the registry client, is not in the tree (see Makefile):
 * layouts work, and a registry's name gets a clear answer. */
enum notar_code
registry_source_open(const struct reference *ref, const struct source_options *options,
		     struct source **out, struct notar_error *err)
{
	(void)options;
	(void)out;
	return notar_fail(err, NOTAR_E_UNSUPPORTED, "%s: this build speaks to OCI layouts only",
			  ref->host);
}
