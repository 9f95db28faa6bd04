# bench.mk -- builds the load generator, and what storage is measured with. To be run from the root of the repository, by itself
# or included by the Makefile there.

BENCH_CC ?= cc
BENCH_CFLAGS ?= -O2
BENCH_WARNINGS = -Wall -Wextra -Wshadow $(BENCH_WERROR)

build/bench/load: $(wildcard bench/load/*.c) $(wildcard bench/load/*.h)
	@mkdir -p $(@D)
	$(BENCH_CC) -std=c11 -D_DEFAULT_SOURCE $(BENCH_CFLAGS) $(BENCH_WARNINGS) -Ibench \
	  $(filter %.c,$^) -o $@

build/bench/store: $(wildcard bench/peers/store/*.c) $(wildcard bench/peers/store/*.h)
	@mkdir -p $(@D)
	$(BENCH_CC) -std=c11 -D_GNU_SOURCE -pthread $(BENCH_CFLAGS) $(BENCH_WARNINGS) \
	  $(filter %.c,$^) -o $@ -lsqlite3 -lcrypto

# The archive holds the store as it is built for the release.
build/bench/fill: bench/fill/main.c build/release/libpure.a
	@mkdir -p $(@D)
	$(BENCH_CC) -std=c11 -D_GNU_SOURCE -pthread $(BENCH_CFLAGS) $(BENCH_WARNINGS) -Iruntime \
	  $^ -o $@ -llmdb -lcrypto

# What is compared with is given all that the compiler has.
build/bench/nearest: $(wildcard bench/nearest/*.c) $(wildcard bench/nearest/*.h) build/release/libpure.a
	@mkdir -p $(@D)
	$(BENCH_CC) -std=c11 -D_GNU_SOURCE $(BENCH_CFLAGS) -O3 -ffast-math $(BENCH_WARNINGS) -Ibench \
	  -c bench/nearest/plain.c -o build/bench/plain.o
	$(BENCH_CC) -std=c11 -D_GNU_SOURCE -pthread $(BENCH_CFLAGS) $(BENCH_WARNINGS) -Ibench -Iruntime \
	  bench/nearest/main.c bench/nearest/vectors.c build/bench/plain.o build/release/libpure.a -o $@ \
	  -llmdb -lcrypto -lm
