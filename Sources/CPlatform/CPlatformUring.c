// Before any header of the C library: it decides which of their names exist.
#define _GNU_SOURCE 1

#include "CPlatformUring.h"

#include <liburing.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>

_Static_assert(sizeof(struct platform_completion) == sizeof(struct io_uring_cqe), "completions have one layout");
_Static_assert(offsetof(struct platform_completion, result) == offsetof(struct io_uring_cqe, res), "");
_Static_assert(offsetof(struct platform_completion, flags) == offsetof(struct io_uring_cqe, flags), "");
_Static_assert(sizeof(struct platform_uring_buffer) == sizeof(struct io_uring_buf), "buffers have one layout");
_Static_assert(offsetof(struct platform_uring_buffer, size) == offsetof(struct io_uring_buf, len), "");
_Static_assert(offsetof(struct platform_uring_buffer, identifier) == offsetof(struct io_uring_buf, bid), "");
_Static_assert(offsetof(struct platform_uring_buffer, tail) == offsetof(struct io_uring_buf_ring, tail), "");
_Static_assert(PLATFORM_URING_SETUP_COOP_TASKRUN == IORING_SETUP_COOP_TASKRUN, "");
_Static_assert(PLATFORM_URING_SETUP_TASKRUN_FLAG == IORING_SETUP_TASKRUN_FLAG, "");
_Static_assert(PLATFORM_URING_SETUP_SINGLE_ISSUER == IORING_SETUP_SINGLE_ISSUER, "");
_Static_assert(PLATFORM_URING_SETUP_DEFER_TASKRUN == IORING_SETUP_DEFER_TASKRUN, "");
_Static_assert(PLATFORM_URING_SUBMISSION_OVERFLOW == IORING_SQ_CQ_OVERFLOW, "");
_Static_assert(PLATFORM_URING_SUBMISSION_TASKRUN == IORING_SQ_TASKRUN, "");
_Static_assert(PLATFORM_URING_COMPLETION_BUFFER == IORING_CQE_F_BUFFER, "");
_Static_assert(PLATFORM_URING_COMPLETION_MORE == IORING_CQE_F_MORE, "");
_Static_assert(PLATFORM_URING_COMPLETION_BUFFER_SHIFT == IORING_CQE_BUFFER_SHIFT, "");

enum { BUFFER_GROUP = 0 };

/// What `handle` points to: the library's ring, and one time per submission entry, so that a timeout's lives until the
/// kernel has read it.
struct handle {
    struct io_uring ring;
    struct __kernel_timespec times[];
};

static struct io_uring *library(struct platform_uring *ring) { return &((struct handle *)ring->handle)->ring; }

int platform_uring_create(struct platform_uring *ring, uint32_t entries, uint32_t completion_entries, uint32_t mode) {
    struct handle *handle = calloc(1, sizeof *handle + entries * sizeof handle->times[0]);
    if (handle == NULL)
        return -ENOMEM;
    // Disabled: the thread that enables it becomes its only issuer, not the one that makes it.
    struct io_uring_params parameters = {
        .flags = mode | IORING_SETUP_R_DISABLED | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE,
        .cq_entries = completion_entries};
    int error = io_uring_queue_init_params(entries, &handle->ring, &parameters);
    if (error != 0) {
        free(handle);
        return error;
    }
    struct io_uring_sq *submission = &handle->ring.sq;
    struct io_uring_cq *completion = &handle->ring.cq;
    *ring = (struct platform_uring){
        .handle = handle,
        .submission_head = submission->khead,
        .submission_tail = &submission->sqe_tail,
        .submission_flags = submission->kflags,
        .completion_head = completion->khead,
        .completion_tail = completion->ktail,
        .completions_lost = completion->koverflow,
        .completions = (const struct platform_completion *)completion->cqes,
        .completion_mask = completion->ring_mask};
    return 0;
}

void platform_uring_destroy(struct platform_uring *ring) {
    io_uring_queue_exit(library(ring));
    free(ring->handle);
    ring->handle = NULL;
}

int platform_uring_enable(struct platform_uring *ring) {
    // liburing 2.3 declares io_uring_enable_rings and does not export it.
    int error = io_uring_register((unsigned)library(ring)->ring_fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
    if (error != 0)
        return error;
    // Saves a descriptor look-up per enter; a kernel that has no room for it loses only that.
    (void)io_uring_register_ring_fd(library(ring));
    return 0;
}

int platform_uring_confine_workers(struct platform_uring *ring, const struct platform_cpu_set *set) {
    return io_uring_register_iowq_aff(library(ring), sizeof *set, (const cpu_set_t *)set);
}

struct platform_uring_buffer *platform_uring_map_buffers(struct platform_uring *ring, uint32_t entries, int *error) {
    size_t size = (size_t)entries * sizeof(struct io_uring_buf);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) {
        *error = -errno;
        return NULL;
    }
    struct io_uring_buf_reg registration = {
        .ring_addr = (uint64_t)(uintptr_t)memory, .ring_entries = entries, .bgid = BUFFER_GROUP};
    *error = io_uring_register_buf_ring(library(ring), &registration, 0);
    if (*error != 0) {
        munmap(memory, size);
        return NULL;
    }
    return memory;
}

void platform_uring_unmap_buffers(struct platform_uring_buffer *buffers, uint32_t entries) {
    munmap(buffers, (size_t)entries * sizeof(struct io_uring_buf));
}

int platform_uring_submit(struct platform_uring *ring) { return io_uring_submit(library(ring)); }

int platform_uring_submit_and_get_events(struct platform_uring *ring) {
    return io_uring_submit_and_get_events(library(ring));
}

int platform_uring_submit_and_wait(struct platform_uring *ring, uint64_t nanoseconds) {
    struct __kernel_timespec time = {
        .tv_sec = (long long)(nanoseconds / 1000000000u), .tv_nsec = (long long)(nanoseconds % 1000000000u)};
    struct io_uring_cqe *completion;
    return io_uring_submit_and_wait_timeout(library(ring), &completion, 1, &time, NULL);
}

int platform_uring_accept_multishot(struct platform_uring *ring, int fd, uint64_t data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(library(ring));
    if (entry == NULL)
        return 0;
    io_uring_prep_multishot_accept(entry, fd, NULL, NULL, SOCK_CLOEXEC);
    entry->user_data = data;
    return 1;
}

int platform_uring_receive_multishot(struct platform_uring *ring, int fd, uint64_t data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(library(ring));
    if (entry == NULL)
        return 0;
    io_uring_prep_recv_multishot(entry, fd, NULL, 0, 0);
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->buf_group = BUFFER_GROUP;
    entry->user_data = data;
    return 1;
}

int platform_uring_send(struct platform_uring *ring, int fd, const void *bytes, uint32_t count, uint64_t data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(library(ring));
    if (entry == NULL)
        return 0;
    // MSG_WAITALL has the kernel go on by itself after a partial send.
    io_uring_prep_send(entry, fd, bytes, count, MSG_NOSIGNAL | MSG_WAITALL);
    entry->user_data = data;
    return 1;
}

int platform_uring_send_message(struct platform_uring *ring, int fd, const void *msghdr, uint64_t data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(library(ring));
    if (entry == NULL)
        return 0;
    io_uring_prep_sendmsg(entry, fd, msghdr, MSG_NOSIGNAL | MSG_DONTWAIT);
    entry->user_data = data;
    return 1;
}

int platform_uring_data_sync(struct platform_uring *ring, int fd, uint64_t data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(library(ring));
    if (entry == NULL)
        return 0;
    io_uring_prep_fsync(entry, fd, IORING_FSYNC_DATASYNC);
    // Always on a kernel worker: inline it would stall the submitting thread for the disk's whole time.
    entry->flags |= IOSQE_ASYNC;
    entry->user_data = data;
    return 1;
}

int platform_uring_close(struct platform_uring *ring, int fd, uint64_t data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(library(ring));
    if (entry == NULL)
        return 0;
    io_uring_prep_close(entry, fd);
    entry->user_data = data;
    return 1;
}

int platform_uring_cancel(struct platform_uring *ring, uint64_t target, uint64_t data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(library(ring));
    if (entry == NULL)
        return 0;
    io_uring_prep_cancel64(entry, target, IORING_ASYNC_CANCEL_ALL);
    entry->user_data = data;
    return 1;
}

int platform_uring_timeout(struct platform_uring *ring, uint64_t nanoseconds, uint64_t data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(library(ring));
    if (entry == NULL)
        return 0;
    struct handle *handle = ring->handle;
    struct __kernel_timespec *time = &handle->times[entry - handle->ring.sq.sqes];
    time->tv_sec = (long long)(nanoseconds / 1000000000u);
    time->tv_nsec = (long long)(nanoseconds % 1000000000u);
    io_uring_prep_timeout(entry, time, 0, 0);
    entry->user_data = data;
    return 1;
}

int platform_uring_poll_readable_multishot(struct platform_uring *ring, int fd, uint64_t data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(library(ring));
    if (entry == NULL)
        return 0;
    io_uring_prep_poll_multishot(entry, fd, POLLIN);
    entry->user_data = data;
    return 1;
}

int platform_uring_no_operation(struct platform_uring *ring, uint64_t data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(library(ring));
    if (entry == NULL)
        return 0;
    io_uring_prep_nop(entry);
    entry->user_data = data;
    return 1;
}
