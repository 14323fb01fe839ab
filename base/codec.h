/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include "base/buf.h"

/* Hexadecimal and base64, strict: one spelling each unless said otherwise. */

/* Lower-case hex of bytes, NUL-terminated; out has room for 2 * len + 1. Returns out. */
const char *hex_encode(struct span bytes, char *out);

/* Exactly 2 * out_len lower-case hex characters. */
NOTAR_MUST_USE enum notar_code hex_decode(struct span text, uint8_t *out, size_t out_len,
					  const char *what, struct notar_error *err);

/* Standard alphabet with padding, no line breaks (RFC 4648 section 4). */
void base64_append(struct buf *out, struct span bytes);

/*
 * Appends the decoded bytes to out. Standard alphabet, padded, no white space, canonical
 * trailing bits. NOTAR_E_FORMAT names `what`.
 */
NOTAR_MUST_USE enum notar_code
base64_decode(struct span text, struct buf *out, const char *what, struct notar_error *err);

/* As base64_decode, but as Protobuf JSON reads bytes: either alphabet (not mixed), padding
 * optional (specs/sigstore.md section 8.1). */
NOTAR_MUST_USE enum notar_code
base64_decode_lenient(struct span text, struct buf *out, const char *what, struct notar_error *err);

/* Unpadded URL alphabet (JWS, RFC 7515 section 2): append and strict decode. */
void base64url_append(struct buf *out, struct span bytes);
NOTAR_MUST_USE enum notar_code
base64url_decode(struct span text, struct buf *out, const char *what, struct notar_error *err);

/*
 * The first PEM block of the text (RFC 7468): label ("PUBLIC KEY") and decoded body.
 * No headers inside, line breaks LF or CRLF, body lines of base64 only. rest, when not NULL,
 * gets what follows the END line. NOTAR_E_NOT_FOUND when there is no BEGIN line.
 */
NOTAR_MUST_USE enum notar_code pem_decode(struct span text, struct span *label, struct buf *body,
					  struct span *rest, struct notar_error *err);

/* -----BEGIN label----- with lines of 64 characters. */
void pem_append(struct buf *out, const char *label, struct span body);

#endif
