// LOBW, version 1: a neutral file of order commands that any matching engine can be run on. Little-endian.
//
// A file is one header and then its records, nothing between them. The fields are in their natural alignment, so the
// structures below have no padding.
#pragma once

#include <assert.h>
#include <stdint.h>

#define LOBW_MAGIC "LOBWKLD1"
#define LOBW_VERSION 1

enum {
    OP_NEW = 1,     // a limit order: trades with what it crosses, the rest of it rests
    OP_IOC = 2,     // immediate or cancel: trades with what it crosses, the rest of it is cancelled
    OP_CANCEL = 3,  // ends a resting order
    OP_REPLACE = 4, // cancel, and a new order under a new id: priority is lost
    OP_REDUCE = 5,  // takes quantity off a resting order: priority is kept
};

enum {
    SIDE_BUY = 0,
    SIDE_SELL = 1,
};

// Bit 0 of lobw_rec.flags: the id is known to rest no longer, the command must be rejected and change nothing.
#define LOBW_FLAG_DEAD 1u

// The header: 64 bytes.
typedef struct {
    char magic[8];      // LOBW_MAGIC without its NUL
    uint32_t version;   // LOBW_VERSION
    uint32_t n_instr;   // instruments are 0 .. n_instr - 1
    uint64_t n_cmds;    // records that follow
    uint64_t n_warm;    // the first of them, which only fill the books (OP_NEW that crosses nothing); not timed
    uint64_t max_id;    // ids are 1 .. max_id; new ids ascend in file order
    uint32_t price_min; // every price is in price_min .. price_max, in ticks
    uint32_t price_max;
    uint64_t seed; // what the file was generated from
    uint64_t reserved;
} lobw_hdr;

// One command: 32 bytes.
typedef struct {
    uint8_t op;
    uint8_t side;    // filled in for every command
    uint16_t instr;  // likewise
    uint32_t price;  // NEW, IOC: limit; REPLACE: new limit; else 0
    uint32_t qty;    // NEW, IOC: quantity; REPLACE: new open quantity; REDUCE: quantity to take off; CANCEL: 0
    uint32_t flags;  // LOBW_FLAG_DEAD
    uint64_t id;     // NEW, IOC: the new order's id; else the id of the order that the command is about
    uint64_t new_id; // REPLACE: the id of the replacement; else 0
} lobw_rec;

static_assert(sizeof(lobw_hdr) == 64, "a header is 64 bytes");
static_assert(sizeof(lobw_rec) == 32, "a record is 32 bytes");
