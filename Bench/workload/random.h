// xorshift128+: the same numbers on every machine, so that a seed names a file.
#pragma once

#include <stdint.h>

typedef struct {
    uint64_t state[2];
} randomness;

static inline uint64_t random_next(randomness *r) {
    uint64_t a = r->state[0];
    uint64_t b = r->state[1];
    r->state[0] = b;
    a ^= a << 23;
    r->state[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
    return r->state[1] + b;
}

static inline void random_start(randomness *r, uint64_t seed) {
    r->state[0] = seed * 0x9E3779B97F4A7C15ull + 1;
    r->state[1] = seed ^ 0xD1B54A32D192ED03ull;
    // The first numbers of similar seeds are similar.
    for (int i = 0; i < 20; i++) random_next(r);
}

// 0 .. bound - 1; 0 for a bound of 0.
static inline uint32_t random_below(randomness *r, uint32_t bound) {
    return (uint32_t)(((random_next(r) >> 32) * (uint64_t)bound) >> 32);
}

// 0 .. 1, without 1.
static inline double random_unit(randomness *r) { return (double)(random_next(r) >> 11) * (1.0 / 9007199254740992.0); }

// 0 or 1.
static inline uint8_t random_bit(randomness *r) { return (uint8_t)(random_next(r) >> 63); }
