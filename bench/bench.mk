# bench.mk -- builds the load generator. To be run from the root of the repository, by itself
# or included by the Makefile there.

BENCH_CC ?= cc
BENCH_CFLAGS ?= -O2
BENCH_WARNINGS = -Wall -Wextra -Wshadow $(BENCH_WERROR)

build/bench/load: $(wildcard bench/load/*.c) $(wildcard bench/load/*.h)
	@mkdir -p $(@D)
	$(BENCH_CC) -std=c11 -D_DEFAULT_SOURCE $(BENCH_CFLAGS) $(BENCH_WARNINGS) -Ibench \
	  $(filter %.c,$^) -o $@
