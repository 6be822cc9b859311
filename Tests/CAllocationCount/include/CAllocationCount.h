// Counts heap allocations by thread. Test-only: it stands before the C library's own malloc in a test process.
#ifndef C_ALLOCATION_COUNT_H
#define C_ALLOCATION_COUNT_H

#include <stdint.h>

// Allocations (malloc, calloc, realloc, aligned_alloc, posix_memalign) that a thread has made since it began; -1 for a
// thread that has made none or is not known.
int64_t allocation_count_of_thread(int32_t thread);

// The size that the thread's last allocation asked for, to help finding it.
uint64_t allocation_last_size(int32_t thread);

// Whether allocations note who makes them: for finding one, since it makes each slow.
void allocation_trace(int32_t on);

// Prints who made the thread's last allocation to standard error.
void allocation_print_last_callers(int32_t thread);

// The calling thread, as the kernel numbers it.
int32_t allocation_current_thread(void);

// Makes an allocation and frees it, out of the optimiser's sight: what shows that counting works.
void allocation_count_probe(void);

#endif
