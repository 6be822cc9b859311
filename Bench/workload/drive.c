// Runs an engine on a workload: throughput, latency by operation, peak memory, and whether all came out as expected.
//
// usage: drive [--summary] [--core N] FILE ENGINE.so [RUNS [COMMANDS]]
//
// Each run is a process of its own, pinned to a core (1 unless told otherwise): RUNS of them for the throughput, whose
// median counts, and one more that times each command, checks which are rejected, and whose latencies are printed.
// COMMANDS, if given and not 0, cuts the file off after so many timed ones; nothing is expected of it then. With
// --summary the last run is left out and the output is one line: the file's name, millions of commands a second
// (median), and OK or MISMATCH.
//
// Exit status: 0 all as expected, 1 not so or the engine failed, 2 usage, 3 the engine does not support the workload.

#define _GNU_SOURCE
#include "lobw_engine.h"
#include "outcome.h"
#include "timer.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS_MAX 64
#define NAME_MAX_BYTES 128
#define EXIT_UNSUPPORTED 3
#define OPERATIONS (OP_REDUCE + 1)

typedef struct {
    const lobw_hdr *header;
    const lobw_rec *records;
    uint64_t fill_count; // records before the timed ones
    uint64_t count;      // records to carry out
    bool is_cut;
} workload;

typedef struct {
    const char *(*name)(void);
    void *(*create)(const lobw_hdr *, lobw_trade_cb, void *);
    int32_t (*apply)(void *, const lobw_rec *);
    void (*l2)(void *, uint32_t, uint32_t, lobw_level_cb, void *);
    int32_t (*best)(void *, uint32_t, uint32_t, uint32_t *, uint64_t *);
    uint64_t (*depth_at)(void *, uint32_t, uint32_t, uint32_t);
    void (*destroy)(void *);
} engine_functions;

// What the runs' processes tell their parent, in memory that both see.
typedef struct {
    double seconds[RUNS_MAX];
    double peak_megabytes;
    bool reads_agree; // lobw_best and lobw_depth_at say what lobw_l2 says
    char line[OUTCOME_LINE_MAX];
    char engine_name[NAME_MAX_BYTES];
} report;

_Noreturn static void fail(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("drive: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(status);
}

// MARK: The file and the engine

static workload open_workload(const char *path, uint64_t commands_max) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) fail(1, "%s: %s", path, strerror(errno));
    struct stat status;
    if (fstat(file, &status) != 0) fail(1, "%s: %s", path, strerror(errno));
    size_t size = (size_t)status.st_size;
    if (size < sizeof(lobw_hdr)) fail(1, "%s is shorter than a header", path);
    const char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (bytes == MAP_FAILED) fail(1, "%s: %s", path, strerror(errno));
    close(file);

    const lobw_hdr *header = (const lobw_hdr *)bytes;
    if (memcmp(header->magic, LOBW_MAGIC, sizeof header->magic) != 0 || header->version != LOBW_VERSION) {
        fail(1, "%s is not a workload of version %d", path, LOBW_VERSION);
    }
    uint64_t records = (size - sizeof *header) / sizeof(lobw_rec);
    if (header->n_cmds > records || header->n_warm > header->n_cmds) {
        fail(1, "%s has %" PRIu64 " records and says %" PRIu64, path, records, header->n_cmds);
    }
    workload w = {
        .header = header,
        .records = (const lobw_rec *)(header + 1),
        .fill_count = header->n_warm,
        .count = header->n_cmds,
    };
    if (commands_max != 0 && commands_max < w.count - w.fill_count) {
        w.count = w.fill_count + commands_max;
        w.is_cut = true;
    }
    if (w.count == w.fill_count) fail(1, "%s has nothing to time", path);
    return w;
}

static void *symbol(void *library, const char *path, const char *name) {
    void *address = dlsym(library, name);
    if (address == NULL) fail(1, "%s does not export %s", path, name);
    return address;
}

static engine_functions open_engine(const char *path) {
    void *library = dlopen(path, RTLD_NOW);
    if (library == NULL) fail(1, "%s", dlerror());
    engine_functions e;
    *(void **)&e.name = symbol(library, path, "lobw_name");
    *(void **)&e.create = symbol(library, path, "lobw_create");
    *(void **)&e.apply = symbol(library, path, "lobw_apply");
    *(void **)&e.l2 = symbol(library, path, "lobw_l2");
    *(void **)&e.best = symbol(library, path, "lobw_best");
    *(void **)&e.depth_at = symbol(library, path, "lobw_depth_at");
    *(void **)&e.destroy = symbol(library, path, "lobw_destroy");
    return e;
}

// MARK: One run, in its own process

static void on_trade(
    void *context, uint32_t instrument, uint64_t maker, uint64_t taker, uint32_t price, uint32_t quantity) {
    outcome_trade(context, instrument, maker, taker, price, quantity);
}

// The side that is being read, for on_level.
typedef struct {
    const engine_functions *functions;
    void *engine;
    outcome *outcome;
    uint32_t instrument;
    uint32_t side;
    uint32_t best_price;
    uint64_t best_quantity;
    uint64_t level_count;
    bool reads_agree;
} side_reading;

static void on_level(void *context, uint32_t price, uint64_t quantity) {
    side_reading *r = context;
    if (quantity == 0) return;
    outcome_level(r->outcome, r->instrument, r->side, price, quantity);
    if (r->functions->depth_at(r->engine, r->instrument, r->side, price) != quantity) r->reads_agree = false;
    if (r->level_count == 0) {
        r->best_price = price;
        r->best_quantity = quantity;
    }
    r->level_count += 1;
}

// Adds the final book to the outcome; returns whether the engine's other two ways of reading it agree.
static bool read_book(const engine_functions *f, void *engine, const workload *w, outcome *o) {
    bool reads_agree = true;
    for (uint32_t instrument = 0; instrument < w->header->n_instr; instrument++) {
        for (uint32_t side = SIDE_BUY; side <= SIDE_SELL; side++) {
            side_reading r = {
                .functions = f, .engine = engine, .outcome = o, .instrument = instrument, .side = side,
                .reads_agree = true,
            };
            f->l2(engine, instrument, side, on_level, &r);
            uint32_t price = 0;
            uint64_t quantity = 0;
            bool has_best = f->best(engine, instrument, side, &price, &quantity) == 1;
            if (has_best != (r.level_count > 0)) r.reads_agree = false;
            if (has_best && (price != r.best_price || quantity != r.best_quantity)) r.reads_agree = false;
            reads_agree = reads_agree && r.reads_agree;
            if (instrument == 0) {
                o->best_price[side] = r.best_price;
                o->best_quantity[side] = r.best_quantity;
            }
        }
    }
    return reads_agree;
}

static void carry_out(const engine_functions *f, void *engine, const lobw_rec *record, const lobw_rec *end) {
    // A copy that the compiler knows no engine can change.
    int32_t (*const apply)(void *, const lobw_rec *) = f->apply;
    for (; record < end; record++) apply(engine, record);
}

static void *start_engine(const engine_functions *f, const workload *w, outcome *o) {
    outcome_start(o);
    void *engine = f->create(w->header, on_trade, o);
    if (engine == NULL) exit(EXIT_UNSUPPORTED);
    carry_out(f, engine, w->records, w->records + w->fill_count);
    return engine;
}

static void run_for_throughput(const char *engine_path, const workload *w, int run, report *shared) {
    engine_functions f = open_engine(engine_path);
    snprintf(shared->engine_name, sizeof shared->engine_name, "%s", f.name());
    outcome o;
    void *engine = start_engine(&f, w, &o);
    double start = timer_seconds();
    carry_out(&f, engine, w->records + w->fill_count, w->records + w->count);
    shared->seconds[run] = timer_seconds() - start;
    if (run == 0) {
        shared->reads_agree = read_book(&f, engine, w, &o);
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        shared->peak_megabytes = (double)usage.ru_maxrss / 1024.0;
        if (outcome_print(&o, shared->line, sizeof shared->line) != 0) fail(1, "the outcome's line is too long");
    }
    f.destroy(engine);
}

static int compare_u32(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

// The least that two readings of the timer differ by, in the median.
static uint64_t timer_floor(void) {
    uint32_t samples[2000];
    size_t count = sizeof samples / sizeof *samples;
    for (size_t i = 0; i < count; i++) {
        uint64_t start = timer_ticks();
        samples[i] = (uint32_t)(timer_ticks() - start);
    }
    qsort(samples, count, sizeof *samples, compare_u32);
    return samples[count / 2];
}

static void print_percentiles(const char *name, uint32_t *sorted, uint64_t count, double ticks_per_ns) {
    static const struct {
        const char *name;
        double share;
    } percentiles[] = {
        {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"p99.99", 0.9999}, {"max", 1},
    };
    qsort(sorted, count, sizeof *sorted, compare_u32);
    printf("    lat[ns] %-8s n=%-8" PRIu64, name, count);
    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++) {
        uint64_t index = (uint64_t)(percentiles[i].share * (double)(count - 1));
        printf(" %s=%.0f", percentiles[i].name, sorted[index] / ticks_per_ns);
    }
    putchar('\n');
}

static void run_for_latency(const char *engine_path, const workload *w) {
    static const char *const names[OPERATIONS] = {"all", "new", "ioc", "cancel", "replace", "reduce"};
    engine_functions f = open_engine(engine_path);
    uint64_t timed = w->count - w->fill_count;
    uint32_t *ticks = malloc(timed * sizeof *ticks);
    uint32_t *chosen = malloc(timed * sizeof *chosen);
    if (ticks == NULL || chosen == NULL) fail(1, "no memory for the latencies");
    double ticks_per_ns = timer_ticks_per_nanosecond();
    uint64_t least = timer_floor();
    outcome o;
    void *engine = start_engine(&f, w, &o);
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < timed; i++) {
        const lobw_rec *record = &w->records[w->fill_count + i];
        uint64_t start = timer_ticks();
        int32_t status = f.apply(engine, record);
        uint64_t taken = timer_ticks() - start;
        taken = taken > least ? taken - least : 0;
        ticks[i] = taken > UINT32_MAX ? UINT32_MAX : (uint32_t)taken;
        if (status != (int32_t)(record->flags & LOBW_FLAG_DEAD)) wrong += 1;
    }
    f.destroy(engine);
    for (int op = 0; op < OPERATIONS; op++) {
        uint64_t count = 0;
        for (uint64_t i = 0; i < timed; i++) {
            if (op == 0 || w->records[w->fill_count + i].op == op) chosen[count++] = ticks[i];
        }
        if (count > 0) print_percentiles(names[op], chosen, count, ticks_per_ns);
    }
    free(ticks);
    free(chosen);
    if (wrong > 0) fail(1, "%" PRIu64 " commands were accepted or rejected wrongly", wrong);
}

// MARK: All runs

// Carries out a run in a child process; returns its exit status.
static int run_in_child(const char *engine_path, const workload *w, int run, int runs, report *shared) {
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) fail(1, "fork: %s", strerror(errno));
    if (child == 0) {
        if (run < runs) {
            run_for_throughput(engine_path, w, run, shared);
        } else {
            run_for_latency(engine_path, w);
        }
        fflush(stdout);
        _exit(0);
    }
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) fail(1, "waitpid: %s", strerror(errno));
    }
    if (WIFSIGNALED(status)) fail(1, "the engine ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

// Whether the engine's line is the one of FILE.expect. A missing one is a failure: nothing would have been checked.
static bool is_as_expected(const char *path, const report *shared) {
    char name[4096];
    char expected[OUTCOME_LINE_MAX] = "";
    int length = snprintf(name, sizeof name, "%s.expect", path);
    if (length < 0 || (size_t)length >= sizeof name) fail(1, "the path is too long: %s", path);
    FILE *file = fopen(name, "r");
    if (file == NULL) fail(1, "%s: %s", name, strerror(errno));
    if (fgets(expected, sizeof expected, file) == NULL) fail(1, "%s is empty", name);
    fclose(file);
    expected[strcspn(expected, "\n")] = 0;
    if (strcmp(expected, shared->line) != 0) {
        printf("    got    %s\n    expect %s\n", shared->line, expected);
        return false;
    }
    if (!shared->reads_agree) puts("    lobw_best or lobw_depth_at does not say what lobw_l2 says");
    return shared->reads_agree;
}

static int compare_double(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static void print_throughput(
    const char *path, const workload *w, int runs, report *shared, const char *verdict, bool is_summary) {
    double timed = (double)(w->count - w->fill_count);
    qsort(shared->seconds, (size_t)runs, sizeof *shared->seconds, compare_double);
    double median = shared->seconds[runs / 2];
    if (is_summary) {
        printf("%s %.3f %s\n", last_part(path), timed / median / 1e6, verdict);
        return;
    }
    printf(
        "%-14s %-16s %8.3f Mops/s  %7.1f ns/op (min %.1f max %.1f, %d runs) rss %.0fMB  oracle=%s\n", last_part(path),
        shared->engine_name, timed / median / 1e6, median * 1e9 / timed, shared->seconds[0] * 1e9 / timed,
        shared->seconds[runs - 1] * 1e9 / timed, runs, shared->peak_megabytes, verdict);
}

static void pin(uint64_t core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) {
        fprintf(stderr, "drive: not pinned to core %" PRIu64 ": %s\n", core, strerror(errno));
    }
}

static uint64_t parse(const char *text, const char *name, uint64_t highest) {
    char *end;
    uint64_t value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != 0 || value > highest) {
        fail(2, "%s must be a number up to %" PRIu64 ", not '%s'", name, highest, text);
    }
    return value;
}

int main(int count, char **arguments) {
    bool is_summary = false;
    uint64_t core = 1;
    int first = 1;
    for (; first < count && strncmp(arguments[first], "--", 2) == 0; first++) {
        if (strcmp(arguments[first], "--summary") == 0) {
            is_summary = true;
        } else if (strcmp(arguments[first], "--core") == 0 && first + 1 < count) {
            first += 1;
            core = parse(arguments[first], "--core", CPU_SETSIZE - 1);
        } else {
            fail(2, "unknown option %s", arguments[first]);
        }
    }
    if (count - first < 2 || count - first > 4) {
        fail(2, "usage: drive [--summary] [--core N] FILE ENGINE.so [RUNS [COMMANDS]]");
    }
    const char *path = arguments[first];
    const char *engine_path = arguments[first + 1];
    int runs = count - first > 2 ? (int)parse(arguments[first + 2], "RUNS", RUNS_MAX) : 5;
    uint64_t commands_max = count - first > 3 ? parse(arguments[first + 3], "COMMANDS", UINT64_MAX) : 0;
    if (runs == 0) fail(2, "RUNS must be at least 1");

    workload w = open_workload(path, commands_max);
    pin(core);
    report *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) fail(1, "mmap: %s", strerror(errno));
    for (int run = 0; run < runs; run++) {
        int status = run_in_child(engine_path, &w, run, runs, shared);
        if (status == EXIT_UNSUPPORTED) fail(EXIT_UNSUPPORTED, "%s: workload not supported", engine_path);
        if (status != 0) return 1;
    }
    bool ok = w.is_cut || is_as_expected(path, shared);
    const char *verdict = w.is_cut ? "n/a(truncated)" : ok ? "OK" : "MISMATCH";
    print_throughput(path, &w, runs, shared, verdict, is_summary);
    if (!is_summary && run_in_child(engine_path, &w, runs, runs, shared) != 0) ok = false;
    return ok ? 0 : 1;
}
