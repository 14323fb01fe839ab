/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of a cached admission answer: the same server and the same reading of the review,
 * then an answer of the same size that is always the same. Listens on argv[1]; ends with its
 * standard input. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "http/server.h"
#include "verifier/review.h"

static const char answer_text[] =
	"{\"apiVersion\":\"admission.k8s.io/"
	"v1\",\"kind\":\"AdmissionReview\",\"response\":{\"uid\":"
	"\"00000000-0000-0000-0000-000000000000\",\"allowed\":true,\"auditAnnotations\":{"
	"\"verdict\":"
	"\"allow\",\"images\":\"1\",\"policy-generation\":\"1\",\"trust-generation\":\"1\"}}}";

static enum http_next
validate(void *context, void *local, const struct http_request *request, struct http_answer *answer,
	 const struct http_ticket *ticket)
{
	NOTAR_AUTO_OF(review) review = { 0 };
	struct notar_error err;

	(void)context, (void)local, (void)ticket;
	if (review_parse(request->body, &review, &err) != NOTAR_OK)
		http_answer_error(answer, 400, err.msg);
	else
		buf_append_str(&answer->body, answer_text);
	return HTTP_ANSWERED;
}

int
main(int argc, char **argv)
{
	static const struct http_route routes[] = {
		{ "POST", "/k8s/validate", LIMIT_HTTP_ADMISSION_BODY_BYTES, 0, validate },
	};
	const char *const listen[] = { argc > 1 ? argv[1] : "127.0.0.1:0", NULL };
	const struct http_server_options options = {
		.listen = listen, .loops = 1, .routes = routes, .route_count = 1
	};
	struct http_server *server;
	struct notar_error err = { 0 };
	char byte;

	if (http_server_start(&options, &server, &err) != NOTAR_OK) {
		fprintf(stderr, "validate_floor: %s\n", err.msg);
		return 1;
	}
	printf("%u\n", http_server_port(server, 0));
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	http_server_stop(server, clock_deadline_ms(1000));
	http_server_free(server);
	return 0;
}
