/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "envelope/notary_payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The annotations that are texts; false when there are more than a writer takes. */
static bool
collect(const struct json *object, struct annotation out[LIMIT_ANNOTATIONS], size_t *count)
{
	void *cursor = NULL;
	const char *name;
	struct json value;

	*count = 0;
	while (object->value != NULL && json_next_member(object, &cursor, &name, &value)) {
		struct span text;

		if (json_as_string(&value, &text, NULL) != NOTAR_OK)
			continue;
		if (*count == LIMIT_ANNOTATIONS)
			return false;
		out[(*count)++] = (struct annotation){ span_str(name), text };
	}
	return true;
}

static void
write_again(const struct notary_payload *read)
{
	NOTAR_AUTO_OF(buf) type = { 0 }, digest = { 0 }, out = { 0 };
	NOTAR_AUTO_OF(notary_payload) again = { 0 };
	struct annotation first[LIMIT_ANNOTATIONS], second[LIMIT_ANNOTATIONS];
	size_t first_count, second_count;

	if (!collect(&read->annotations, first, &first_count))
		return;
	buf_append_span(&type, read->media_type);
	buf_append_span(&digest, read->digest);
	notary_payload_write(buf_cstr(&type), buf_cstr(&digest), read->size, first, first_count,
			     &out);
	if (notary_payload_read(buf_span(&out), &again, NULL) != NOTAR_OK ||
	    !span_equal(again.media_type, read->media_type) ||
	    !span_equal(again.digest, read->digest) || again.size != read->size ||
	    !collect(&again.annotations, second, &second_count) || second_count != first_count)
		abort();
}

/* What is read is within bounds and can be written; what is not leaves nothing behind. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(notary_payload) read = { 0 };
	struct notar_error err = { 0 };
	struct annotation all[LIMIT_ANNOTATIONS];
	size_t count;

	if (notary_payload_read(span_of(data, size), &read, &err) != NOTAR_OK) {
		if (err.msg[0] == '\0' || read.root != NULL || read.media_type.ptr != NULL)
			abort();
		return 0;
	}
	if (read.size < 0 || span_find(read.digest, '\0') != read.digest.len ||
	    span_find(read.media_type, '\0') != read.media_type.len)
		abort();
	if (collect(&read.annotations, all, &count))
		(void)!notary_metadata_check(all, count, NULL);
	write_again(&read);
	return 0;
}
