/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/sign_files.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"

void
sign_files_release(struct sign_files *files)
{
	buf_release(&files->chain);
	buf_release(&files->tsa_root);
}

static enum notar_code
read_text(const char *option, const char *path, struct buf *out, const char **text,
	  struct notar_error *err)
{
	if (path == NULL)
		return NOTAR_OK;
	if (file_read(path, LIMIT_CERTIFICATE_BYTES * LIMIT_CHAIN_CERTIFICATES, out, err) !=
	    NOTAR_OK) {
		(void)!notar_context(err, "--%s", option);
		err->code = NOTAR_E_USAGE;
		return NOTAR_E_USAGE;
	}
	*text = buf_cstr(out);
	return *text != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory");
}

static enum notar_code
read_format(const char *text, enum notar_format *out, struct notar_error *err)
{
	static const char *const names[] = {
		[NOTAR_FORMAT_BUNDLE] = "bundle",
		[NOTAR_FORMAT_SIMPLE] = "simple",
		[NOTAR_FORMAT_JWS] = "jws",
		[NOTAR_FORMAT_COSE] = "cose",
	};

	for (size_t i = 0; text != NULL && i < NOTAR_COUNT(names); i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum notar_format)i;
			return NOTAR_OK;
		}
	return text == NULL ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_USAGE,
				  "--format: neither bundle, simple, jws nor cose: %.40s", text);
}

enum notar_code
sign_files_read(const struct options *options, struct sign_files *files,
		struct notar_sign_options *out, struct notar_error *err)
{
	NOTAR_TRY(read_format(options->format, &out->format, err));
	NOTAR_TRY(read_text("cert-chain", options->cert_chain, &files->chain,
			    &out->certificate_chain, err));
	NOTAR_TRY(
		read_text("tsa-ca", options->tsa_ca, &files->tsa_root, &out->timestamp_root, err));
	out->timestamp_url = options->timestamp_url;
	if (options->expiry == NULL)
		return NOTAR_OK;
	if (clock_parse_duration(span_str(options->expiry), &out->expiry_s, err) != NOTAR_OK ||
	    out->expiry_s < 1)
		return notar_fail(err, NOTAR_E_USAGE, "--expiry: not a time like 24h or 30d: %.40s",
				  options->expiry);
	return NOTAR_OK;
}
