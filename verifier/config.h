/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_CONFIG_H
#define VERIFIER_CONFIG_H

#include "base/own.h"
#include "base/span.h"

/*
 * notard's configuration, notar.conf(5): one strict JSON document. The schema is a table in
 * config.c; the manual is checked against it. Immutable once loaded.
 */
#define CONFIG_LISTENERS 8
#define CONFIG_REGISTRIES 64
#define CONFIG_CALLERS 64

/* What a caller may do (decision 15). */
enum config_right { CONFIG_ASK = 1, CONFIG_READ = 2 };

/* How often and how much at a time; 0: as much as it likes. */
struct config_caps {
	int64_t rate;        /* requests a second; as many at once */
	int64_t connections; /* open at a time */
};

/* Somebody who can prove who it is, by just one of token, certificate and uid. */
struct config_caller {
	char *name;
	bool by_token;
	uint8_t token_sha256[32];
	char *certificate; /* a name in a client certificate (http/certificate_name.h) */
	int64_t uid;       /* of the other end of a Unix socket; -1: none */
	unsigned rights;
	struct config_caps caps;
};

struct config_callers {
	unsigned anonymous, local; /* rights of nobody in particular; over TCP, over Unix sockets */
	struct config_caps caps;   /* of each of those, taken together */
	struct config_caller named[CONFIG_CALLERS];
	size_t count;
};

struct config_registry {
	char *host; /* as written in references, with its port */
	char *ca_file;
	char *layout;   /* an OCI image layout that stands in for the registry; NULL: none */
	char *upstream; /* "host:port" to ask instead of it, with the same repositories; NULL */
	bool plain_http;
};

struct config {
	char *listen[CONFIG_LISTENERS + 1]; /* "host:port" or "unix:/path"; NULL ends it */
	char *probes;                       /* "host:port"; NULL: none */
	char *policy;                       /* file; NULL: what the store holds */
	char *tls_certificate, *tls_key;    /* both or none */
	char *tls_client_ca;                /* file; NULL: nobody is asked for a certificate */
	bool tls_require_client;            /* nobody comes in without one */
	char *tls_minimum;                  /* "1.2", "1.3" */
	char *log_level;                    /* error, warning, info, debug */
	char *log_format;                   /* auto, json, text */
	int64_t loops;                      /* 0: one a CPU */
	int64_t workers;                    /* threads that fetch */
	int64_t queue;                      /* fetches that may wait for a worker */
	int64_t listing_ttl_s;              /* how long a listing that satisfied stays fresh */
	int64_t negative_ttl_s;             /* how long one that did not */
	int64_t fetch_timeout_s;            /* most time for one image's registry requests */
	int64_t drain_s;                    /* between SIGTERM and refusing connections */
	int64_t quota_bytes;                /* of cached rows in the store */
	bool recheck_unchanged;             /* judge updates that change no image */
	int64_t connections;                /* most at a time, of all loops */
	char *pin;                          /* "all": what to pin; "pods": not templates */
	char *pin_style;                    /* "keep-tag", "digest-only" */
	char *gate_headers;                 /* "original", "forwarded": what the proxy sets */
	char *gate_registry;                /* the name that policies know it by; NULL: no gate */
	char *audit_file;                   /* NULL: no audit log */
	int64_t audit_max_bytes;            /* of a file, before the next one begins */
	bool revocation_offline;            /* ask nobody about certificates */
	bool revocation_private;            /* they may name private addresses */
	char *confinement;                  /* "auto", "require", "off" */
	struct config_callers callers;
	struct config_registry registries[CONFIG_REGISTRIES];
	size_t registry_count;
};
void config_free(struct config *config);
NOTAR_AUTO_DEFINE(config)

/* NOTAR_E_CONFIG with the path of what is wrong. Touches no file that it names. */
NOTAR_MUST_USE enum notar_code
config_load(struct span document, struct config **out, struct notar_error *err);

/* From a file; messages open with its path. */
NOTAR_MUST_USE enum notar_code
config_read(const char *path, struct config **out, struct notar_error *err);

/* What is said about this registry, or NULL. Borrowed. */
const struct config_registry *config_registry_for(const struct config *config, const char *host);

#endif
