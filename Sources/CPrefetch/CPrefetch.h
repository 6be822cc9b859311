// The prefetch instructions, which Swift has no name for: see CPrefetch.md.
#pragma once

/// Brings the cache line of `address` near, to be read. Never faults, whatever the address.
static inline void prefetch_read(const void *address) { __builtin_prefetch(address, 0, 3); }

/// Brings the cache line of `address` near, to be written. Never faults, whatever the address.
static inline void prefetch_write(const void *address) { __builtin_prefetch(address, 1, 3); }
