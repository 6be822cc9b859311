// Single instructions of the processor: its timestamp counter, the spin-wait hint and prefetches.
#pragma once

#include <stdint.h>

/// The processor's timestamp counter, in ticks; not serialising (about 10 ns).
static inline uint64_t platform_timestamp(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
#error "no timestamp counter known for this processor"
#endif
}

/// Tells the processor that this is a spin-wait turn: it saves power and leaves the shared core to its sibling.
static inline void platform_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Brings the cache line of `address` near for reading; never faults, whatever the address.
static inline void platform_prefetch_read(const void *address) { __builtin_prefetch(address, 0, 3); }

/// Brings the cache line of `address` near for writing; never faults, whatever the address.
static inline void platform_prefetch_write(void *address) { __builtin_prefetch(address, 1, 3); }
