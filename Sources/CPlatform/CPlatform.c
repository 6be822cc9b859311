// Before any header of the C library: it decides which of their names exist.
#define _GNU_SOURCE 1

#include "CPlatform.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(struct platform_cpu_set) == sizeof(cpu_set_t), "a set passes for the C library's");
_Static_assert(PLATFORM_CORES_MAX == CPU_SETSIZE, "and names as many cores");
_Static_assert(sizeof(pthread_t) == sizeof(unsigned long), "a thread's handle is one word");

void platform_cpu_add(uint32_t core, struct platform_cpu_set *set) {
    if (core < PLATFORM_CORES_MAX)
        set->words[core / 64] |= (uint64_t)1 << (core % 64);
}

int platform_cpu_contains(uint32_t core, const struct platform_cpu_set *set) {
    return core < PLATFORM_CORES_MAX && (set->words[core / 64] >> (core % 64) & 1) != 0;
}

int platform_affinity_get(struct platform_cpu_set *set) {
    return pthread_getaffinity_np(pthread_self(), sizeof *set, (cpu_set_t *)set);
}

int platform_affinity_set(const struct platform_cpu_set *set) {
    return pthread_setaffinity_np(pthread_self(), sizeof *set, (const cpu_set_t *)set);
}

int platform_current_core(void) { return sched_getcpu(); }

int platform_thread_create(
    unsigned long *thread, const struct platform_cpu_set *set, void *(*body)(void *), void *argument) {
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error != 0)
        return error;
    if (set != NULL)
        error = pthread_attr_setaffinity_np(&attributes, sizeof *set, (const cpu_set_t *)set);
    if (error == 0)
        error = pthread_create((pthread_t *)thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    return error;
}

int platform_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

int platform_sync_file_system(int descriptor) { return syncfs(descriptor); }

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t platform_clock_realtime_nanoseconds(void) { return nanoseconds(CLOCK_REALTIME); }

uint64_t platform_clock_monotonic_nanoseconds(void) { return nanoseconds(CLOCK_MONOTONIC); }

int platform_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int platform_wait_readable(int descriptor, uint64_t nanoseconds) {
    struct pollfd entry = {.fd = descriptor, .events = POLLIN};
    struct timespec time = {
        .tv_sec = (time_t)(nanoseconds / 1000000000u), .tv_nsec = (long)(nanoseconds % 1000000000u)};
    return ppoll(&entry, 1, &time, NULL);
}
