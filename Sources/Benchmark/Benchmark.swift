// Benchmark: see Benchmark.md.
