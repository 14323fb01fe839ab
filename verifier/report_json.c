/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/report_json.h"

#include "base/json.h"

static void
put_digest(struct buf *out, const char *name, const struct notar_digest *digest)
{
	char text[NOTAR_DIGEST_TEXT_BYTES];

	json_name(out, name);
	json_put_str(out,
		     digest->alg == NOTAR_DIGEST_NONE ? NULL : notar_digest_format(digest, text));
}

static void
put_signature(struct buf *out, const struct notar_signature *s)
{
	json_begin_object(out);
	put_digest(out, "artifact", &s->artifact);
	json_pair_str(out, "place", s->place);
	json_pair_str(out, "format", s->format);
	json_pair_str(out, "reason", notar_reason_name(s->reason));
	json_pair_str(out, "key", s->key_id);
	json_pair_bool(out, "verified", s->key_verified);
	json_pair_str(out, "predicateType", s->predicate_type);
	json_pair_str(out, "subject", s->subject);
	json_pair_str(out, "issuer", s->issuer);
	json_pair_str(out, "message", s->message);
	json_end_object(out);
}

void
report_put_json(struct buf *out, struct span image, const struct notar_report *r)
{
	json_begin_object(out);
	json_pair_span(out, "image", image);
	put_digest(out, "digest", &r->digest);
	json_pair_str(out, "verdict", notar_verdict_name(r->verdict));
	json_pair_str(out, "reason", notar_reason_name(r->reason));
	json_pair_str(out, "rule", r->rule);
	json_pair_str(out, "action", notar_action_name(r->action));
	json_pair_str(out, "message", r->message);
	json_pair_int(out, "threshold", r->threshold);
	json_pair_int(out, "signers", r->signers);
	json_pair_int(out, "requests", r->requests);
	json_pair_bool(out, "cached", r->cached);
	json_pair_bool(out, "lastKnownGood", r->last_known_good);
	put_digest(out, "index", &r->index);
	json_name(out, "signatures");
	json_begin_array(out);
	for (size_t i = 0; i < r->signature_count; i++)
		put_signature(out, &r->signatures[i]);
	json_end_array(out);
	json_end_object(out);
}

enum notar_code
notar_report_json(const char *image, const struct notar_report *report, char **out,
		  struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) text = { 0 };

	report_put_json(&text, span_str(image), report);
	NOTAR_TRY(buf_finish(&text, "report", err));
	*out = buf_take_cstr(&text);
	return *out != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory for a report");
}
