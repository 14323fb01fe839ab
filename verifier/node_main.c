/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "notar/decide.h"
#include "notar/version.h"
#include "oci/reference.h"
#include "verifier/node_ask.h"

/*
 * notar-image-verifier: containerd starts it for each pull (specs/admission.md section 9). It asks
 * the notard of this node; when that does not answer in time, it decides from the store alone,
 * through libnotar. It never talks to a registry. Exit 0: the image may be pulled.
 */
#define CONFIG "/etc/notar/image-verifier.json"
#define DEFAULT_SOCKET "/run/notar/notard.sock"
#define DEFAULT_STATE "/var/lib/notar"
#define DEFAULT_BUDGET_MS 2000
#define REJECT 1

struct node_config {
	char *socket, *state;
	int64_t budget_ms;
};

struct arguments {
	const char *name, *digest, *config;
	bool version;
};

static void
say(const char *text)
{
	char line[1024];
	int len = snprintf(line, sizeof(line), "%s\n", text);

	for (int i = 0; i < len - 1 && i < (int)sizeof(line) - 2; i++)
		if (line[i] < 0x20 || line[i] > 0x7e)
			line[i] = '?';
	(void)fputs(line, stdout);
}

/* Single or double dashes, separate values. The set grows: what is unknown is left out, with its
 * value. */
static void
read_arguments(int argc, char **argv, struct arguments *out)
{
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i];

		if (name[0] != '-')
			continue;
		name += name[1] == '-' ? 2 : 1;
		if (strcmp(name, "version") == 0)
			out->version = true;
		if (i + 1 >= argc)
			continue;
		if (strcmp(name, "name") == 0)
			out->name = argv[++i];
		else if (strcmp(name, "digest") == 0)
			out->digest = argv[++i];
		else if (strcmp(name, "config") == 0)
			out->config = argv[++i];
	}
}

/* What containerd writes is not needed; closed, it cannot fill a pipe and wait. */
static void
close_input(void)
{
	(void)close(STDIN_FILENO);
}

static enum notar_code
take_text(const struct json *top, const char *name, const char *fallback, char **out,
	  struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_optional_string(top, name, &text, err));
	*out = span_dup(text.ptr != NULL ? text : span_str(fallback));
	return *out != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory");
}

static enum notar_code
read_document(struct span text, struct node_config *out, struct notar_error *err)
{
	static const char *const names[] = { "socket", "state", "budget_ms" };
	const struct json_limits limits = { LIMIT_CONFIG_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;

	NOTAR_TRY(json_parse(text, limits, "configuration", &root, &top, err));
	NOTAR_TRY(json_only(&top, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_optional_int(&top, "budget_ms", 10, 60000, DEFAULT_BUDGET_MS,
				    &out->budget_ms, err));
	NOTAR_TRY(take_text(&top, "socket", DEFAULT_SOCKET, &out->socket, err));
	return take_text(&top, "state", DEFAULT_STATE, &out->state, err);
}

/* Without a file the defaults stand; a file that says nonsense is an error, so a rejection. */
static enum notar_code
read_config(const char *path, struct node_config *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) text = { 0 };
	bool chosen = path != NULL;
	enum notar_code code = file_read(chosen ? path : CONFIG, LIMIT_CONFIG_BYTES, &text, err);

	if (code == NOTAR_E_NOT_FOUND && !chosen) {
		buf_append_str(&text, "{}");
		code = buf_finish(&text, "configuration", err);
	}
	NOTAR_TRY(code);
	if (read_document(buf_span(&text), out, err) != NOTAR_OK)
		return notar_context(err, "%s", chosen ? path : CONFIG);
	return NOTAR_OK;
}

/* "host/path@digest": the digest is what will be pulled; the name only says whose rule counts. */
static enum notar_code
name_image(const struct arguments *arguments, char out[REFERENCE_TEXT_BYTES],
	   struct notar_error *err)
{
	struct reference ref;

	if (arguments->name == NULL || arguments->digest == NULL)
		return notar_fail(err, NOTAR_E_USAGE, "-name and -digest are needed");
	NOTAR_TRY(reference_parse(span_str(arguments->name), REFERENCE_DOCKER_NAMES, &ref, err));
	NOTAR_TRY(
		notar_digest_parse(arguments->digest, strlen(arguments->digest), &ref.digest, err));
	ref.tag[0] = '\0';
	if (ref.place != REFERENCE_REGISTRY)
		return notar_fail(err, NOTAR_E_USAGE, "%.60s: not in a registry", arguments->name);
	(void)reference_format(&ref, out);
	return NOTAR_OK;
}

static int
tell(const char *image, bool allowed, const char *reason, const char *message)
{
	NOTAR_AUTO_OF(buf) text = { 0 };

	buf_printf(&text, "notar: %s: %s: %s", image, reason, message);
	buf_append_byte(&text, '\0');
	say(text.failed == NOTAR_OK ? (const char *)text.ptr : "notar: no memory");
	return allowed ? 0 : REJECT;
}

/* Nobody to ask: what the store knows. `why` is told with what it does not. */
static int
decide_alone(const struct node_config *config, const char *image, const struct notar_error *why)
{
	const struct notar_decide_options options = { .state = config->state };
	struct notar_decider *decider = NULL;
	struct notar_report *report = NULL;
	struct notar_error err = { 0 };

	if (notar_decider_open(&options, &decider, &err) != NOTAR_OK ||
	    notar_decide(decider, image, &report, &err) != NOTAR_OK) {
		(void)fprintf(stderr, "notar: %s\n", err.msg);
		notar_decider_free(decider);
		return tell(image, false, "undetermined", why->msg);
	}
	bool allowed = report->verdict == NOTAR_ALLOW || report->action != NOTAR_ACTION_ENFORCE;
	int status = tell(image, allowed, notar_reason_name(report->reason),
			  report->verdict == NOTAR_UNDETERMINED ? why->msg : report->message);

	notar_report_free(report);
	notar_decider_free(decider);
	return status;
}

static int
verify(const struct node_config *config, const char *image)
{
	struct node_answer answer;
	struct notar_error err = { 0 };

	if (node_ask(config->socket, image, clock_deadline_ms(config->budget_ms), &answer, &err) ==
	    NOTAR_OK)
		return tell(image, answer.verdict == NOTAR_ALLOW || answer.let_run, answer.reason,
			    answer.message);
	(void)fprintf(stderr, "notar: %s\n", err.msg);
	return decide_alone(config, image, &err);
}

int
main(int argc, char **argv)
{
	struct arguments arguments = { .config = getenv("NOTAR_IMAGE_VERIFIER_CONFIG") };
	struct node_config config = { 0 };
	char image[REFERENCE_TEXT_BYTES];
	struct notar_error err = { 0 };

	(void)signal(SIGPIPE, SIG_IGN);
	read_arguments(argc, argv, &arguments);
	if (arguments.version) {
		puts("notar-image-verifier " NOTAR_VERSION);
		return 0;
	}
	close_input();
	if (name_image(&arguments, image, &err) != NOTAR_OK ||
	    read_config(arguments.config, &config, &err) != NOTAR_OK) {
		say(err.msg);
		return REJECT;
	}
	int status = verify(&config, image);

	free(config.socket);
	free(config.state);
	return status;
}
