// The C ABI that a matching engine exports from a shared object, so that one driver runs any engine.
#pragma once

#include "lobw.h"

#ifdef __cplusplus
extern "C" {
#endif

// One trade. maker: the resting order's id; taker: the incoming order's id; price: the maker's; qty: what was traded.
typedef void (*lobw_trade_cb)(
    void *context, uint32_t instr, uint64_t maker, uint64_t taker, uint32_t price, uint32_t qty);

// One price at which orders rest, and their quantity.
typedef void (*lobw_level_cb)(void *context, uint32_t price, uint64_t qty);

// The engine's name.
const char *lobw_name(void);

// An engine for the workload, or NULL when it does not support it.
void *lobw_create(const lobw_hdr *header, lobw_trade_cb on_trade, void *context);

// Carries out exactly one command before it returns, having read nothing but that record.
// 0: accepted; 1: rejected (the order it names does not rest), nothing has changed.
int32_t lobw_apply(void *engine, const lobw_rec *record);

// Tells every price at which orders of a side rest, the best first.
void lobw_l2(void *engine, uint32_t instr, uint32_t side, lobw_level_cb on_level, void *context);

// 1 and the best price and the quantity there, or 0 when the side is empty.
int32_t lobw_best(void *engine, uint32_t instr, uint32_t side, uint32_t *price, uint64_t *qty);

// The quantity resting at one price.
uint64_t lobw_depth_at(void *engine, uint32_t instr, uint32_t side, uint32_t price);

void lobw_destroy(void *engine);

#ifdef __cplusplus
}
#endif
