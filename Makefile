# SPDX-License-Identifier: Apache-2.0
# notar: one Makefile, not recursive. `make help` lists the targets.

PREFIX ?= /usr/local
DESTDIR ?=
BINDIR ?= $(PREFIX)/bin
SBINDIR ?= $(PREFIX)/sbin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
# containerd's bin_dir may point here; the name comes first in its order (decision 26).
NODEDIR ?= $(LIBDIR)/notar/image-verifier
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/notar
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
CC = gcc
CLANG ?= clang
AR ?= ar
PKG_CONFIG ?= pkg-config
INSTALL ?= install
# SANITIZE=address,undefined builds another variant beside the normal one.
SANITIZE ?=
# DEV=1 turns warnings into errors.
DEV ?=
# How long `make fuzz` gives each parser.
FUZZ_SECONDS ?= 30
V ?=
Q := $(if $(V),,@)

comma := ,
VARIANT := $(if $(SANITIZE),san-$(subst $(comma),-,$(SANITIZE)),default)
BUILD ?= build
OUT := $(BUILD)/$(VARIANT)

PACKAGES := openssl libsodium jansson libcurl lmdb zlib libpcre2-8
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wvla \
	-Wmissing-prototypes -Wstrict-prototypes -Wwrite-strings -Wformat=2 -Wundef \
	-Wimplicit-fallthrough -Wswitch-enum -Wno-gnu-statement-expression \
	$(if $(DEV),-Werror)
HARDENING := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE \
	$(if $(SANITIZE),,-D_FORTIFY_SOURCE=3)
OPTIMIZE := $(if $(SANITIZE),-O1 -g -fno-omit-frame-pointer,-O2 -g)
SANFLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)
# GNU statement expressions (NOTAR_TAKE) are used on purpose: __extension__ free code in macros.
STD := -std=gnu11
ALL_CPPFLAGS := -I. -Iinclude -D_GNU_SOURCE -include base/banned.h $(CPPFLAGS)
ALL_CFLAGS = $(STD) $(OPTIMIZE) $(HARDENING) $(SANFLAGS) $(WARNINGS) $(DEP_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed $(SANFLAGS) $(LDFLAGS)
DEP_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(filter-out lmdb,$(PACKAGES)) 2>/dev/null)
DEP_LIBS = $(shell $(PKG_CONFIG) --libs $(filter-out lmdb,$(PACKAGES)) 2>/dev/null) -llmdb -pthread

LIB_SRC := $(sort $(wildcard base/*.c net/*.c oci/*.c keys/*.c store/*.c \
	pki/*.c envelope/*.c trust/*.c sync/*.c)) \
	signer/sign.c signer/sign_notary.c signer/seal.c signer/keyless.c signer/keyless_maker.c verifier/verify.c verifier/verify_blob.c verifier/report.c verifier/report_json.c verifier/question.c verifier/revocations.c \
	verifier/plugins.c verifier/plugin_jobs.c verifier/plugin_table.c \
	verifier/trust_base.c verifier/snapshot.c verifier/cache.c verifier/decider.c verifier/decide.c
LIB_SRC := $(wildcard $(LIB_SRC))
HTTP_SRC := $(sort $(wildcard http/*.c))
SIGNER_SRC := $(filter-out $(LIB_SRC),$(sort $(wildcard signer/*.c)))
# The node's verifier: a program of its own out of the decide path alone (decision 12).
NODE_SRC := verifier/node_main.c verifier/node_ask.c
VERIFIER_SRC := $(filter-out $(LIB_SRC) $(NODE_SRC),$(sort $(wildcard verifier/*.c)))

LIB := $(OUT)/lib/libnotar.a
NOTAR := $(OUT)/bin/notar
NOTARD := $(OUT)/bin/notard
NODE := $(OUT)/bin/notar-image-verifier

objects = $(patsubst %.c,$(OUT)/obj/%.o,$(1))

UNIT := $(patsubst tests/unit/%.c,$(OUT)/tests/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
REPLAY := $(patsubst tests/fuzz/fuzz_%.c,$(OUT)/tests/fuzz/replay_%,$(FUZZ_SRC))
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/fuzz/fuzz_%,$(FUZZ_SRC))

.PHONY: all check tools-check install uninstall quickstart clean deps help unit \
	replay programs bench soak lint lint-all lint-format lint-cppcheck fuzz fuzzers
.DEFAULT_GOAL := all

all: programs

help:
	@echo 'all quickstart check lint fuzz bench soak install uninstall clean deps'
	@echo 'variables: PREFIX DESTDIR SANITIZE=address,undefined DEV=1 V=1 CFLAGS FUZZ_SECONDS'

programs: $(NOTAR) $(NOTARD) $(NODE) $(LIB)

# What is missing is installed once; costs a few milliseconds when nothing is.
deps:
	$(Q)tools/deps build check lint

# Flags are part of what an object depends on: a change of them rebuilds.
$(OUT)/flags: FORCE
	@mkdir -p $(OUT)
	@printf '%s\n' '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS)' | cmp -s - $@ || \
		printf '%s\n' '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS)' > $@
FORCE:

$(OUT)/obj/%.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	$(if $(Q),@echo '  CC   $<')
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(call objects,$(LIB_SRC))
	@mkdir -p $(@D)
	$(if $(Q),@echo '  AR   $@')
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(NOTAR): $(call objects,$(SIGNER_SRC)) $(LIB)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD   $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(DEP_LIBS)

$(NOTARD): $(call objects,$(VERIFIER_SRC) $(HTTP_SRC)) $(LIB)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD   $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(DEP_LIBS) -lseccomp

# Static, so that it starts in a millisecond or two and needs nothing of the node; under sanitizers,
# which cannot be static, as everything else.
NODE_LIBS := $(if $(SANITIZE),$(DEP_LIBS),-Wl,-Bstatic -lcrypto -lsodium -ljansson -llmdb -lz -lpcre2-8 -Wl,-Bdynamic -pthread -ldl)

$(NODE): $(call objects,$(NODE_SRC)) $(LIB)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD   $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(NODE_LIBS)

# Unit tests link every object but the two mains, so that any layer can be reached.
TEST_OBJ := $(filter-out %/signer/main.o %/verifier/main.o, \
	$(call objects,$(SIGNER_SRC) $(VERIFIER_SRC) $(HTTP_SRC)))
# The test library: fakes and helpers in C.
TESTLIB_OBJ := $(call objects,$(sort $(wildcard tests/lib/*.c)))

$(OUT)/tests/unit/%: $(OUT)/obj/tests/unit/%.o $(TEST_OBJ) $(TESTLIB_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD   $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(DEP_LIBS) -lseccomp -lcmocka -ldl

$(OUT)/tests/fuzz/replay_%: $(OUT)/obj/tests/fuzz/fuzz_%.o $(OUT)/obj/tests/fuzz/replay.o \
		$(TEST_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD   $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(DEP_LIBS) -lseccomp

# Floors and in-process timings that tests/bench/run starts.
BENCH := $(patsubst tests/bench/%.c,$(OUT)/bench/%,$(sort $(wildcard tests/bench/*.c)))

$(OUT)/bench/%: $(OUT)/obj/tests/bench/%.o $(TEST_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD   $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(DEP_LIBS) -lseccomp

# Measures others, so it brings nothing of ours along.
$(OUT)/bench/meter: tests/bench/meter.c $(OUT)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

# Ratios against a peer or a floor, in one run; never part of `check`.
bench: tools-check programs $(BENCH)
	$(Q)tests/interop/build-peers bench
	$(Q)tests/bench/run $(OUT) $(BUILD)/bench.json

# A quarter of an hour of everything at once, each answer held against a model; SOAK_SECONDS.
soak: tools-check programs
	$(Q)NOTAR_BIN=$(abspath $(OUT)/bin) PYTHONPATH=tests /usr/bin/python3 -B tests/lib/soak.py

unit: $(UNIT)
replay: $(REPLAY)

# Unit tests and the integration tests run on the normal build; the fuzz corpora and the unit
# tests once more under ASan and UBSan.
check: tools-check programs unit
	$(Q)$(MAKE) --no-print-directory SANITIZE=address,undefined $(if $(REPLAY),replay)
	$(Q)tests/run $(OUT)

tools-check:
	$(Q)tools/deps build check

quickstart:
	$(Q)tools/deps build
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)tools/quickstart $(OUT)/bin

# Static checks. Each part runs in full and the failures are all told; clang-tidy looks at a file
# again only after it, a header of it, or the set of checks changed.
PRODUCT := $(sort $(LIB_SRC) $(SIGNER_SRC) $(VERIFIER_SRC) $(NODE_SRC) $(HTTP_SRC))
FORMATTED := $(PRODUCT) $(sort $(wildcard include/notar/*.h base/*.h net/*.h oci/*.h keys/*.h \
	store/*.h http/*.h envelope/*.h trust/*.h signer/*.h verifier/*.h tests/*/*.[ch]))
TIDY := $(patsubst %.c,$(OUT)/lint/%.tidy,$(PRODUCT))
JOBS ?= $(shell nproc)

lint:
	$(Q)tools/deps build lint
	+$(Q)$(MAKE) --no-print-directory -k $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS)) lint-all

lint-all: lint-format lint-cppcheck lint-layers lint-headers lint-pure lint-banned lint-man \
	lint-measure $(TIDY)

lint-format:
	$(Q)clang-format --dry-run -Werror $(FORMATTED)

lint-cppcheck:
	@mkdir -p $(OUT)/lint/cppcheck
	$(Q)cppcheck -q -j$(JOBS) --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppressions-list=tools/cppcheck-suppressions.txt --error-exitcode=1 \
		--cppcheck-build-dir=$(OUT)/lint/cppcheck -I. -Iinclude -D_GNU_SOURCE $(PRODUCT)

.PHONY: lint-layers lint-headers lint-banned lint-pure lint-man lint-measure
lint-layers lint-headers lint-banned:
	$(Q)tools/check-$(@:lint-%=%)
lint-measure:
	$(Q)tools/measure --check
lint-pure: $(LIB)
	$(Q)tools/check-pure $(OUT)
lint-man: programs
	$(Q)tools/check-man $(OUT)/bin

# __clang_analyzer__: base/own.h tells the analyzer what it cannot see.
$(OUT)/lint/%.tidy: %.c $(OUT)/obj/%.o .clang-tidy
	@mkdir -p $(@D)
	$(if $(Q),@echo '  TIDY $<')
	$(Q)clang-tidy --quiet $< -- $(STD) -D__clang_analyzer__ $(ALL_CPPFLAGS) $(DEP_CFLAGS) \
		2>$@.log || { cat $@.log >&2; exit 1; }
	@touch $@

# Each fuzzer runs on a copy of its corpus; what it finds stays in $(BUILD)/fuzz. The objects are a
# variant of their own, made by clang.
FUZZ_OUT := $(BUILD)/fuzz
FUZZ_SANITIZE := fuzzer-no-link,address,undefined

fuzz:
	$(Q)tools/deps build check
	$(Q)$(MAKE) --no-print-directory CC=$(CLANG) SANITIZE=$(FUZZ_SANITIZE) fuzzers
	$(Q)set -e; for fuzzer in $(FUZZERS); do \
		name=$${fuzzer##*/fuzz_}; mkdir -p $(FUZZ_OUT)/corpus/$$name; \
		echo "fuzz $$name: $(FUZZ_SECONDS) s"; \
		$$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 \
			-print_final_stats=1 -verbosity=0 -artifact_prefix=$(FUZZ_OUT)/$$name- \
			$(FUZZ_OUT)/corpus/$$name tests/fuzz/corpus/$$name; \
	done

fuzzers: $(FUZZERS)

$(FUZZERS): $(FUZZ_OUT)/fuzz_%: $(OUT)/obj/tests/fuzz/fuzz_%.o $(TEST_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD   $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(DEP_LIBS) -lseccomp

# The shared library has its own objects: position-independent, and only NOTAR_API seen from outside.
VERSION := $(shell sed -n 's/^.define NOTAR_VERSION "\(.*\)"$$/\1/p' include/notar/version.h)
SONAME := libnotar.so.0
SHARED := $(OUT)/lib/libnotar.so.$(VERSION)

$(OUT)/pic/%.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	$(if $(Q),@echo '  PIC  $<')
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<

$(SHARED): $(patsubst %.c,$(OUT)/pic/%.o,$(LIB_SRC))
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD   $@')
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -shared -Wl,-soname,$(SONAME) -Wl,-z,relro,-z,now \
		-Wl,-z,noexecstack -Wl,-z,defs -Wl,--as-needed $(LDFLAGS) -o $@ $^ $(DEP_LIBS)

# Files with paths in them are made for this PREFIX.
$(OUT)/deploy/%: deploy/%.in $(OUT)/flags FORCE
	@mkdir -p $(@D)
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' -e 's|@BINDIR@|$(BINDIR)|g' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|g' -e 's|@SBINDIR@|$(SBINDIR)|g' \
		-e 's|@DOCDIR@|$(DOCDIR)|g' -e 's|@VERSION@|$(VERSION)|g' $< > $@

# What `make install` puts where, mode:file:place; `make uninstall` removes just these.
HAS_DAEMON := $(wildcard verifier/main.c)
INSTALLED := \
	0755:$(NOTAR):$(BINDIR)/notar \
	0644:$(LIB):$(LIBDIR)/libnotar.a \
	0755:$(SHARED):$(LIBDIR)/libnotar.so.$(VERSION) \
	0644:$(OUT)/deploy/notar.pc:$(PKGCONFIGDIR)/notar.pc \
	0644:deploy/notar.bash:$(COMPLETIONDIR)/notar \
	$(foreach h,$(sort $(wildcard include/notar/*.h)),0644:$(h):$(INCLUDEDIR)/notar/$(notdir $(h))) \
	0644:docs/openapi.json:$(DOCDIR)/openapi.json \
	$(foreach m,$(sort $(wildcard docs/man/*.[1358])),\
		0644:$(m):$(MANDIR)/man$(subst .,,$(suffix $(m)))/$(notdir $(m))) \
	$(foreach e,policy.json notar.conf nginx-gate.conf,0644:deploy/$(e):$(DOCDIR)/examples/$(e)) \
	$(if $(HAS_DAEMON),\
		0755:$(NOTARD):$(SBINDIR)/notard \
		0755:$(NODE):$(NODEDIR)/00-notar-image-verifier \
		0644:$(OUT)/deploy/notard.service:$(UNITDIR)/notard.service \
		0644:deploy/notar.sysusers:$(SYSUSERSDIR)/notar.conf \
		0644:deploy/notar.tmpfiles:$(TMPFILESDIR)/notar.conf)
INSTALLED_LINKS := $(LIBDIR)/$(SONAME) $(LIBDIR)/libnotar.so
INSTALLED_FOLDERS := $(NODEDIR) $(LIBDIR)/notar $(INCLUDEDIR)/notar $(DOCDIR)/examples $(DOCDIR)
installed_field = $(word $(1),$(subst :, ,$(2)))

install: $(foreach i,$(INSTALLED),$(call installed_field,2,$(i)))
	$(Q)$(foreach i,$(INSTALLED),$(INSTALL) -D -m $(call installed_field,1,$(i)) \
		$(call installed_field,2,$(i)) '$(DESTDIR)$(call installed_field,3,$(i))' &&) true
	$(Q)$(foreach l,$(INSTALLED_LINKS),ln -sf $(notdir $(SHARED)) '$(DESTDIR)$(l)' &&) true

uninstall:
	$(Q)rm -f $(foreach i,$(INSTALLED),'$(DESTDIR)$(call installed_field,3,$(i))') \
		$(foreach l,$(INSTALLED_LINKS),'$(DESTDIR)$(l)')
	$(Q)for folder in $(foreach f,$(INSTALLED_FOLDERS),'$(DESTDIR)$(f)'); do \
		[ ! -d "$$folder" ] || rmdir --ignore-fail-on-non-empty "$$folder"; \
	done

.PRECIOUS: $(OUT)/obj/%.o
.SECONDARY:

-include $(shell find $(OUT)/obj $(OUT)/pic -name '*.d' 2>/dev/null)

clean:
	rm -rf $(BUILD)
