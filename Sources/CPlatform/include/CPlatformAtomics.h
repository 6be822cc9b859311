// Ordered loads and stores through raw pointers: cursors, record heads and counters live in mapped memory that
// other threads and other processes read, where Synchronization.Atomic has no stored property to live in.
// Every pointer must be aligned to the size of its word.
#pragma once

#include <stdint.h>

static inline uint32_t platform_load_acquire_u32(const void *word) {
    return __atomic_load_n((const uint32_t *)word, __ATOMIC_ACQUIRE);
}

static inline uint64_t platform_load_acquire_u64(const void *word) {
    return __atomic_load_n((const uint64_t *)word, __ATOMIC_ACQUIRE);
}

static inline void platform_store_release_u32(void *word, uint32_t value) {
    __atomic_store_n((uint32_t *)word, value, __ATOMIC_RELEASE);
}

static inline void platform_store_release_u64(void *word, uint64_t value) {
    __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELEASE);
}

static inline uint32_t platform_load_relaxed_u32(const void *word) {
    return __atomic_load_n((const uint32_t *)word, __ATOMIC_RELAXED);
}

static inline uint64_t platform_load_relaxed_u64(const void *word) {
    return __atomic_load_n((const uint64_t *)word, __ATOMIC_RELAXED);
}

static inline void platform_store_relaxed_u32(void *word, uint32_t value) {
    __atomic_store_n((uint32_t *)word, value, __ATOMIC_RELAXED);
}

static inline void platform_store_relaxed_u64(void *word, uint64_t value) {
    __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELAXED);
}

/// Adds to a word that has one writer: two plain instructions, no locked one. A reader never sees a torn value.
static inline void platform_add_single_writer_u64(void *word, uint64_t value) {
    platform_store_relaxed_u64(word, platform_load_relaxed_u64(word) + value);
}

static inline uint32_t platform_exchange_u32(void *word, uint32_t value) {
    return __atomic_exchange_n((uint32_t *)word, value, __ATOMIC_SEQ_CST);
}

/// A full fence: what was stored before it is visible before anything after it is loaded.
static inline void platform_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
