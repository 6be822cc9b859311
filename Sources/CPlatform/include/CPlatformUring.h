// io_uring, behind types of our own. Swift does not import <liburing.h> itself: its headers re-declare half of the C
// library, and in a module of their own they hide the Glibc module's names (SOCK_STREAM, timespec) from whoever
// imports both. What a spinning thread does each turn is inline here, over the shared memory; the rest is called.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "CPlatformSystem.h"

/// A completion, as the kernel writes it (struct io_uring_cqe).
struct platform_completion {
    uint64_t user_data;
    int32_t result;
    uint32_t flags;
};

/// A ring: the library's own state behind `handle`, and where the words are that the kernel shares with us.
struct platform_uring {
    void *handle;
    const uint32_t *submission_head;
    const uint32_t *submission_tail; // ours: entries prepared so far
    const uint32_t *submission_flags;
    uint32_t *completion_head;
    const uint32_t *completion_tail;
    const uint32_t *completions_lost;
    const struct platform_completion *completions;
    uint32_t completion_mask;
};

/// A provided receive buffer, as the kernel reads it (struct io_uring_buf); the ring's tail lies in the last two bytes
/// of the first one.
struct platform_uring_buffer {
    uint64_t address;
    uint32_t size;
    uint16_t identifier;
    uint16_t tail;
};

// Flags of the kernel's interface (the compiled part checks each against <liburing.h>).
#define PLATFORM_URING_SETUP_COOP_TASKRUN 0x100u
#define PLATFORM_URING_SETUP_TASKRUN_FLAG 0x200u
#define PLATFORM_URING_SETUP_SINGLE_ISSUER 0x1000u
#define PLATFORM_URING_SETUP_DEFER_TASKRUN 0x2000u
#define PLATFORM_URING_SUBMISSION_OVERFLOW 2u
#define PLATFORM_URING_SUBMISSION_TASKRUN 4u
#define PLATFORM_URING_COMPLETION_BUFFER 1u
#define PLATFORM_URING_COMPLETION_MORE 2u
#define PLATFORM_URING_COMPLETION_BUFFER_SHIFT 16

// Each returns 0 or a negated errno value unless it says otherwise.

/// Sets a ring up, disabled. `mode` is of the PLATFORM_URING_SETUP flags.
int platform_uring_create(struct platform_uring *ring, uint32_t entries, uint32_t completion_entries, uint32_t mode);

/// Ends a ring and frees what it holds.
void platform_uring_destroy(struct platform_uring *ring);

/// Enables a ring: the calling thread becomes the only one that may use it.
int platform_uring_enable(struct platform_uring *ring);

/// Confines the kernel workers of the calling thread's rings; after `platform_uring_enable`.
int platform_uring_confine_workers(struct platform_uring *ring, const struct platform_cpu_set *set);

/// Maps and registers a ring of provided buffers, of a power of two of entries. Null, and a negated errno value
/// in `error`, when refused. (liburing 2.3 has no io_uring_setup_buf_ring.)
struct platform_uring_buffer *platform_uring_map_buffers(struct platform_uring *ring, uint32_t entries, int *error);

/// Unmaps provided buffers; only after the ring is destroyed.
void platform_uring_unmap_buffers(struct platform_uring_buffer *buffers, uint32_t entries);

/// Hands prepared entries to the kernel; does not wait. Returns how many, or a negated errno value.
int platform_uring_submit(struct platform_uring *ring);

/// The same, and has the kernel post the completions that wait in it.
int platform_uring_submit_and_get_events(struct platform_uring *ring);

/// The same, and waits for a completion or until the time is over (-ETIME).
int platform_uring_submit_and_wait(struct platform_uring *ring, uint64_t nanoseconds);

// Prepare one entry each. Return 0 when the submission queue is full, otherwise 1.

int platform_uring_accept_multishot(struct platform_uring *ring, int fd, uint64_t data);
int platform_uring_receive_multishot(struct platform_uring *ring, int fd, uint64_t data);
int platform_uring_send(struct platform_uring *ring, int fd, const void *bytes, uint32_t count, uint64_t data);
int platform_uring_send_message(struct platform_uring *ring, int fd, const void *msghdr, uint64_t data);
int platform_uring_data_sync(struct platform_uring *ring, int fd, uint64_t data);
int platform_uring_close(struct platform_uring *ring, int fd, uint64_t data);
int platform_uring_cancel(struct platform_uring *ring, uint64_t target, uint64_t data);
int platform_uring_timeout(struct platform_uring *ring, uint64_t nanoseconds, uint64_t data);
int platform_uring_poll_readable_multishot(struct platform_uring *ring, int fd, uint64_t data);
int platform_uring_no_operation(struct platform_uring *ring, uint64_t data);

// The turn of a spinning thread.

/// The oldest completion not yet consumed, or null. Never enters the kernel.
static inline const struct platform_completion *platform_uring_peek(const struct platform_uring *ring) {
    uint32_t head = *ring->completion_head;
    if (head == __atomic_load_n(ring->completion_tail, __ATOMIC_ACQUIRE))
        return NULL;
    return &ring->completions[head & ring->completion_mask];
}

/// Gives the oldest completion's place back to the kernel.
static inline void platform_uring_seen(const struct platform_uring *ring) {
    __atomic_store_n(ring->completion_head, *ring->completion_head + 1, __ATOMIC_RELEASE);
}

/// Whether completions wait inside the kernel: work to run, or an overflown queue to flush.
static inline int platform_uring_has_kernel_work(const struct platform_uring *ring) {
    uint32_t flags = __atomic_load_n(ring->submission_flags, __ATOMIC_RELAXED);
    return (flags & (PLATFORM_URING_SUBMISSION_TASKRUN | PLATFORM_URING_SUBMISSION_OVERFLOW)) != 0;
}

/// Whether completions wait inside the kernel because the completion queue was full.
static inline int platform_uring_has_overflown(const struct platform_uring *ring) {
    return (__atomic_load_n(ring->submission_flags, __ATOMIC_RELAXED) & PLATFORM_URING_SUBMISSION_OVERFLOW) != 0;
}

/// Entries that were prepared and not yet taken by the kernel.
static inline uint32_t platform_uring_unsubmitted(const struct platform_uring *ring) {
    return *ring->submission_tail - __atomic_load_n(ring->submission_head, __ATOMIC_RELAXED);
}

/// Gives one receive buffer to the kernel: visible to it at once.
static inline void platform_uring_provide(
    struct platform_uring_buffer *buffers, void *address, uint32_t size, uint16_t identifier, uint32_t mask) {
    uint16_t tail = buffers->tail; // ours alone to write
    struct platform_uring_buffer *buffer = &buffers[tail & mask];
    buffer->address = (uint64_t)(uintptr_t)address;
    buffer->size = size;
    buffer->identifier = identifier;
    __atomic_store_n(&buffers->tail, (uint16_t)(tail + 1), __ATOMIC_RELEASE);
}
