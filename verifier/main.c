/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "notar/version.h"
#include "sync/policy_file.h"
#include "verifier/daemon.h"
#include "verifier/notify.h"

#define DEFAULT_STATE "/var/lib/notar"
#define READER_CHECK_MS 60000

struct arguments {
	const char *config, *state;
	bool check_config, help, version;
};

static void
usage(FILE *to)
{
	fprintf(to, "usage: notard --config FILE [--state DIR] [--check-config]\n\n"
		    "  --config FILE   the configuration, notar.conf(5)\n"
		    "  --state DIR     the store; default " DEFAULT_STATE "\n"
		    "  --check-config  check the configuration and the policy it names, and end\n"
		    "  --help          this text\n"
		    "  --version       the version\n");
}

/* "--name value" or "--name=value". */
static bool
take_value(const char *name, int argc, char **argv, int *i, const char **out, bool *wrong)
{
	size_t len = strlen(name);

	if (strncmp(argv[*i], name, len) != 0 || (argv[*i][len] != '\0' && argv[*i][len] != '='))
		return false;
	const char *value = argv[*i][len] == '=' ? argv[*i] + len + 1 :
			    *i + 1 < argc        ? argv[++*i] :
						   "";

	if (value[0] == '\0' || *out != NULL) {
		fprintf(stderr, "notard: %s: %s\n", name,
			*out != NULL ? "given twice" : "needs a value");
		*wrong = true;
	}
	*out = value;
	return true;
}

static bool
parse(int argc, char **argv, struct arguments *out)
{
	bool wrong = false;

	for (int i = 1; i < argc && !wrong; i++) {
		if (strcmp(argv[i], "--check-config") == 0)
			out->check_config = true;
		else if (strcmp(argv[i], "--help") == 0)
			out->help = true;
		else if (strcmp(argv[i], "--version") == 0)
			out->version = true;
		else if (!take_value("--config", argc, argv, &i, &out->config, &wrong) &&
			 !take_value("--state", argc, argv, &i, &out->state, &wrong)) {
			fprintf(stderr, "notard: unknown option %.60s\n", argv[i]);
			wrong = true;
		}
	}
	if (!wrong && !out->help && !out->version && out->config == NULL) {
		fprintf(stderr, "notard: --config: missing\n");
		wrong = true;
	}
	return !wrong;
}

static int
fail(const struct notar_error *err)
{
	int status = notar_code_exit(err->code);

	fprintf(stderr, "notard: %s\n", err->msg);
	return status == 0 ? 3 : status;
}

static enum log_level
level_of(const char *name)
{
	return strcmp(name, "error") == 0   ? LOG_LEVEL_ERROR :
	       strcmp(name, "warning") == 0 ? LOG_LEVEL_WARNING :
	       strcmp(name, "debug") == 0   ? LOG_LEVEL_DEBUG :
					      LOG_LEVEL_INFO;
}

static void
set_up_log(const struct config *config)
{
	log_setup(level_of(config->log_level), strcmp(config->log_format, "json") == 0 ? 1 :
					       strcmp(config->log_format, "text") == 0 ? 0 :
											 -1);
}

/* Threads inherit the mask, so only the main thread hears signals, when it asks. */
static void
block_signals(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGINT);
	(void)sigaddset(set, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void
reload(struct daemon *daemon)
{
	struct notar_error err = { 0 };

	if (daemon_reload(daemon, &err) != NOTAR_OK)
		LOG(LOG_LEVEL_ERROR, "reload_failed", LOG_F_STR("message", err.msg));
}

/* Every second: has the certificate been renewed? A bad new one is said once a change. */
static void
follow_certificate(struct daemon *daemon)
{
	static bool complained;
	struct notar_error err = { 0 };
	bool changed;

	if (daemon->tls == NULL)
		return;
	bool failed = http_tls_refresh(daemon->tls, &changed, &err) != NOTAR_OK;

	if (failed && !complained)
		LOG(LOG_LEVEL_ERROR, "certificate_failed", LOG_F_STR("message", err.msg));
	else if (!failed && changed)
		LOG(LOG_LEVEL_INFO, "certificate_renewed",
		    LOG_F_INT("expires_s", http_tls_expires_s(daemon->tls)));
	complained = failed;
}

static void
serve(struct daemon *daemon, const sigset_t *set)
{
	const struct timespec second = { .tv_sec = 1 };
	int64_t next_check = clock_deadline_ms(READER_CHECK_MS);

	for (;;) {
		int got = sigtimedwait(set, NULL, &second);

		if (got == SIGTERM || got == SIGINT)
			return;
		if (got == SIGHUP) {
			notify("RELOADING=1");
			reload(daemon);
			notify("READY=1");
		}
		follow_certificate(daemon);
		if (clock_left_ms(next_check) == 0) {
			(void)store_check_readers(daemon->store);
			next_check = clock_deadline_ms(READER_CHECK_MS);
		}
	}
}

static int
run(const struct arguments *arguments, struct config *config)
{
	static struct daemon daemon;
	struct notar_error err = { 0 };
	sigset_t set;

	block_signals(&set);
	raise_descriptor_limit();
	set_up_log(config);
	daemon.config_file = arguments->config;
	daemon.state_folder = arguments->state != NULL ? arguments->state : DEFAULT_STATE;
	if (daemon_start(&daemon, config, &err) != NOTAR_OK) {
		int status = fail(&err);

		daemon_stop(&daemon);
		return status;
	}
	LOG(LOG_LEVEL_INFO, "started", LOG_F_STR("version", NOTAR_VERSION),
	    LOG_F_STR("state", daemon.state_folder),
	    LOG_F_INT("port", http_server_port(daemon.server, 0)),
	    LOG_F_INT("probes_port",
		      daemon.probes == NULL ? 0 : http_server_port(daemon.probes, 0)));
	notify("READY=1");
	serve(&daemon, &set);
	notify("STOPPING=1");
	LOG(LOG_LEVEL_INFO, "stopping", LOG_F_INT("drain_s", daemon.config->drain_s));
	daemon_stop(&daemon);
	return 0;
}

static enum notar_code
check(const struct config *config, struct notar_error *err)
{
	NOTAR_AUTO_OF(policy_file) file = { 0 };

	if (config->policy != NULL)
		NOTAR_TRY(policy_file_read(config->policy, NOTATION_OCI, &file, err));
	if (config->tls_certificate != NULL) {
		const struct http_tls_options options = daemon_tls_options(config);
		NOTAR_AUTO(http_tls) *tls = NULL;

		NOTAR_TRY(http_tls_new(&options, &tls, err));
	}
	return NOTAR_OK;
}

int
main(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct config *config;
	struct notar_error err = { 0 };

	secret_harden_process();
	if (!parse(argc, argv, &arguments))
		return 2;
	if (arguments.help || arguments.version) {
		if (arguments.help)
			usage(stdout);
		else
			printf("notard %s\n", NOTAR_VERSION);
		return 0;
	}
	if (config_read(arguments.config, &config, &err) != NOTAR_OK) {
		/* A file that the command line names wrongly is wrong usage. */
		err.code = NOTAR_E_CONFIG;
		return fail(&err);
	}
	if (!arguments.check_config)
		return run(&arguments, config);
	enum notar_code code = check(config, &err);

	config_free(config);
	if (code != NOTAR_OK)
		return fail(&err);
	printf("%s: ok\n", arguments.config);
	return 0;
}
