// Processor sets and pinned threads, and constants of the kernel that the C library's headers may lack.
#pragma once

#include <stdint.h>

/// Highest core number + 1 that a processor set can name.
#define PLATFORM_CORES_MAX 1024

// madvise(2): huge pages, and (since Linux 5.14) making pages present before they are used.
#define PLATFORM_MADV_HUGEPAGE 14
#define PLATFORM_MADV_POPULATE_READ 22
#define PLATFORM_MADV_POPULATE_WRITE 23

/// A processor set, of the same size and layout as the C library's cpu_set_t: core n is bit n % 64 of word n / 64.
struct platform_cpu_set {
    uint64_t words[PLATFORM_CORES_MAX / 64];
};

void platform_cpu_add(uint32_t core, struct platform_cpu_set *set);

int platform_cpu_contains(uint32_t core, const struct platform_cpu_set *set);

/// The processors that the calling thread may run on. Returns 0 or an errno value.
int platform_affinity_get(struct platform_cpu_set *set);

/// Confines the calling thread to `set`. Returns 0 or an errno value.
int platform_affinity_set(const struct platform_cpu_set *set);

/// The processor that the calling thread runs on at this moment.
int platform_current_core(void);

/// Starts a joinable thread that is confined to `set` before it runs its first instruction (null: wherever its
/// creator may run). `thread` receives a pthread_t. Returns 0 or an errno value: EINVAL when no processor of the set
/// exists.
int platform_thread_create(
    unsigned long *thread, const struct platform_cpu_set *set, void *(*body)(void *), void *argument);

/// Names the calling thread (the kernel takes at most 15 bytes). Returns 0 or an errno value.
int platform_thread_name(const char *name);

/// syncfs(2) of the file system that the descriptor is on. Returns 0, or -1 and errno.
int platform_sync_file_system(int descriptor);

/// CLOCK_REALTIME and CLOCK_MONOTONIC, in nanoseconds.
uint64_t platform_clock_realtime_nanoseconds(void);
uint64_t platform_clock_monotonic_nanoseconds(void);

/// A nonblocking, close-on-exec eventfd(2) with count 0, or -1 and errno.
int platform_eventfd(void);

/// Waits until a descriptor is readable (1), the time is over (0), or a signal came (-1).
int platform_wait_readable(int descriptor, uint64_t nanoseconds);
