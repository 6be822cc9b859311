// The processor's own time, fenced, so that what is measured is all between two readings.
#pragma once

#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)
#include <x86intrin.h>
static inline uint64_t timer_ticks(void) {
    _mm_lfence();
    uint64_t ticks = __rdtsc();
    _mm_lfence();
    return ticks;
}
#elif defined(__aarch64__)
static inline uint64_t timer_ticks(void) {
    uint64_t ticks;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(ticks)::"memory");
    return ticks;
}
#else
#error "no processor timer known here"
#endif

static inline double timer_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// Ticks of one nanosecond, found by waiting for a twentieth of a second.
static inline double timer_ticks_per_nanosecond(void) {
    double start = timer_seconds();
    uint64_t first = timer_ticks();
    while (timer_seconds() - start < 0.05) continue;
    uint64_t ticks = timer_ticks() - first;
    return (double)ticks / ((timer_seconds() - start) * 1e9);
}
