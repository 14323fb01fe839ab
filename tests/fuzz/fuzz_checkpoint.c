/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "pki/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A log of this key cannot have signed what a fuzzer makes. */
static const uint8_t spki[] = {
	0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00, 0xd7, 0x5a, 0x98,
	0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1,
	0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
};

static void
try_verify(const struct checkpoint *checkpoint)
{
	struct root_log log = { .host_len = checkpoint->origin.len };
	NOTAR_AUTO_OF(buf) url = { 0 };
	NOTAR_AUTO(key) *key = NULL;
	struct notar_error err = { 0 };

	buf_append_span(&url, checkpoint->origin);
	if (key_load_public(span_of(spki, sizeof(spki)), &key, &err) != NOTAR_OK)
		abort();
	log.key = key;
	log.base_url = url;
	if (checkpoint_verify(checkpoint, &log, &err) == NOTAR_OK || err.msg[0] == '\0')
		abort();
}

/* What parses is cut into its parts without a byte lost, and nobody signed it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct checkpoint c = { 0 };
	struct notar_error err = { 0 };

	if (checkpoint_parse(span_of(data, size), &c, &err) != NOTAR_OK) {
		if (err.msg[0] == '\0' || c.text.ptr != NULL)
			abort();
		return 0;
	}
	if (c.text.ptr != data || c.text.len + 1 + c.signatures.len != size ||
	    c.origin.ptr != data || c.origin.len == 0 || c.size > INT64_MAX ||
	    size > LIMIT_CHECKPOINT_BYTES)
		abort();
	try_verify(&c);
	return 0;
}
