// liburing, and the inline functions around it that Swift cannot import (macros, unions, unnamed structs) or that
// liburing 2.3 lacks. They live here and not in CPlatform because <linux/io_uring.h> must be seen by one module only.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <liburing.h>
#include <stdint.h>
#include <sys/mman.h>

// Completion queue.

/// The oldest completion not yet consumed, or NULL. Never enters the kernel.
static inline const struct io_uring_cqe *uring_peek(const struct io_uring *ring) {
    unsigned head = *ring->cq.khead;
    if (head == io_uring_smp_load_acquire(ring->cq.ktail))
        return NULL;
    return &ring->cq.cqes[head & ring->cq.ring_mask];
}

/// Gives the oldest completion's place back to the kernel.
static inline void uring_seen(struct io_uring *ring) {
    io_uring_smp_store_release(ring->cq.khead, *ring->cq.khead + 1);
}

/// Whether completions wait inside the kernel: task work to run, or an overflown queue to flush.
static inline int uring_kernel_has_completions(const struct io_uring *ring) {
    return (IO_URING_READ_ONCE(*ring->sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
}

static inline int uring_completions_overflow(const struct io_uring *ring) {
    return (IO_URING_READ_ONCE(*ring->sq.kflags) & IORING_SQ_CQ_OVERFLOW) != 0;
}

/// Completions that the kernel could not even keep aside: lost for ever.
static inline uint32_t uring_completions_lost(const struct io_uring *ring) {
    return IO_URING_READ_ONCE(*ring->cq.koverflow);
}

/// Submission entries that were prepared and not yet taken by the kernel.
static inline uint32_t uring_unsubmitted(const struct io_uring *ring) {
    return ring->sq.sqe_tail - IO_URING_READ_ONCE(*ring->sq.khead);
}

static inline struct io_uring_sqe *uring_next_entry(struct io_uring *ring) { return io_uring_get_sqe(ring); }

// Submission entries. `data` comes back in the completion.

static inline void uring_prepare_accept_multishot(struct io_uring_sqe *sqe, int fd, uint64_t data) {
    io_uring_prep_multishot_accept(sqe, fd, NULL, NULL, SOCK_CLOEXEC);
    sqe->user_data = data;
}

static inline void uring_prepare_receive_multishot(struct io_uring_sqe *sqe, int fd, uint16_t group, uint64_t data) {
    io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = group;
    sqe->user_data = data;
}

static inline void uring_prepare_send(
    struct io_uring_sqe *sqe, int fd, const void *bytes, uint32_t count, uint64_t data) {
    io_uring_prep_send(sqe, fd, bytes, count, MSG_NOSIGNAL | MSG_WAITALL);
    sqe->user_data = data;
}

static inline void uring_prepare_send_message(
    struct io_uring_sqe *sqe, int fd, const struct msghdr *message, uint64_t data) {
    io_uring_prep_sendmsg(sqe, fd, message, MSG_NOSIGNAL);
    sqe->user_data = data;
}

static inline void uring_prepare_receive_message(
    struct io_uring_sqe *sqe, int fd, struct msghdr *message, uint64_t data) {
    io_uring_prep_recvmsg(sqe, fd, message, 0);
    sqe->user_data = data;
}

/// fdatasync, always on a kernel worker: inline it would stall the submitting thread for the disk's whole time.
static inline void uring_prepare_data_sync(struct io_uring_sqe *sqe, int fd, uint64_t data) {
    io_uring_prep_fsync(sqe, fd, IORING_FSYNC_DATASYNC);
    sqe->flags |= IOSQE_ASYNC;
    sqe->user_data = data;
}

static inline void uring_prepare_shutdown(struct io_uring_sqe *sqe, int fd, int how, uint64_t data) {
    io_uring_prep_shutdown(sqe, fd, how);
    sqe->user_data = data;
}

static inline void uring_prepare_close(struct io_uring_sqe *sqe, int fd, uint64_t data) {
    io_uring_prep_close(sqe, fd);
    sqe->user_data = data;
}

static inline void uring_prepare_cancel(struct io_uring_sqe *sqe, uint64_t target, uint64_t data) {
    io_uring_prep_cancel64(sqe, target, IORING_ASYNC_CANCEL_ALL);
    sqe->user_data = data;
}

static inline void uring_prepare_cancel_descriptor(struct io_uring_sqe *sqe, int fd, uint64_t data) {
    io_uring_prep_cancel_fd(sqe, fd, IORING_ASYNC_CANCEL_ALL);
    sqe->user_data = data;
}

static inline void uring_prepare_timeout(struct io_uring_sqe *sqe, struct __kernel_timespec *after, uint64_t data) {
    io_uring_prep_timeout(sqe, after, 0, 0);
    sqe->user_data = data;
}

static inline void uring_prepare_poll_multishot(struct io_uring_sqe *sqe, int fd, uint32_t events, uint64_t data) {
    io_uring_prep_poll_multishot(sqe, fd, events);
    sqe->user_data = data;
}

static inline void uring_prepare_nop(struct io_uring_sqe *sqe, uint64_t data) {
    io_uring_prep_nop(sqe);
    sqe->user_data = data;
}

/// Position of an entry in its queue, below the queue's size.
static inline uint32_t uring_entry_index(const struct io_uring *ring, const struct io_uring_sqe *sqe) {
    return (uint32_t)(sqe - ring->sq.sqes);
}

// Provided buffers: a ring of them, which the kernel takes receive buffers from.

/// Maps and registers a buffer ring (liburing 2.3 has no io_uring_setup_buf_ring). Returns NULL and stores a
/// negative errno value in `error` when refused. `entries` is a power of two, at most 32,768.
static inline struct io_uring_buf_ring *uring_setup_buffers(
    struct io_uring *ring, uint32_t entries, uint16_t group, int *error) {
    size_t size = (size_t)entries * sizeof(struct io_uring_buf);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) {
        *error = -errno;
        return NULL;
    }
    struct io_uring_buf_reg registration = {
        .ring_addr = (uint64_t)(uintptr_t)memory, .ring_entries = entries, .bgid = group};
    *error = io_uring_register_buf_ring(ring, &registration, 0);
    if (*error != 0) {
        munmap(memory, size);
        return NULL;
    }
    struct io_uring_buf_ring *buffers = (struct io_uring_buf_ring *)memory;
    io_uring_buf_ring_init(buffers);
    return buffers;
}

/// Unmaps a buffer ring. Only after the io_uring that it was registered with is gone.
static inline void uring_unmap_buffers(struct io_uring_buf_ring *buffers, uint32_t entries) {
    munmap(buffers, (size_t)entries * sizeof(struct io_uring_buf));
}

/// Gives one buffer to the kernel: visible to it at once.
static inline void uring_provide_buffer(
    struct io_uring_buf_ring *buffers, void *address, uint32_t size, uint16_t identifier, uint32_t mask) {
    io_uring_buf_ring_add(buffers, address, size, identifier, (int)mask, 0);
    io_uring_buf_ring_advance(buffers, 1);
}
