/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "pki/timestamp_internal.h"

/* Best practices timestamp policy of ETSI EN 319 421: accurate to a second, said or not. */
#define BASELINE_POLICY "0.4.0.2023.1.1"
#define MICROSECONDS 1000000
#define ACCURACY_MAX_S 1000000000 /* past all sense, and sums stay far inside 64 bits */
#define TIME_DIGITS 14            /* YYYYMMDDhhmmss */

bool
timestamp_hash_of(const X509_ALGOR *algorithm, enum ossl_hash *out)
{
	const ASN1_OBJECT *oid = NULL;

	if (algorithm == NULL)
		return false;
	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	switch (OBJ_obj2nid(oid)) {
	case NID_sha256:
		*out = OSSL_SHA256;
		return true;
	case NID_sha384:
		*out = OSSL_SHA384;
		return true;
	case NID_sha512:
		*out = OSSL_SHA512;
		return true;
	default: /* of OpenSSL's thousand */
		return false;
	}
}

enum notar_code
timestamp_open(struct span bytes, CMS_ContentInfo **out, size_t *used, struct notar_error *err)
{
	const uint8_t *at = bytes.ptr;

	ossl_start();
	if (bytes.len > LIMIT_TIMESTAMP_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a token of over %u bytes",
				  LIMIT_TIMESTAMP_BYTES);
	NOTAR_AUTO_PTR(cms, CMS_ContentInfo) *cms =
		bytes.len == 0 ? NULL : d2i_CMS_ContentInfo(NULL, &at, (long)bytes.len);

	if (cms == NULL)
		return ossl_fail(err, NOTAR_E_FORMAT, "no CMS structure");
	/* In this order: OpenSSL looks for the content's type in signed data only. */
	if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed ||
	    OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_id_smime_ct_TSTInfo)
		return ossl_fail(err, NOTAR_E_FORMAT, "not signed TSTInfo");
	*used = (size_t)(at - bytes.ptr);
	*out = NOTAR_TAKE(cms);
	return NOTAR_OK;
}

struct span
timestamp_content(CMS_ContentInfo *cms)
{
	ASN1_OCTET_STRING **content = CMS_get0_content(cms);

	return timestamp_string(content == NULL ? NULL : *content);
}

enum notar_code
timestamp_info(struct span content, TS_TST_INFO **out, struct notar_error *err)
{
	const uint8_t *at = content.ptr;
	NOTAR_AUTO_PTR(tst_info, TS_TST_INFO) *info =
		content.len == 0 ? NULL : d2i_TS_TST_INFO(NULL, &at, (long)content.len);

	if (info == NULL || at != content.ptr + content.len)
		return ossl_fail(err, NOTAR_E_FORMAT, "no TSTInfo in it");
	if (TS_TST_INFO_get_version(info) != 1)
		return ossl_fail(err, NOTAR_E_FORMAT, "a token of another version than 1");
	/* RFC 3161 section 2.4.2: whoever does not know one refuses; notar knows none. */
	if (TS_TST_INFO_get_ext_by_critical(info, 1, -1) >= 0)
		return ossl_fail(err, NOTAR_E_FORMAT, "a critical extension in its TSTInfo");
	*out = NOTAR_TAKE(info);
	return NOTAR_OK;
}

bool
timestamp_imprint(TS_TST_INFO *info, enum ossl_hash *hash, struct span *imprint)
{
	TS_MSG_IMPRINT *part = TS_TST_INFO_get_msg_imprint(info);

	if (part == NULL || !timestamp_hash_of(TS_MSG_IMPRINT_get_algo(part), hash))
		return false;
	*imprint = timestamp_string(TS_MSG_IMPRINT_get_msg(part));
	return imprint->len > 0;
}

/* An INTEGER that may be absent; false when it is out of range. */
static bool
read_number(const ASN1_INTEGER *number, int64_t max, int64_t *out)
{
	*out = 0;
	if (number == NULL)
		return true;
	return ASN1_INTEGER_get_int64(out, number) == 1 && *out >= 0 && *out <= max;
}

/* How far genTime may be off (specs/notary-project.md section 10.2, item 3). */
static bool
read_accuracy(TS_TST_INFO *info, int64_t *out_us)
{
	TS_ACCURACY *accuracy = TS_TST_INFO_get_accuracy(info);
	int64_t seconds = 0, millis = 0, micros = 0;
	char policy[sizeof(BASELINE_POLICY) + 1] = "";

	if (accuracy != NULL &&
	    (!read_number(TS_ACCURACY_get_seconds(accuracy), ACCURACY_MAX_S, &seconds) ||
	     !read_number(TS_ACCURACY_get_millis(accuracy), 999, &millis) ||
	     !read_number(TS_ACCURACY_get_micros(accuracy), 999, &micros)))
		return false;
	*out_us = seconds * MICROSECONDS + millis * 1000 + micros;
	(void)OBJ_obj2txt(policy, sizeof(policy), TS_TST_INFO_get_policy_id(info), 1);
	if (*out_us == 0 && strcmp(policy, BASELINE_POLICY) == 0)
		*out_us = MICROSECONDS;
	return true;
}

/* YYYYMMDDhhmmss[.f…]Z and no other spelling (RFC 3161 section 2.4.2); the fraction's first six
 * digits as microseconds, and one more when others follow. */
static bool
read_gen_time(const ASN1_GENERALIZEDTIME *time, int64_t *at_s, int64_t *low_us, int64_t *high_us)
{
	struct span text = timestamp_string(time);
	int64_t unit = MICROSECONDS;

	*low_us = 0;
	if (text.len < TIME_DIGITS + 1 || text.ptr[text.len - 1] != 'Z')
		return false;
	for (size_t i = 0; i < text.len - 1; i++) {
		bool is_point = i == TIME_DIGITS && text.ptr[i] == '.' && text.len > i + 2;

		if (!is_point && (i == TIME_DIGITS || text.ptr[i] < '0' || text.ptr[i] > '9'))
			return false;
		if (i <= TIME_DIGITS)
			continue;
		unit /= 10;
		*low_us += unit * (text.ptr[i] - '0');
	}
	*high_us = *low_us + (unit == 0 ? 1 : 0);
	return asn1_time_seconds(time, at_s);
}

/* Rounded towards the past; us may be negative. */
static int64_t
whole_seconds(int64_t us)
{
	return us / MICROSECONDS - (us % MICROSECONDS < 0 ? 1 : 0);
}

enum notar_code
timestamp_time(TS_TST_INFO *info, int64_t *from_s, int64_t *to_s, struct notar_error *err)
{
	int64_t at_s, low_us, high_us, accuracy_us;

	if (!read_gen_time(TS_TST_INFO_get_time(info), &at_s, &low_us, &high_us))
		return ossl_fail(err, NOTAR_E_FORMAT, "its genTime is no time");
	if (!read_accuracy(info, &accuracy_us))
		return ossl_fail(err, NOTAR_E_FORMAT, "its accuracy is out of range");
	*from_s = at_s + whole_seconds(low_us - accuracy_us);
	*to_s = at_s - whole_seconds(-(high_us + accuracy_us));
	return NOTAR_OK;
}

enum notar_code
timestamp_gen_time(TS_TST_INFO *info, int64_t *out_ms, struct notar_error *err)
{
	int64_t at_s, low_us, high_us;

	if (!read_gen_time(TS_TST_INFO_get_time(info), &at_s, &low_us, &high_us))
		return ossl_fail(err, NOTAR_E_FORMAT, "its genTime is no time");
	*out_ms = at_s * 1000 + low_us / 1000;
	return NOTAR_OK;
}
