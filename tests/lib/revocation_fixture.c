/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/revocation_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/lib/key_fixture.h"

#define FOLDER "tests/vectors/revocation/"

struct buf
fixture_answer(const char *name)
{
	char path[200];

	(void)snprintf(path, sizeof(path), FOLDER "%s", name);
	return fixture_bytes(path);
}

struct cert *
fixture_cert(const char *name)
{
	char path[200];
	struct cert *cert = NULL;
	struct notar_error err = { 0 };

	(void)snprintf(path, sizeof(path), FOLDER "%s.der", name);
	NOTAR_AUTO_OF(buf) der = fixture_bytes(path);

	if (cert_parse(buf_span(&der), &cert, &err) != NOTAR_OK)
		fail_msg("%s: %s", path, err.msg);
	return cert;
}
