/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes the next item anew, with what the getters make of it. */
static void
copy_item(struct reader *r, struct buf *out)
{
	unsigned major = cbor_next(r);
	struct span text;
	size_t count;

	switch (major) {
	case CBOR_UINT:
	case CBOR_NEGATIVE:
		cbor_put_int(out, cbor_int(r));
		return;
	case CBOR_BYTES:
		cbor_put_bytes(out, cbor_bytes(r));
		return;
	case CBOR_TEXT:
		text = cbor_text(r);
		cbor_put_head(out, CBOR_TEXT, text.len);
		buf_append_span(out, text);
		return;
	case CBOR_ARRAY:
	case CBOR_MAP:
		count = major == CBOR_MAP ? cbor_map(r) : cbor_array(r);
		cbor_put_head(out, (enum cbor_major)major, count);
		for (size_t left = major == CBOR_MAP ? 2 * count : count; left > 0; left--)
			copy_item(r, out);
		return;
	case CBOR_TAG:
		cbor_put_head(out, CBOR_TAG, cbor_tag(r));
		copy_item(r, out);
		return;
	default:
		buf_append_byte(out, (uint8_t)reader_be(r, 1));
		return;
	}
}

/* Whatever a getter gives lies within what was there. */
static void
try_getters(struct span in)
{
	struct reader r[4] = { { .rest = in }, { .rest = in }, { .rest = in }, { .rest = in } };
	struct span text = cbor_text(&r[0]), bytes = cbor_bytes(&r[1]);

	if (text.len > in.len || bytes.len > in.len || cbor_array(&r[2]) > in.len ||
	    2 * cbor_map(&r[3]) > in.len)
		abort();
}

/* An item has one spelling: what is stepped over is, written anew, the same bytes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = { .rest = span_of(data, size) };

	try_getters(r.rest);
	while (r.rest.len > 0) {
		NOTAR_AUTO_OF(buf) copy = { 0 };
		struct span before = r.rest, item = cbor_skip(&r);
		struct reader again = { .rest = item };

		if (r.failed) {
			if (item.ptr != NULL || item.len != 0)
				abort();
			return 0;
		}
		if (item.ptr != before.ptr || item.len == 0 || item.len + r.rest.len != before.len)
			abort();
		copy_item(&again, &copy);
		if (again.failed || again.rest.len > 0 || !span_equal(buf_span(&copy), item))
			abort();
	}
	return 0;
}
