/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_REFUSAL_H
#define SYNC_REFUSAL_H

#include "net/http_client.h"

/* An answer that is a failure: NOTAR_E_AUTH for 401 and 403, NOTAR_E_NET otherwise, with the
 * JSON's "message" where it says one that holds no token. Never NOTAR_OK. */
NOTAR_MUST_USE enum notar_code
refusal(const struct http_response *response, struct notar_error *err);

#endif
