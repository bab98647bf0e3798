# The targets people call. The build itself is in ../Makefile.

## make          build ./ferryd, its helper ./ferry-sniff, and ./ferryctl
## make deps     install what building, running and testing need
deps:
	@tools/deps

## make run      a daemon under run/ on loopback, and a file sent from alice to bob
run: deps
	@$(MAKE) --no-print-directory all
	@$(PYTHON) tools/run

## make test     every test, T=WORD for those whose name holds WORD
test: deps
	@$(MAKE) --no-print-directory -j$$(nproc) test-build
	@B=$(B) $(PYTHON) tests/run $(T)

.PHONY: test-build
test-build: $(B)/cflags
	@$(MAKE) --no-print-directory MODE=plain progs
	@$(MAKE) --no-print-directory MODE=asan progs unit
	@[ ! -f tests/peers/Makefile ] || $(MAKE) --no-print-directory -C tests/peers B=$(abspath $(B))

## make check    warnings as errors (gcc, clang), clang-tidy, cppcheck, include directions, format, manuals
check: deps $(B)/cflags
	@tools/check

## make arrows   the include directions of doc/ARCHITECTURE.md
arrows:
	@tools/arrows

## make format   rewrite the sources by .clang-format
format:
	@clang-format -i $$(git ls-files '*.c' '*.h')

## make man      write the parts of the manual pages again that come from the programs' tables
man: all
	@tools/man

## make asan     build and test under ASan and UBSan (what make test does)
asan: test
## make tsan     the same under ThreadSanitizer
tsan: deps $(B)/cflags
	@$(MAKE) --no-print-directory MODE=tsan progs unit
	@B=$(B) FERRY_MODE=tsan $(PYTHON) tests/run $(T)

## make fuzz     a short run of each libFuzzer target (SECS=20)
fuzz: deps $(B)/cflags
	@B=$(B) tools/fuzz

## make bench    our own benchmarks
bench: deps
	@$(MAKE) --no-print-directory all
	@B=$(B) tests/bench/run

## make crash    the whole crash suite
crash: deps
	@$(MAKE) --no-print-directory test-build
	@B=$(B) $(PYTHON) tests/crash/run --all

## make monkey   each monkey by dice thrown anew, most for SECS=60 (make test throws the same each time)
monkey: deps
	@$(MAKE) --no-print-directory -j$$(nproc) test-build
	@B=$(B) MONKEY_SEED=any MONKEY_SECONDS=$(or $(SECS),60) $(PYTHON) tests/run monkey

## make install  DESTDIR= prefix=
install: all
	install -D -m 755 ferryd $(DESTDIR)$(sbindir)/ferryd
	install -D -m 755 ferryctl $(DESTDIR)$(sbindir)/ferryctl
	install -D -m 755 ferry-sniff $(DESTDIR)$(libexecdir)/ferryd/ferry-sniff
	for m in doc/*.[578]; do install -D -m 644 $$m $(DESTDIR)$(mandir)/man$${m##*.}/$${m##*/}; done
	[ -e $(DESTDIR)/etc/ferryd/ferryd.conf ] || install -D -m 644 contrib/ferryd.conf $(DESTDIR)/etc/ferryd/ferryd.conf
	for c in prosody.cfg.lua ejabberd.yml nginx.conf apache.conf Caddyfile; do \
	    install -D -m 644 contrib/$$c $(DESTDIR)$(prefix)/share/doc/ferryd/$$c; done
	install -d $(DESTDIR)$(prefix)/lib/systemd/system
	sed 's|/usr/local/sbin|$(sbindir)|' contrib/ferryd.service >$(DESTDIR)$(prefix)/lib/systemd/system/ferryd.service
	chmod 644 $(DESTDIR)$(prefix)/lib/systemd/system/ferryd.service

## make deb      not built yet
deb:
	@echo "make deb: not built yet"; exit 1

clean:
	rm -rf $(B) ferryd ferryctl ferry-sniff
