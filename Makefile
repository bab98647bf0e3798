# Ferry. `make help` lists the targets; doc/ARCHITECTURE.md says how the tree is laid out.
#
# Three builds live side by side below $(B), each with its own flags:
#   $(B)/plain   what is installed and what the crash suite kills (gcc -O2, hardened)
#   $(B)/asan    the same sources under AddressSanitizer and UBSan: what `make test` talks to
#   $(B)/tsan    under ThreadSanitizer
# pkg-config is asked by a recipe, into $(B)/cflags and $(B)/libs, so that `make deps` can run first.

B       ?= build
prefix  ?= /usr/local
sbindir ?= $(prefix)/sbin
libexecdir ?= $(prefix)/libexec
mandir  ?= $(prefix)/share/man
PYTHON  := /usr/bin/python3
VERSION := 0.1.0

PKGS    := libmicrohttpd expat openssl sqlite3 libevent_core libevent_extra libevent_pthreads libgsasl libidn jansson libqrencode
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla -Wpointer-arith \
           -Wwrite-strings -Wundef -Wno-unused-parameter -Wno-missing-field-initializers
HARDEN  := -fstack-protector-strong -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero -fPIE
ifneq (,$(findstring clang,$(CC))) # clang 14 knows some of these by other names; nothing is installed from it
HARDEN  := -fstack-protector-strong -fPIE
endif
STD     := -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DFERRY_VERSION='"$(VERSION)"' -I.
CFLAGS  ?= -O2 -g
WERROR  ?=
ALLFLAGS = $(STD) $(WARN) $(WERROR) $(HARDEN) $(CFLAGS) -pthread
LDHARD  := -pie -Wl,-z,relro,-z,now

FLAGS_plain := -D_FORTIFY_SOURCE=2
FLAGS_asan  := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1
FLAGS_fuzz  := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1
FLAGS_tsan  := -fsanitize=thread -fno-omit-frame-pointer -O1

# Everything but the two programs' own main() files goes into one archive, which the unit tests link too.
LIBSRC  := $(sort $(wildcard base/*.c storage/*.c xmpp/*.c xmpp/mod/*.c http/*.c web/*.c))
SNIFFSRC := $(wildcard sniff/*.c) # a program of its own: what looks at strangers' bytes links nothing else
CTLSRC  := ferryctl.c $(sort $(wildcard ctl/*.c))
UNITSRC := $(sort $(wildcard tests/unit/*_test.c))
FUZZSRC := $(sort $(wildcard tests/fuzz/*_fuzz.c))
WEB     := $(wildcard web/*.css web/*.js web/*.html web/*.svg)

FUZZBIN := $(FUZZSRC:tests/fuzz/%.c=$(B)/fuzz/%)

.DEFAULT_GOAL := all
.PHONY: fuzzers
fuzzers: $(B)/cflags
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang $(FUZZBIN)

.PHONY: all help deps run test check asan tsan fuzz bench crash monkey arrows format install deb clean progs unit man
all: $(B)/cflags
	@$(MAKE) --no-print-directory MODE=plain progs
	@cp -f $(B)/plain/ferryd ferryd.new && mv -f ferryd.new ferryd
	@cp -f $(B)/plain/ferry-sniff ferry-sniff.new && mv -f ferry-sniff.new ferry-sniff
	@[ ! -f $(B)/plain/ferryctl ] || { cp -f $(B)/plain/ferryctl ferryctl.new && mv -f ferryctl.new ferryctl; }

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

# --- flags of the libraries -------------------------------------------------------------------------------
$(B)/cflags: Makefile tools/deps
	@mkdir -p $(B)
	@tools/deps --check-build
	@pkg-config --cflags $(PKGS) >$@.new && pkg-config --libs $(PKGS) >$(B)/libs && pkg-config --libs libcurl >$(B)/libs-ctl && \
		pkg-config --libs libmagic libseccomp >$(B)/libs-sniff
	@mv -f $@.new $@

# --- one build, named by MODE -----------------------------------------------------------------------------
ifdef MODE
O       := $(B)/$(MODE)
LIBOBJ  := $(LIBSRC:%.c=$(O)/%.o)
UNITBIN := $(UNITSRC:tests/unit/%.c=$(O)/unit/%)
progs: $(O)/ferryd $(O)/ferry-sniff $(if $(wildcard ferryctl.c),$(O)/ferryctl)
unit: $(UNITBIN)

$(O)/%.o: %.c $(B)/cflags
	@mkdir -p $(@D)
	@echo "  CC $(MODE) $<"
	@$(CC) $(ALLFLAGS) $(FLAGS_$(MODE)) @$(B)/cflags -MMD -MP -c -o $@ $<
# A sanitizer would need what the sandbox takes away.
$(O)/sniff/%.o: sniff/%.c $(B)/cflags
	@mkdir -p $(@D)
	@echo "  CC $(MODE) $<"
	@$(CC) $(ALLFLAGS) $(FLAGS_plain) -MMD -MP -c -o $@ $<
$(O)/ferry-sniff: $(SNIFFSRC:%.c=$(O)/%.o)
	@$(CC) $(ALLFLAGS) $(FLAGS_plain) $(LDHARD) -o $@ $^ @$(B)/libs-sniff
$(O)/unit/ferry-sniff: $(O)/ferry-sniff # beside whoever starts it
	@mkdir -p $(@D)
	@cp -f $< $@
$(O)/unit/sandbox_test: tests/unit/sandbox_test.c $(O)/sniff/sandbox.o
	@mkdir -p $(@D)
	@echo "  CC $(MODE) $<"
	@$(CC) $(ALLFLAGS) $(FLAGS_plain) -MMD -MP -MF $@.d -o $@ $< $(O)/sniff/sandbox.o @$(B)/libs-sniff -lcmocka
$(O)/libferry.a: $(LIBOBJ)
	@rm -f $@ && ar rcs $@ $^
# --whole-archive: modules and commands register themselves by a linker section, nobody names them.
$(O)/ferryd: $(O)/main.o $(O)/libferry.a
	@$(CC) $(ALLFLAGS) $(FLAGS_$(MODE)) $(LDHARD) -o $@ $< -Wl,--whole-archive $(O)/libferry.a -Wl,--no-whole-archive @$(B)/libs
$(O)/ferryctl: $(CTLSRC:%.c=$(O)/%.o) $(O)/libferry.a
	@$(CC) $(ALLFLAGS) $(FLAGS_$(MODE)) $(LDHARD) -o $@ $(CTLSRC:%.c=$(O)/%.o) -Wl,--whole-archive $(O)/libferry.a -Wl,--no-whole-archive @$(B)/libs @$(B)/libs-ctl
$(O)/unit/%: tests/unit/%.c $(O)/libferry.a | $(O)/unit/ferry-sniff
	@mkdir -p $(@D)
	@echo "  CC $(MODE) $<"
	@$(CC) $(ALLFLAGS) $(FLAGS_$(MODE)) @$(B)/cflags -MMD -MP -MF $@.d -o $@ $< -Wl,--whole-archive $(O)/libferry.a -Wl,--no-whole-archive @$(B)/libs -lcmocka
$(O)/%_fuzz: tests/fuzz/%_fuzz.c $(O)/libferry.a
	@echo "  CC $(MODE) $<"
	@$(CC) $(ALLFLAGS) $(FLAGS_$(MODE)) -fsanitize=fuzzer @$(B)/cflags -MMD -MP -MF $@.d -o $@ $< -Wl,--whole-archive $(O)/libferry.a -Wl,--no-whole-archive @$(B)/libs
$(O)/web/web.o: $(WEB)
-include $(LIBOBJ:.o=.d) $(SNIFFSRC:%.c=$(O)/%.d) $(O)/main.d $(CTLSRC:%.c=$(O)/%.d) $(wildcard $(O)/unit/*.d) $(wildcard $(O)/*_fuzz.d)
endif

include tools/targets.mk
