/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_NOTATION_FILES_H
#define SYNC_NOTATION_FILES_H

#include "trust/notation.h"

/*
 * The folder of a Notary Project configuration (specs/notary-project.md sections 11, 12 and 17):
 *
 *   trustpolicy.oci.json, else trustpolicy.json; trustpolicy.blob.json
 *   truststore/x509/{ca,signingAuthority,tsa}/NAME/FILE...
 *
 * Files are regular ones. A link is refused, but where the folder has a "..data", as Kubernetes
 * mounts ConfigMaps and Secrets: there it may lead to what is inside the same folder. All of this
 * blocks on the disk.
 */

/* The folder's trust policy. NOTAR_E_CONFIG, NOTAR_E_NOT_FOUND. */
NOTAR_MUST_USE enum notar_code notation_files_policy(const char *folder, enum notation_kind kind,
						     struct buf *out, struct notar_error *err);

/* A notation_store_call whose context is the folder, a char *. Subfolders of a store are ignored; any
 * other file that cannot be read, or holds what may not be in such a store, is an error that
 * names it. */
enum notar_code notation_files_store(void *context, const char *type, const char *name,
				     struct buf *pem, struct notar_error *err);

#endif
