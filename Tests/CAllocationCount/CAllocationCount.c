#define _GNU_SOURCE
#include "CAllocationCount.h"

#include <errno.h>
#include <execinfo.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

// The C library's own, under the names that it keeps for those who stand before it.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

enum { threads_max = 1 << 18, callers_max = 40 };

// A place for each thread that ever allocated: the tests of one process start thousands. Two threads never share one, or
// what one does would be counted as the other's. Written by that thread, read by the test; what no thread touched takes
// no memory.
static struct {
    _Atomic int32_t thread;
    _Atomic int64_t count;
    _Atomic uint64_t last_size;
    void *callers[callers_max];
    int32_t caller_count;
} places[threads_max];
static _Atomic int32_t used;
static _Atomic int32_t traced;

static __thread int32_t own_place __attribute__((tls_model("initial-exec"))) = -1;

static __thread int is_tracing __attribute__((tls_model("initial-exec")));

static void count(size_t size) {
    if (is_tracing) return;
    if (own_place < 0) {
        int32_t place = atomic_fetch_add(&used, 1);
        if (place >= threads_max) abort();
        own_place = place;
        atomic_store(&places[place].thread, (int32_t)syscall(SYS_gettid));
    }
    atomic_store_explicit(&places[own_place].last_size, size, memory_order_relaxed);
    if (atomic_load_explicit(&traced, memory_order_relaxed)) {
        is_tracing = 1;
        places[own_place].caller_count = backtrace(places[own_place].callers, callers_max);
        is_tracing = 0;
    }
    atomic_fetch_add_explicit(&places[own_place].count, 1, memory_order_release);
}

void *malloc(size_t size) {
    count(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    count(size);
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    count(size);
    void *made = __libc_memalign(alignment, size);
    if (!made) return ENOMEM;
    *memory = made;
    return 0;
}

void free(void *memory) { __libc_free(memory); }

// Thread numbers are used again: the last place of a number is the living thread's.
static int32_t place_of(int32_t thread) {
    int32_t end = atomic_load(&used);
    if (end > threads_max) end = threads_max;
    for (int32_t place = end - 1; place >= 0; place--)
        if (atomic_load(&places[place].thread) == thread) return place;
    return -1;
}

int64_t allocation_count_of_thread(int32_t thread) {
    int32_t place = place_of(thread);
    return place < 0 ? -1 : atomic_load_explicit(&places[place].count, memory_order_acquire);
}

uint64_t allocation_last_size(int32_t thread) {
    int32_t place = place_of(thread);
    return place < 0 ? 0 : atomic_load(&places[place].last_size);
}

void allocation_trace(int32_t on) { atomic_store(&traced, on); }

void allocation_print_last_callers(int32_t thread) {
    int32_t place = place_of(thread);
    if (place >= 0) backtrace_symbols_fd(places[place].callers, places[place].caller_count, STDERR_FILENO);
}

int32_t allocation_current_thread(void) { return (int32_t)syscall(SYS_gettid); }

void allocation_count_probe(void) {
    void *volatile memory = malloc(24);
    free(memory);
}
