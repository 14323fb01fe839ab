# SPDX-License-Identifier: Apache-2.0
# notar: one Makefile, not recursive. `make help` lists the targets.

PREFIX ?= /usr/local
DESTDIR ?=
BINDIR ?= $(PREFIX)/bin
SBINDIR ?= $(PREFIX)/sbin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
CC = gcc
CLANG ?= clang
AR ?= ar
PKG_CONFIG ?= pkg-config
INSTALL ?= install
# SANITIZE=address,undefined builds another variant beside the normal one.
SANITIZE ?=
# DEV=1 turns warnings into errors.
DEV ?=
V ?=
Q := $(if $(V),,@)

comma := ,
VARIANT := $(if $(SANITIZE),san-$(subst $(comma),-,$(SANITIZE)),default)
BUILD ?= build
OUT := $(BUILD)/$(VARIANT)

PACKAGES := openssl libsodium jansson libcurl lmdb zlib
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

LIB_SRC := $(sort $(wildcard base/*.c net/*.c oci/*.c keys/*.c store/*.c envelope/*.c trust/*.c)) \
	signer/sign.c verifier/verify.c verifier/report.c verifier/report_json.c verifier/question.c \
	verifier/trust_base.c verifier/cache.c verifier/decide.c
LIB_SRC := $(wildcard $(LIB_SRC))
HTTP_SRC := $(sort $(wildcard http/*.c))
SIGNER_SRC := $(filter-out $(LIB_SRC),$(sort $(wildcard signer/*.c)))
VERIFIER_SRC := $(filter-out $(LIB_SRC),$(sort $(wildcard verifier/*.c)))

LIB := $(OUT)/lib/libnotar.a
NOTAR := $(OUT)/bin/notar
NOTARD := $(OUT)/bin/notard

objects = $(patsubst %.c,$(OUT)/obj/%.o,$(1))

UNIT := $(patsubst tests/unit/%.c,$(OUT)/tests/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
REPLAY := $(patsubst tests/fuzz/fuzz_%.c,$(OUT)/tests/fuzz/replay_%,$(FUZZ_SRC))
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/fuzz/fuzz_%,$(FUZZ_SRC))

.PHONY: all check tools-check install uninstall quickstart clean deps help unit \
	replay programs
.DEFAULT_GOAL := all

all: programs

help:
	@echo 'all quickstart check install uninstall clean deps'
	@echo 'variables: PREFIX DESTDIR SANITIZE=address,undefined DEV=1 V=1 CFLAGS'

programs: $(NOTAR) $(if $(wildcard verifier/main.c),$(NOTARD)) $(LIB)

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
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(DEP_LIBS)

# Unit tests link every object but the two mains, so that any layer can be reached.
TEST_OBJ := $(filter-out %/signer/main.o %/verifier/main.o, \
	$(call objects,$(SIGNER_SRC) $(VERIFIER_SRC) $(HTTP_SRC)))
# The test library: fakes and helpers in C.
TESTLIB_OBJ := $(call objects,$(sort $(wildcard tests/lib/*.c)))

$(OUT)/tests/unit/%: $(OUT)/obj/tests/unit/%.o $(TEST_OBJ) $(TESTLIB_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD   $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(DEP_LIBS) -lcmocka -ldl

$(OUT)/tests/fuzz/replay_%: $(OUT)/obj/tests/fuzz/fuzz_%.o $(OUT)/obj/tests/fuzz/replay.o \
		$(TEST_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD   $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(DEP_LIBS)

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

install: programs
	$(INSTALL) -D -m 0755 $(NOTAR) $(DESTDIR)$(BINDIR)/notar
	$(INSTALL) -D -m 0644 $(LIB) $(DESTDIR)$(LIBDIR)/libnotar.a
	$(INSTALL) -d $(DESTDIR)$(INCLUDEDIR)/notar
	$(INSTALL) -m 0644 include/notar/*.h $(DESTDIR)$(INCLUDEDIR)/notar

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/notar $(DESTDIR)$(LIBDIR)/libnotar.a
	rm -rf $(DESTDIR)$(INCLUDEDIR)/notar

.PRECIOUS: $(OUT)/obj/%.o
.SECONDARY:

-include $(shell find $(OUT)/obj -name '*.d' 2>/dev/null)

clean:
	rm -rf $(BUILD)
