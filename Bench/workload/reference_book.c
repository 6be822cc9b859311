#include "reference_book.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static void *allocate(uint64_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory == NULL) {
        fprintf(stderr, "generate: no memory for %" PRIu64 " times %zu bytes\n", count, size);
        exit(1);
    }
    return memory;
}

void market_start(market *m, uint32_t instruments, uint64_t orders_max) {
    m->books = allocate(instruments, sizeof(book));
    m->instruments = instruments;
    m->orders = allocate(orders_max, sizeof(order));
    m->orders_max = orders_max;
    m->live = allocate(orders_max, sizeof(uint32_t));
    m->live_count = 0;
    outcome_start(&m->outcome);
    for (uint32_t i = 0; i < instruments; i++) {
        book *b = &m->books[i];
        // One level more, so that the "none" of either side indexes an empty one.
        b->levels[SIDE_BUY] = allocate(PRICE_MAX + 2, sizeof(level));
        b->levels[SIDE_SELL] = allocate(PRICE_MAX + 2, sizeof(level));
        b->bid = 0;
        b->ask = PRICE_MAX + 1;
    }
}

void market_end(market *m) {
    for (uint32_t i = 0; i < m->instruments; i++) {
        free(m->books[i].levels[SIDE_BUY]);
        free(m->books[i].levels[SIDE_SELL]);
    }
    free(m->books);
    free(m->orders);
    free(m->live);
}

void market_remove(market *m, uint32_t id) {
    order *o = &m->orders[id];
    assert(o->is_live);
    book *b = &m->books[o->instrument];
    level *l = &b->levels[o->side][o->price];
    if (o->previous != 0) {
        m->orders[o->previous].next = o->next;
    } else {
        l->head = o->next;
    }
    if (o->next != 0) {
        m->orders[o->next].previous = o->previous;
    } else {
        l->tail = o->previous;
    }
    l->count -= 1;
    l->volume -= o->quantity;
    o->is_live = false;

    // The last one takes its place among those to draw from.
    m->live_count -= 1;
    uint32_t moved = m->live[m->live_count];
    m->live[o->live_position] = moved;
    m->orders[moved].live_position = o->live_position;

    if (l->count != 0) return;
    if (o->side == SIDE_BUY && b->bid == o->price) {
        while (b->bid >= PRICE_MIN && b->levels[SIDE_BUY][b->bid].count == 0) b->bid -= 1;
    }
    if (o->side == SIDE_SELL && b->ask == o->price) {
        while (b->ask <= PRICE_MAX && b->levels[SIDE_SELL][b->ask].count == 0) b->ask += 1;
    }
}

void market_rest(market *m, uint32_t id, uint16_t instrument, uint8_t side, uint32_t price, uint32_t quantity) {
    assert(id < m->orders_max && quantity > 0 && price >= PRICE_MIN && price <= PRICE_MAX);
    book *b = &m->books[instrument];
    level *l = &b->levels[side][price];
    m->orders[id] = (order){
        .previous = l->tail,
        .quantity = quantity,
        .price = price,
        .live_position = m->live_count,
        .instrument = instrument,
        .side = side,
        .is_live = true,
    };
    if (l->tail != 0) {
        m->orders[l->tail].next = id;
    } else {
        l->head = id;
    }
    l->tail = id;
    l->count += 1;
    l->volume += quantity;
    m->live[m->live_count] = id;
    m->live_count += 1;
    if (side == SIDE_BUY && price > b->bid) b->bid = price;
    if (side == SIDE_SELL && price < b->ask) b->ask = price;
}

void market_reduce(market *m, uint32_t id, uint32_t quantity) {
    order *o = &m->orders[id];
    assert(o->is_live && quantity < o->quantity);
    o->quantity -= quantity;
    m->books[o->instrument].levels[o->side][o->price].volume -= quantity;
}

// Whether an incoming order trades with the best of the other side.
static bool crosses(const book *b, uint8_t side, uint32_t price) {
    return side == SIDE_BUY ? b->ask <= price : b->bid >= price && b->bid != 0;
}

uint32_t market_match(
    market *m, uint32_t id, uint16_t instrument, uint8_t side, uint32_t price, uint32_t quantity) {
    book *b = &m->books[instrument];
    while (quantity > 0 && crosses(b, side, price)) {
        uint32_t best = side == SIDE_BUY ? b->ask : b->bid;
        uint32_t maker = b->levels[1 - side][best].head;
        uint32_t makers_quantity = m->orders[maker].quantity;
        uint32_t traded = makers_quantity < quantity ? makers_quantity : quantity;
        outcome_trade(&m->outcome, instrument, maker, id, best, traded);
        quantity -= traded;
        if (traded == makers_quantity) {
            market_remove(m, maker);
        } else {
            market_reduce(m, maker, traded);
        }
    }
    return quantity;
}

void market_finish(market *m) {
    for (uint32_t i = 0; i < m->instruments; i++) {
        const book *b = &m->books[i];
        for (uint32_t price = PRICE_MAX; price >= PRICE_MIN; price--) {
            const level *l = &b->levels[SIDE_BUY][price];
            if (l->count != 0) outcome_level(&m->outcome, i, SIDE_BUY, price, l->volume);
        }
        for (uint32_t price = PRICE_MIN; price <= PRICE_MAX; price++) {
            const level *l = &b->levels[SIDE_SELL][price];
            if (l->count != 0) outcome_level(&m->outcome, i, SIDE_SELL, price, l->volume);
        }
    }
    const book *first = &m->books[0];
    m->outcome.best_price[SIDE_BUY] = first->bid;
    m->outcome.best_quantity[SIDE_BUY] = first->levels[SIDE_BUY][first->bid].volume;
    m->outcome.best_price[SIDE_SELL] = first->ask;
    m->outcome.best_quantity[SIDE_SELL] = first->levels[SIDE_SELL][first->ask].volume;
}
