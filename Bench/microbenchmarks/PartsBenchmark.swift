import ArgumentParser
import Journal
import Platform

/// What the parts of the hot path cost, each alone.
struct PartsBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parts", abstract: "Codec, signature check, hash, ring, stamps and journal: nanoseconds each.")

    @Option(help: "Runs of each; the median counts.")
    var runs = 9
    @Option(help: "The core to be pinned to.")
    var core: UInt32?
    @Option(help: "A directory that does not exist, on the file system to be measured; it is removed in the end.")
    var directory = "/tmp/glassbook-append"
    @Flag(help: "A list of {name, value, unit, bar, holds}.")
    var json = false

    func run() throws {
        if let core { try CPUSet([core]).confineCurrentThread() }
        let codec = CodecBenchmark(), signature = SignatureBenchmark()
        var figures = [
            Figure(name: "codec_encode_new_order", value: median(runs) { codec.encode() }, unit: "ns"),
            Figure(name: "codec_decode_new_order", value: median(runs) { codec.decode() }, unit: "ns"),
            Figure(name: "codec_read_effects", value: median(runs) { codec.readEffects() }, unit: "ns an effect"),
            Figure(name: "verify", value: median(runs) { signature.verify() }, unit: "ns"),
            Figure(name: "blake2b_256", value: median(runs) { HashBenchmark.own() }, unit: "ns"),
            Figure(name: "blake2b_256_libsodium", value: median(runs) { HashBenchmark.libsodium() }, unit: "ns"),
            Figure(name: "ring_hop", value: try median(runs) { try RingBenchmark.hop(batch: 1) }, unit: "ns a stage"),
            Figure(
                name: "ring_hop_batch_16", value: try median(runs) { try RingBenchmark.hop(batch: 16) },
                unit: "ns a stage"),
            Figure(
                name: "stamp_and_histogram", value: try median(runs) { try StampBenchmark.stage(directory: directory) },
                unit: "ns a stage", bar: .atMost(20)),
        ]
        figures.append(
            Figure(name: "append_256_hashed", value: try append(hashing: true), unit: "ns", bar: .atMost(400)))
        figures.append(
            Figure(name: "append_256_unhashed", value: try append(hashing: false), unit: "ns", bar: .atMost(40)))
        Figure.show(figures, json: json)
    }

    /// A record of 256 bytes, in a new journal each run.
    private func append(hashing: Bool) throws -> Double {
        try median(runs) {
            let scratch = try ScratchDirectory(directory)
            return try AppendMeasurement.nanosecondsPerRecord(
                directory: scratch.path, recordBytes: 256, count: 50_000, hashing: hashing)
        }
    }
}

/// Nanoseconds of one of `count` repetitions.
func nanosecondsEach(_ count: Int, _ body: (Int) -> Void) -> Double {
    let start = SystemClock.monotonicNanoseconds()
    for index in 0..<count { body(index) }
    return Double(SystemClock.monotonicNanoseconds() - start) / Double(count)
}
