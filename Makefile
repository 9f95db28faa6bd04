# partylua. `make help` lists the targets; docs of each flag stand beside it.
#
# BUILD names a flavour and each flavour has its own folder, so they never mix:
#   debug    daily work           release  what is installed
#   stress   ASan, UBSan, tiny buffers, a collection at every call into Lua
#   ctest    C tests of the pure folders, with sanitizers
#   fuzz     the same folders for libFuzzer (clang)

BUILD ?= debug
BUILD_DIR ?= build/$(BUILD)
JOBS ?= $(shell nproc)
ifeq ($(MAKELEVEL),0)
MAKEFLAGS := $(MAKEFLAGS) -j$(JOBS) --no-print-directory
endif

APP ?= examples/chat
PORT ?= 1999
FUZZ_SECONDS ?= 30
ROUNDS ?= 100

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LUADIR ?= $(PREFIX)/share/lua/5.1
EXAMPLESDIR ?= $(PREFIX)/share/partylua/examples
MANDIR ?= $(PREFIX)/share/man
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d

# What we stand on.

# LUAJIT_DIR: any LuaJIT 2.1 as a prefix (include/, lib/) or as its source tree after make.
# Without it, Debian's package is unpacked under build/deps and nothing is installed.
LUAJIT_UNPACKED := build/deps/luajit
LUAJIT_DIR ?= $(LUAJIT_UNPACKED)
ifeq ($(LUAJIT_DIR),$(LUAJIT_UNPACKED))
LUAJIT_INCLUDE := $(LUAJIT_DIR)/include/luajit-2.1
LUAJIT_LIBRARY := $(LUAJIT_DIR)/lib/libluajit-5.1.a
else
LUAJIT_INCLUDE := $(patsubst %/luajit.h,%,$(firstword $(wildcard $(addprefix $(LUAJIT_DIR)/, \
	include/luajit-2.1/luajit.h include/luajit.h src/luajit.h))))
LUAJIT_LIBRARY := $(firstword $(wildcard $(addprefix $(LUAJIT_DIR)/, \
	lib/libluajit-5.1.a lib/*/libluajit-5.1.a src/libluajit.a)))
endif

# node-llhttp ships the parser as generated C; wslay has no .pc file.
LLHTTP_SOURCE ?= /usr/share/llhttp
LLHTTP_INCLUDE ?= /usr/share/include/llhttp
UV_CFLAGS := $(shell pkg-config --cflags libuv 2>/dev/null)
UV_LIBS := $(or $(shell pkg-config --libs libuv 2>/dev/null),-luv)
WSLAY_LIBS ?= -lwslay
LMDB_LIBS := $(or $(shell pkg-config --libs lmdb 2>/dev/null),-llmdb)
ZLIB_LIBS := $(or $(shell pkg-config --libs zlib 2>/dev/null),-lz)
# libcurl is loaded when it is first needed: only its headers count here.
CURL_CFLAGS := $(shell pkg-config --cflags libcurl 2>/dev/null)
CRYPTO_LIBS := $(or $(shell pkg-config --libs libcrypto 2>/dev/null),-lcrypto)

# How it is compiled.

ifeq ($(origin CC),default)
CC := gcc
endif

SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
FLAGS_debug := -Og -g
FLAGS_release := -O3 -g
FLAGS_stress := $(SANITIZE) -DPL_STRESS
FLAGS_ctest := $(SANITIZE)
FLAGS_fuzz := $(SANITIZE) -fsanitize=fuzzer-no-link
ifeq ($(origin FLAGS_$(BUILD)),undefined)
$(error BUILD=$(BUILD) is no flavour; there are debug, release, stress, ctest and fuzz)
endif

STANDARD := -std=c11 -D_GNU_SOURCE -pthread
WARNINGS := -Wall -Wextra -Wshadow $(if $(WERROR),-Werror)
INCLUDES := -Iruntime -I. -isystem $(LUAJIT_INCLUDE) -isystem $(LLHTTP_INCLUDE) $(UV_CFLAGS) \
	$(patsubst -I%,-isystem %,$(CURL_CFLAGS))
COMPILE := $(CC) $(STANDARD) $(WARNINGS) $(FLAGS_$(BUILD)) $(INCLUDES) $(CPPFLAGS) $(CFLAGS)
LINK := $(CC) -pthread $(FLAGS_$(BUILD)) $(CFLAGS) $(LDFLAGS)

# -E: C modules for Lua 5.1, such as Debian's cjson and lpeg, find the Lua API in the program.
PURE_LIBS := $(WSLAY_LIBS) $(LMDB_LIBS) $(CRYPTO_LIBS) $(ZLIB_LIBS) -lm
LIBS := $(LUAJIT_LIBRARY) $(UV_LIBS) $(PURE_LIBS) -lpthread -ldl

LLHTTP := $(addprefix $(BUILD_DIR)/llhttp/,llhttp.o api.o http.o)
RUNTIME := $(addprefix $(BUILD_DIR)/,$(patsubst %.c,%.o,$(sort $(wildcard runtime/*/*.c))))
# The folders that know neither Lua nor sockets: what C tests and fuzz targets link against.
PURE := $(addprefix $(BUILD_DIR)/,$(patsubst %.c,%.o,$(sort $(wildcard \
	runtime/base/*.c runtime/proto/*.c runtime/store/*.c runtime/vector/*.c runtime/party/*.c))))

CTESTS := $(patsubst spec/c/%.c,$(BUILD_DIR)/%,$(sort $(wildcard spec/c/*_test.c)))
FUZZERS := $(patsubst spec/fuzz/%.c,$(BUILD_DIR)/%,$(sort $(wildcard spec/fuzz/*_fuzz.c)))
BENCH_OBJECTS := $(addprefix $(BUILD_DIR)/,$(patsubst %.c,%.o,$(sort $(wildcard \
	bench/fill/*.c bench/load/*.c bench/nearest/*.c bench/peers/store/*.c))))
TEST_OBJECTS := $(addprefix $(BUILD_DIR)/,$(patsubst %.c,%.o,$(sort $(wildcard \
	spec/c/*.c spec/crash/*.c spec/fuzz/*.c))))
# A failing disk, to be loaded in front of any build: without sanitizers.
FAULTS := build/test/faults.so

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: FORCE all release stress objects ctest-programs fuzz-programs faults serve setup test spec crash \
	stress-test ctest fuzz check lint fmt bench install install-built deb clean distclean help

# What is built.

all: $(BUILD_DIR)/partylua  ## build build/debug/partylua (or BUILD=release, BUILD=stress)

release:  ## build build/release/partylua: optimised, assertions on
	@$(MAKE) BUILD=release all

stress:  ## build build/stress/partylua: sanitizers, tiny buffers, forced collections
	@$(MAKE) BUILD=stress all

$(BUILD_DIR)/partylua: $(RUNTIME) $(LLHTTP) $(BUILD_DIR)/objects.txt
	@echo "link     $@"
	@$(LINK) -Wl,-E -o $@.new $(RUNTIME) $(LLHTTP) $(LIBS)
	@mv $@.new $@

faults: $(FAULTS)
$(FAULTS): spec/crash/faults.c
	@mkdir -p $(@D)
	@echo "compile  $<"
	@$(CC) $(STANDARD) $(WARNINGS) -O1 -g -shared -fPIC -o $@ $<

objects: $(RUNTIME) $(TEST_OBJECTS) $(BENCH_OBJECTS)

ctest-programs: $(CTESTS)
$(CTESTS): $(BUILD_DIR)/%: $(BUILD_DIR)/spec/c/%.o $(BUILD_DIR)/libpure.a
	@echo "link     $@"
	@$(LINK) -o $@ $^ $(PURE_LIBS)

fuzz-programs: $(FUZZERS)
$(FUZZERS): $(BUILD_DIR)/%: $(BUILD_DIR)/spec/fuzz/%.o $(BUILD_DIR)/libpure.a
	@echo "link     $@"
	@$(LINK) -fsanitize=fuzzer -o $@ $^ $(PURE_LIBS)

# An archive, so that a test of one file links without what the others would need.
$(BUILD_DIR)/libpure.a: $(PURE) $(LLHTTP) $(BUILD_DIR)/objects.txt
	@rm -f $@
	@$(AR) rcs $@ $(PURE) $(LLHTTP)

$(BUILD_DIR)/%.o: %.c $(BUILD_DIR)/flags.txt | $(LUAJIT_LIBRARY)
	@mkdir -p $(@D)
	@echo "compile  $<"
	@$(COMPILE) $(DEFINES) -MMD -MP -c -o $@ $<

# Not ours to warn about.
$(BUILD_DIR)/llhttp/%.o: $(LLHTTP_SOURCE)/%.c $(BUILD_DIR)/flags.txt
	@mkdir -p $(@D)
	@echo "compile  $<"
	@$(COMPILE) -w -c -o $@ $<

# Where lualib is looked for when it does not stand beside the program.
$(BUILD_DIR)/runtime/cli/main.o: DEFINES = -DPL_LUADIR_DEFAULT='"$(LUADIR)"'
$(BUILD_DIR)/runtime/cli/main.o: $(BUILD_DIR)/luadir.txt

# The bench is built by bench/bench.mk; here it is only looked at by the compilers.
$(BUILD_DIR)/bench/load/%.o: DEFINES = -Ibench -U_GNU_SOURCE -D_DEFAULT_SOURCE
$(BUILD_DIR)/bench/nearest/%.o: DEFINES = -Ibench

# Remembered, so that another compiler, flag or list of files rebuilds what it must.
define remember
@mkdir -p $(@D)
@echo '$(1)' | cmp -s - $@ || echo '$(1)' > $@
endef
$(BUILD_DIR)/flags.txt: FORCE ; $(call remember,$(COMPILE))
$(BUILD_DIR)/luadir.txt: FORCE ; $(call remember,$(LUADIR))
$(BUILD_DIR)/objects.txt: FORCE ; $(call remember,$(LINK) $(RUNTIME) $(LIBS))

ifeq ($(LUAJIT_DIR),$(LUAJIT_UNPACKED))
$(LUAJIT_LIBRARY):
	@scripts/setup luajit
else ifeq ($(LUAJIT_LIBRARY),)
$(error LUAJIT_DIR=$(LUAJIT_DIR) holds no libluajit-5.1.a under lib/ and no src/libluajit.a)
endif

-include $(patsubst %.o,%.d,$(RUNTIME) $(TEST_OBJECTS) $(BENCH_OBJECTS))

# What is run.

# APP may be the app's folder, too. The log names the address, as PORT=0 takes any free port.
# What rooms store is kept apart for each app: one server at a time has a data folder.
APP_FILE = $(if $(wildcard $(APP)/app.lua),$(APP:/=)/app.lua,$(APP))
DATA ?= .partylua/$(notdir $(patsubst %/,%,$(dir $(abspath $(APP_FILE)))))

serve:  ## install what is missing, build, and serve APP on PORT (examples/chat, 1999)
	@scripts/setup build $(if $(findstring cursors,$(APP)),client)
	@$(MAKE) all
	@echo "serving $(APP_FILE) (stop with Ctrl-C)"
	@exec $(BUILD_DIR)/partylua serve $(APP_FILE) --port $(PORT) --data $(DATA)

setup:  ## install what building, testing and measuring need
	@scripts/setup build test bench

test:  ## install what is missing, build everything, and run every suite
	@scripts/setup build test
	@scripts/test

spec: all faults  ## run the Lua specs against the built program
	@$(ENVIRONMENT_$(BUILD)) PARTYLUA=$(abspath $(BUILD_DIR))/partylua busted --lua=$(BUILD_DIR)/partylua

# Lua keeps what C modules allocate where the leak checker cannot see it.
ENVIRONMENT_stress := ASAN_OPTIONS=detect_leaks=0

stress-test: stress  ## the same specs under sanitizers, with tiny buffers
	@$(MAKE) BUILD=stress spec

ctest:  ## run the C tests of the pure folders
	@scripts/test c

crash: all faults  ## kill the server ROUNDS (100) times on each disk; see spec/crash
	@for disk in real forgetful faulty; do \
		node spec/crash/main.mjs --disk $$disk --rounds $(ROUNDS) || exit 1; \
	done

fuzz:  ## fuzz each parser for FUZZ_SECONDS (30)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz

check:  ## what has to pass before a commit
	@$(MAKE) lint
	@$(MAKE) spec

lint:  ## formatting, luacheck, and both compilers with -Werror
	@scripts/lint

fmt:  ## format the C sources
	@scripts/lint --fix

bench:  ## measure against other servers, with BENCH_ARGS; for people, takes minutes
	@scripts/setup build bench
	@$(MAKE) BUILD=release all
	@bench/run $(BENCH_ARGS)
	@bench/storage
	@bench/vectors
	@bench/typescript/run

# What is installed.

INSTALL := install
into = $(DESTDIR)$(1)

# Copies the files of folder $(1) to $(2), each below its own sub-folder. Specs are ours, but for
# those of the templates.
define install_tree
@cd $(1) && find . -type f ! -path '*/node_modules/*' \
		\( ! -name '*_spec.lua' -o -path './templates/*' \) | \
	while read -r file; do \
		$(INSTALL) -D -m 644 "$$file" "$(call into,$(2))/$$file" || exit 1; \
	done
endef

install:  ## install under PREFIX (/usr/local), or by BINDIR, LUADIR, DESTDIR
	@$(MAKE) BUILD=release install-built

install-built: $(BUILD_DIR)/partylua
	@echo "install  $(call into,$(BINDIR))/partylua"
	@$(INSTALL) -D -m 755 $< $(call into,$(BINDIR))/partylua
	@echo "install  $(call into,$(LUADIR))/partylua"
	$(call install_tree,lualib/partylua,$(LUADIR)/partylua)
	$(call install_tree,ts2lua-shim/ts2lua,$(LUADIR)/ts2lua)
	@echo "install  $(call into,$(EXAMPLESDIR))"
	$(call install_tree,examples,$(EXAMPLESDIR))
	@echo "install  $(call into,$(MANDIR))/man1/partylua.1"
	@packaging/man $< >$(BUILD_DIR)/partylua.1
	@$(INSTALL) -D -m 644 $(BUILD_DIR)/partylua.1 $(call into,$(MANDIR))/man1/partylua.1
	@echo "install  $(call into,$(UNITDIR))/partylua.service"
	@sed 's,@BINDIR@,$(BINDIR),' packaging/systemd/partylua.service >$(BUILD_DIR)/partylua.service
	@$(INSTALL) -D -m 644 $(BUILD_DIR)/partylua.service $(call into,$(UNITDIR))/partylua.service
	@$(INSTALL) -D -m 644 packaging/systemd/partylua.socket $(call into,$(UNITDIR))/partylua.socket
	@$(INSTALL) -D -m 644 packaging/systemd/sysusers.conf $(call into,$(SYSUSERSDIR))/partylua.conf

deb:  ## make a package for Debian 12, build/deb/partylua_*.deb
	+@packaging/debian/build

clean:  ## remove what was built; what was unpacked or installed stays
	rm -rf build/debug build/release build/stress build/ctest build/fuzz build/lint build/mutants \
		build/test build/bench build/ci build/deb

distclean:  ## back to a fresh clone
	rm -rf build node_modules examples/cursors/public/partysocket.js examples/cursors/public/ws.js

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14
