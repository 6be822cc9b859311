// Writes a workload and its expected outcome.
//
// usage: generate OUT INSTRUMENTS RESTING COMMANDS SEED [REDUCE_PERMILLE [SWING_PERMILLE]]
//
// RESTING orders fill the books first, then COMMANDS follow: about 45 % new orders, 40 % cancels, 10 % replaces (of
// which REDUCE_PERMILLE are reduces instead) and 5 % marketable orders. The number of resting orders stays near
// RESTING. Instruments are drawn with a heavy head, prices with a heavy tail around a middle that wanders by a tick,
// and, with SWING_PERMILLE, swings up and down by so much four times. About one command in a hundred names an order
// that may be gone.
//
// Every draw of a random number is part of the format: another order of draws is another file.

#include "lobw.h"
#include "random.h"
#include "reference_book.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INSTRUMENTS_MAX 65535u
#define RECORDS_MAX 1000000000ull // ids are 32 bits here
#define MIDDLE_LOWEST 2000
#define MIDDLE_HIGHEST 63000
#define PI 3.14159265358979
#define RECENT_COUNT 4096u // orders that half of the cancels are drawn from
#define MARKETABLE 8       // in place of an operation: a new or IOC order at the other side's best price

typedef struct {
    randomness random;
    market market;
    uint64_t resting;  // orders to keep resting
    uint64_t commands; // after the filling
    uint32_t reduce_permille;
    double swing;               // share of the middle price
    double distance_scale;      // ticks, of a passive order from the middle
    int *first_middle;          // by instrument
    double *cumulative_weight;  // by instrument, of being drawn
    uint32_t recent[RECENT_COUNT];
    uint32_t recent_count;
    uint32_t last_id;
    uint64_t operations[OP_REDUCE + 1]; // after the filling, by operation
    uint64_t dead;
} generator;

_Noreturn static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("generate: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static void *allocate(uint64_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory == NULL) fail("no memory for %" PRIu64 " times %zu bytes", count, size);
    return memory;
}

static uint64_t parse(const char *text, const char *name, uint64_t lowest, uint64_t highest) {
    char *end;
    uint64_t value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != 0 || value < lowest || value > highest) {
        fail("%s must be a number from %" PRIu64 " to %" PRIu64 ", not '%s'", name, lowest, highest, text);
    }
    return value;
}

// A quantity: half of them 100, some round, some odd.
static uint32_t draw_quantity(generator *g) {
    uint32_t draw = random_below(&g->random, 10);
    if (draw < 5) return 100;
    if (draw < 7) return 100 * (1 + random_below(&g->random, 10));
    return 1 + random_below(&g->random, 999);
}

static int clamp(int value, int lowest, int highest) {
    if (value < lowest) return lowest;
    return value > highest ? highest : value;
}

// A price that crosses nothing, at a distance from the middle that follows a power law.
static uint32_t draw_passive_price(generator *g, const book *b, uint8_t side) {
    double unit = random_unit(&g->random);
    int distance = (int)(g->distance_scale * (pow(1.0 - unit * 0.9999, -0.45) - 1.0));
    int price = side == SIDE_BUY ? b->middle - 1 - distance : b->middle + 1 + distance;
    if (side == SIDE_BUY && price >= (int)b->ask) price = (int)b->ask - 1;
    if (side == SIDE_SELL && price <= (int)b->bid) price = (int)b->bid + 1;
    return (uint32_t)clamp(price, PRICE_MIN, PRICE_MAX);
}

// Whether the side that an incoming order would trade with has orders, and its best price.
static bool best_opposite(const book *b, uint8_t side, uint32_t *price) {
    *price = side == SIDE_BUY ? b->ask : b->bid;
    return side == SIDE_BUY ? b->ask <= PRICE_MAX : b->bid > 0;
}

// A resting order, a recent one more often than not; 0 when nothing rests.
static uint32_t draw_resting(generator *g) {
    for (int attempt = 0; attempt < 4; attempt++) {
        if (random_below(&g->random, 100) >= 60) break;
        uint32_t id = g->recent[random_below(&g->random, RECENT_COUNT)];
        if (id != 0 && g->market.orders[id].is_live) return id;
    }
    if (g->market.live_count == 0) return 0;
    return g->market.live[random_below(&g->random, g->market.live_count)];
}

static uint16_t draw_instrument(generator *g) {
    uint32_t low = 0;
    uint32_t high = g->market.instruments - 1;
    double weight = random_unit(&g->random) * g->cumulative_weight[high];
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (g->cumulative_weight[middle] < weight) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (uint16_t)low;
}

static void note_recent(generator *g, uint32_t id) {
    g->recent[g->recent_count % RECENT_COUNT] = id;
    g->recent_count += 1;
}

// Lets an incoming order trade, and rests what is left of it.
static void enter(generator *g, const lobw_rec *record, uint32_t id, bool rests) {
    uint32_t left =
        market_match(&g->market, id, record->instr, record->side, record->price, record->qty);
    if (left > 0 && rests) market_rest(&g->market, id, record->instr, record->side, record->price, left);
}

static void make_new(generator *g, lobw_rec *record) {
    record->op = OP_NEW;
    record->id = ++g->last_id;
    record->price = draw_passive_price(g, &g->market.books[record->instr], record->side);
    record->qty = draw_quantity(g);
    enter(g, record, g->last_id, true);
    note_recent(g, g->last_id);
}

static void make_marketable(generator *g, lobw_rec *record) {
    const book *b = &g->market.books[record->instr];
    uint32_t best;
    bool has_best = best_opposite(b, record->side, &best);
    record->op = random_below(&g->random, 10) < 6 ? OP_IOC : OP_NEW;
    record->id = ++g->last_id;
    record->qty = draw_quantity(g);
    if (random_below(&g->random, 8) == 0) record->qty *= 10;
    int price = b->middle;
    if (has_best) {
        int beyond = (int)random_below(&g->random, 3);
        price = record->side == SIDE_BUY ? (int)best + beyond : (int)best - beyond;
    }
    record->price = (uint32_t)clamp(price, PRICE_MIN, PRICE_MAX);
    enter(g, record, g->last_id, record->op == OP_NEW);
}

// A command about an order that is gone: nothing may come of it.
static void make_dead(generator *g, lobw_rec *record) {
    record->flags = LOBW_FLAG_DEAD;
    g->dead += 1;
    if (record->op == OP_REPLACE) {
        record->new_id = ++g->last_id;
        record->price = (uint32_t)g->market.books[record->instr].middle;
        record->qty = 100;
    }
    if (record->op == OP_REDUCE) record->qty = 1;
}

static void make_replace(generator *g, lobw_rec *record) {
    uint32_t old_quantity = g->market.orders[record->id].quantity;
    const book *b = &g->market.books[record->instr];
    record->new_id = ++g->last_id;
    market_remove(&g->market, (uint32_t)record->id);
    record->qty = random_below(&g->random, 2) != 0 ? old_quantity : draw_quantity(g);
    uint32_t best;
    if (random_below(&g->random, 20) == 0 && best_opposite(b, record->side, &best)) {
        record->price = best;
    } else {
        record->price = draw_passive_price(g, b, record->side);
    }
    enter(g, record, g->last_id, true);
    note_recent(g, g->last_id);
}

// Cancel, replace or reduce.
static void make_about_order(generator *g, lobw_rec *record, uint8_t op) {
    uint32_t id = 0;
    if (random_below(&g->random, 100) < 2 && g->last_id > 0) id = 1 + random_below(&g->random, g->last_id);
    if (id == 0) id = draw_resting(g);
    if (id == 0) id = 1 + random_below(&g->random, g->last_id);
    const order *o = &g->market.orders[id];
    record->id = id;
    record->op = op;
    record->side = o->side;
    record->instr = o->instrument;
    if (!o->is_live) {
        make_dead(g, record);
    } else if (op == OP_CANCEL || (op == OP_REDUCE && o->quantity < 2)) {
        record->op = OP_CANCEL;
        market_remove(&g->market, id);
    } else if (op == OP_REDUCE) {
        record->qty = 1 + random_below(&g->random, o->quantity - 1);
        market_reduce(&g->market, id, record->qty);
    } else {
        make_replace(g, record);
    }
}

static uint8_t draw_operation(generator *g) {
    uint32_t draw = random_below(&g->random, 1000);
    uint64_t resting = g->market.live_count;
    uint8_t op = MARKETABLE;
    if (draw < 450) {
        op = OP_NEW;
    } else if (draw < 850) {
        op = OP_CANCEL;
    } else if (draw < 950 - g->reduce_permille) {
        op = OP_REPLACE;
    } else if (draw < 950) {
        op = OP_REDUCE;
    }
    // Twenty to a side of the wanted number, or a twentieth of it.
    if (op == OP_NEW && resting > g->resting + g->resting / 20 + 20) return OP_CANCEL;
    if (op == OP_CANCEL && resting < g->resting - g->resting / 20) return OP_NEW;
    return op;
}

static void move_middle(generator *g, uint16_t instrument, uint64_t command) {
    book *b = &g->market.books[instrument];
    if (g->swing > 0) {
        double phase = 8 * PI * (double)command / (double)g->commands;
        b->middle = (int)(g->first_middle[instrument] * (1 + g->swing * sin(phase)));
    }
    if (random_below(&g->random, 100) == 0) {
        b->middle = clamp(b->middle + (random_bit(&g->random) != 0 ? 1 : -1), MIDDLE_LOWEST, MIDDLE_HIGHEST);
    }
}

static void make_record(generator *g, uint64_t index, lobw_rec *record) {
    bool fills = index < g->resting;
    uint32_t instruments = g->market.instruments;
    *record = (lobw_rec){0};
    if (instruments > 1) record->instr = fills ? (uint16_t)(index % instruments) : draw_instrument(g);
    if (!fills) move_middle(g, record->instr, index - g->resting);
    uint8_t op;
    if (fills) {
        random_next(&g->random); // where a timed command draws its operation
        op = OP_NEW;
    } else {
        op = draw_operation(g);
    }
    record->side = random_bit(&g->random);
    if (op == OP_NEW) {
        make_new(g, record);
    } else if (op == MARKETABLE) {
        make_marketable(g, record);
    } else {
        make_about_order(g, record, op);
    }
    if (!fills) g->operations[record->op] += 1;
}

static void start(generator *g, uint32_t instruments, uint64_t seed) {
    random_start(&g->random, seed);
    market_start(&g->market, instruments, g->resting + 2 * g->commands + 16);
    g->first_middle = allocate(instruments, sizeof(int));
    g->cumulative_weight = allocate(instruments, sizeof(double));
    double sum = 0;
    for (uint32_t i = 0; i < instruments; i++) {
        int middle = 20000 + (int)random_below(&g->random, 20000);
        if (g->swing > 0 && middle * (1 + g->swing) > MIDDLE_HIGHEST) middle = (int)(MIDDLE_HIGHEST / (1 + g->swing));
        g->market.books[i].middle = middle;
        g->first_middle[i] = middle;
        sum += 1.0 / pow(i + 1, 0.8);
        g->cumulative_weight[i] = sum;
    }
    // Deeper books are wider.
    uint64_t depth = g->resting / instruments;
    g->distance_scale = depth > 100000 ? 400.0 : depth > 5000 ? 60.0 : 15.0;
}

static void write_records(generator *g, const char *path, uint64_t seed) {
    FILE *file = fopen(path, "wb");
    if (file == NULL) fail("cannot write %s", path);
    static char buffer[1 << 20];
    setvbuf(file, buffer, _IOFBF, sizeof buffer);
    lobw_hdr header = {
        .version = LOBW_VERSION,
        .n_instr = g->market.instruments,
        .n_cmds = g->resting + g->commands,
        .n_warm = g->resting,
        .price_min = PRICE_MIN,
        .price_max = PRICE_MAX,
        .seed = seed,
    };
    memcpy(header.magic, LOBW_MAGIC, sizeof header.magic);
    bool ok = fwrite(&header, sizeof header, 1, file) == 1;
    for (uint64_t index = 0; index < header.n_cmds && ok; index++) {
        lobw_rec record;
        make_record(g, index, &record);
        ok = fwrite(&record, sizeof record, 1, file) == 1;
    }
    // The highest id is known now.
    header.max_id = g->last_id;
    ok = ok && fseek(file, 0, SEEK_SET) == 0 && fwrite(&header, sizeof header, 1, file) == 1;
    if (fclose(file) != 0 || !ok) fail("cannot write all of %s", path);
}

static void write_expectation(generator *g, const char *path) {
    char line[OUTCOME_LINE_MAX];
    char name[4096];
    int length = snprintf(name, sizeof name, "%s.expect", path);
    if (length < 0 || (size_t)length >= sizeof name) fail("the path is too long: %s", path);
    market_finish(&g->market);
    if (outcome_print(&g->market.outcome, line, sizeof line) != 0) fail("the outcome's line is too long");
    FILE *file = fopen(name, "w");
    if (file == NULL) fail("cannot write %s", name);
    bool ok = fprintf(file, "%s\n", line) > 0;
    if (fclose(file) != 0 || !ok) fail("cannot write all of %s", name);
    printf("%s %s\n", path, line);
}

int main(int count, char **arguments) {
    if (count < 6 || count > 8) {
        fputs("usage: generate OUT INSTRUMENTS RESTING COMMANDS SEED [REDUCE_PERMILLE [SWING_PERMILLE]]\n", stderr);
        return 2;
    }
    const char *path = arguments[1];
    uint32_t instruments = (uint32_t)parse(arguments[2], "INSTRUMENTS", 1, INSTRUMENTS_MAX);
    static generator g;
    g.resting = parse(arguments[3], "RESTING", 1, RECORDS_MAX);
    g.commands = parse(arguments[4], "COMMANDS", 1, RECORDS_MAX);
    uint64_t seed = parse(arguments[5], "SEED", 0, UINT64_MAX);
    g.reduce_permille = count > 6 ? (uint32_t)parse(arguments[6], "REDUCE_PERMILLE", 0, 100) : 0;
    g.swing = count > 7 ? (double)parse(arguments[7], "SWING_PERMILLE", 0, 900) / 1000.0 : 0;

    start(&g, instruments, seed);
    write_records(&g, path, seed);
    double percent = 100.0 / (double)g.commands;
    fprintf(
        stderr,
        "%s: %" PRIu64 " commands, %" PRIu64 " of them to fill; %u resting at the end; new %.1f%% IOC %.1f%% cancel "
        "%.1f%% replace %.1f%% reduce %.1f%%; about gone orders %.2f%%\n",
        path, g.resting + g.commands, g.resting, g.market.live_count, percent * (double)g.operations[OP_NEW],
        percent * (double)g.operations[OP_IOC], percent * (double)g.operations[OP_CANCEL],
        percent * (double)g.operations[OP_REPLACE], percent * (double)g.operations[OP_REDUCE],
        percent * (double)g.dead);
    write_expectation(&g, path);
    market_end(&g.market);
    free(g.first_middle);
    free(g.cumulative_weight);
    return 0;
}
