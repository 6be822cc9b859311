// What a run of a workload must come to, and its one line of text: the generator writes it as FILE.expect, the driver
// makes the same line from what an engine did and compares.
#pragma once

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define OUTCOME_LINE_MAX 512
#define OUTCOME_HASH_START 1469598103934665603ull

typedef struct {
    uint64_t trades;
    uint64_t volume;     // sum of the trades' quantities
    uint64_t notional;   // sum of price times quantity, modulo 2^64
    uint64_t trade_hash; // over every trade in order: instrument, maker, taker, price, quantity
    uint64_t levels;     // occupied prices at the end
    uint64_t resting;    // quantity resting at the end
    uint64_t level_hash; // over every occupied price: instrument, side, price, quantity; bids first, each best first
    uint32_t best_price[2]; // of instrument 0, by side
    uint64_t best_quantity[2];
} outcome;

static inline uint64_t hash_mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * 1099511628211ull;
    return hash ^ (hash >> 29);
}

static inline void outcome_start(outcome *o) {
    *o = (outcome){.trade_hash = OUTCOME_HASH_START, .level_hash = OUTCOME_HASH_START};
}

static inline void outcome_trade(
    outcome *o, uint32_t instrument, uint64_t maker, uint64_t taker, uint32_t price, uint32_t quantity) {
    o->trades += 1;
    o->volume += quantity;
    o->notional += (uint64_t)price * quantity;
    uint64_t hash = hash_mix(o->trade_hash, instrument);
    hash = hash_mix(hash, maker);
    hash = hash_mix(hash, taker);
    hash = hash_mix(hash, price);
    o->trade_hash = hash_mix(hash, quantity);
}

static inline void outcome_level(outcome *o, uint32_t instrument, uint32_t side, uint32_t price, uint64_t quantity) {
    o->levels += 1;
    o->resting += quantity;
    uint64_t hash = hash_mix(o->level_hash, instrument);
    hash = hash_mix(hash, side);
    hash = hash_mix(hash, price);
    o->level_hash = hash_mix(hash, quantity);
}

// Writes the line, without a line feed. Returns 0, or -1 when it does not fit.
static inline int outcome_print(const outcome *o, char *line, size_t size) {
    int length = snprintf(
        line, size,
        "trades=%" PRIu64 " volume=%" PRIu64 " notional=%" PRIu64 " tradehash=%016" PRIx64 " levels=%" PRIu64
        " restqty=%" PRIu64 " l2hash=%016" PRIx64 " bid0=%" PRIu32 "/%" PRIu64 " ask0=%" PRIu32 "/%" PRIu64,
        o->trades, o->volume, o->notional, o->trade_hash, o->levels, o->resting, o->level_hash, o->best_price[0],
        o->best_quantity[0], o->best_price[1], o->best_quantity[1]);
    return length > 0 && (size_t)length < size ? 0 : -1;
}
