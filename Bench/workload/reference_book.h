// The generator's own book: a list of orders at every price, nothing clever. It says what must happen, so that the
// generator can name orders that rest and write the expected outcome.
#pragma once

#include "lobw.h"
#include "outcome.h"

#include <stdbool.h>
#include <stdint.h>

#define PRICE_MIN 1u
#define PRICE_MAX 65534u

typedef struct {
    uint32_t next; // the order behind it at its price; 0 none
    uint32_t previous;
    uint32_t quantity;
    uint32_t price;
    uint32_t live_position; // in `live`
    uint16_t instrument;
    uint8_t side;
    bool is_live;
} order;

typedef struct {
    uint32_t head;
    uint32_t tail;
    uint32_t count;
    uint64_t volume;
} level;

typedef struct {
    level *levels[2]; // by side, then by price
    uint32_t bid;     // best price to buy; 0 when there is none
    uint32_t ask;     // best price to sell; PRICE_MAX + 1 when there is none
    int middle;       // around which the generator places prices
} book;

typedef struct {
    book *books;
    uint32_t instruments;
    order *orders; // by id
    uint64_t orders_max;
    uint32_t *live; // ids of resting orders, in no order, to draw one from
    uint32_t live_count;
    outcome outcome;
} market;

// Allocates, or says why not and exits.
void market_start(market *m, uint32_t instruments, uint64_t orders_max);

void market_end(market *m);

// Trades an incoming order with what it crosses; returns what is left of its quantity.
uint32_t market_match(
    market *m, uint32_t id, uint16_t instrument, uint8_t side, uint32_t price, uint32_t quantity);

void market_rest(market *m, uint32_t id, uint16_t instrument, uint8_t side, uint32_t price, uint32_t quantity);

// Takes a resting order out.
void market_remove(market *m, uint32_t id);

// Takes less than all of a resting order's quantity off it.
void market_reduce(market *m, uint32_t id, uint32_t quantity);

// Adds the resting orders to the outcome.
void market_finish(market *m);
