import Benchmark

@main
struct Main {
    static func main() { BenchmarkClient.main() }
}
