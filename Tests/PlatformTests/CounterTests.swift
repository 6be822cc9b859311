import Glibc
import Platform
import Testing

/// The counters file, written here and read through another mapping.
@Suite struct CounterTests {
    @Test func `what is written is read through another mapping, while it goes on`() throws {
        try withDirectory { path in
            var file = try CounterFile(path: "\(path)/counters", counters: 4, histograms: 2)
            let orders = try file.counter("orders accepted")
            let reader = try CounterReader(path: "\(path)/counters")
            check(reader.process == UInt32(getpid()))
            check(reader.counter("orders accepted") == 0)
            orders.add()
            orders.add(41)
            check(reader.counter("orders accepted") == 42)
            orders.set(7)
            #expect(orders.value == 7)
            check(reader.counter("orders accepted") == 7)
            // Added after the reader opened the file.
            let bytes = try file.counter("bytes")
            bytes.add(.max)
            check(reader.counters().map(\.name) == ["orders accepted", "bytes"])
            check(reader.counters().map(\.value) == [7, .max])
            check(reader.counter("unknown") == nil)
            check(reader.histograms().isEmpty)
        }
    }

    @Test func `percentiles of a known set are within a bucket`() throws {
        try withDirectory { path in
            var file = try CounterFile(path: "\(path)/counters", counters: 1, histograms: 1)
            let histogram = try file.histogram("arrival to verified, ns")
            let reader = try CounterReader(path: "\(path)/counters")
            let emptyRead = reader.histogram("arrival to verified, ns")
            let empty = try #require(emptyRead)
            #expect(empty.count == 0 && empty.percentile(perMillion: 500_000) == nil && empty.mean == nil)
            for value in UInt64(1)...100_000 { histogram.record(value) }
            let snapshotRead = reader.histogram("arrival to verified, ns")
            let snapshot = try #require(snapshotRead)
            #expect(snapshot.count == 100_000)
            #expect(snapshot.maximum == 100_000)
            #expect(snapshot.mean == 50_000)
            for perMillion in [UInt64(1), 500_000, 900_000, 990_000, 999_000, 1_000_000] {
                let exact = max(1, perMillion / 10)
                let found = try #require(snapshot.percentile(perMillion: perMillion))
                #expect(found >= exact && found <= exact + exact / 32 + 1)
            }
            histogram.record(5)
            let laterRead = reader.histogram("arrival to verified, ns")
            let later = try #require(laterRead)
            let since = later.since(snapshot)
            #expect(since.count == 1 && since.sum == 5 && since.percentile(perMillion: 1_000_000) == 5)
        }
    }

    @Test(arguments: [[.max], [1, .max], [1 << 45], [1 << 63, 1 << 63], [.max, 2]] as [[UInt64]])
    func `no count of a file ends who reads it`(_ counts: [UInt64]) throws {
        try withDirectory { path in
            var file = try CounterFile(path: "\(path)/counters", counters: 0, histograms: 1)
            _ = try file.histogram("times")
            var bytes = try File.readPrefix("\(path)/counters", limit: 1 << 20)
            for (index, count) in counts.enumerated() {
                let place = CounterLayout.headerSize + CounterLayout.histogramHeadSize + index * 8
                withUnsafeBytes(of: count.littleEndian) { bytes.replaceSubrange(place..<(place + 8), with: $0) }
            }
            try File.replace("\(path)/counters", with: bytes)
            let reader = try CounterReader(path: "\(path)/counters")
            let histograms = reader.histograms()
            let histogram = try #require(histograms.first)
            for perMillion in [UInt64(0), 1, 990_000, 1_000_000] {
                #expect((histogram.percentile(perMillion: perMillion) == nil) == (histogram.count == 0))
            }
        }
    }

    @Test func `every value lies in its bucket, and buckets follow one another`() {
        #expect(CounterLayout.bucket(of: 0) == 0)
        #expect(CounterLayout.bucket(of: .max) == CounterLayout.bucketsUsed - 1)
        #expect(CounterLayout.highestValue(ofBucket: CounterLayout.bucketsUsed - 1) == .max)
        for index in 0..<CounterLayout.bucketsUsed {
            let low = CounterLayout.lowestValue(ofBucket: index)
            let high = CounterLayout.highestValue(ofBucket: index)
            #expect(CounterLayout.bucket(of: low) == index)
            #expect(CounterLayout.bucket(of: high) == index)
            #expect(high - low <= low / 32)
            if index + 1 < CounterLayout.bucketsUsed {
                #expect(CounterLayout.lowestValue(ofBucket: index + 1) == high + 1)
            }
        }
    }

    @Test func `the bytes are those that the format says`() throws {
        try withDirectory { path in
            var file = try CounterFile(path: "\(path)/counters", counters: 2, histograms: 1)
            try file.counter("ab").set(0x0102_0304_0506_0708)
            try file.histogram("h").record(33)
            let bytes = try File.readPrefix("\(path)/counters", limit: 1 << 20)
            #expect(bytes.count == 64 + 2 * 64 + 16_512)
            #expect(Array(bytes[0..<8]) == Array("GLASSCNT".utf8))
            #expect(Array(bytes[8..<28]) == [1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0])
            #expect(Array(bytes[64..<120]) == Array("ab".utf8) + [UInt8](repeating: 0, count: 54))
            #expect(Array(bytes[120..<128]) == [8, 7, 6, 5, 4, 3, 2, 1])
            let histogram = 64 + 2 * 64
            #expect(bytes[histogram] == UInt8(ascii: "h"))
            #expect(bytes[histogram + 64] == 33 && bytes[histogram + 72] == 33)
            #expect(bytes[histogram + 128 + 33 * 8] == 1)
        }
    }

    @Test func `a new file takes the old one's name and leaves its readers what they have`() throws {
        try withDirectory { path in
            var old = try CounterFile(path: "\(path)/counters", counters: 1, histograms: 0)
            try old.counter("old").set(1)
            let reader = try CounterReader(path: "\(path)/counters")
            var new = try CounterFile(path: "\(path)/counters", counters: 1, histograms: 0)
            try new.counter("new").set(2)
            check(reader.counter("old") == 1)
            #expect(try CounterReader(path: "\(path)/counters").counter("new") == 2)
            #expect(try FileDirectory.names(path) == ["counters"])
        }
    }

    @Test func `names and places have limits`() throws {
        try withDirectory { path in
            var file = try CounterFile(path: "\(path)/counters", counters: 2, histograms: 0)
            _ = try file.counter(String(repeating: "n", count: 56))
            for name in ["", String(repeating: "n", count: 57), "a\0b", String(repeating: "n", count: 56)] {
                #expect(throws: PlatformError.self) { _ = try file.counter(name) }
            }
            _ = try file.counter("last")
            #expect(throws: PlatformError.invalidArgument("name \"more\": all 2 places are taken")) {
                _ = try file.counter("more")
            }
            #expect(throws: PlatformError.self) { _ = try file.histogram("none") }
            #expect(throws: PlatformError.self) { _ = try CounterFile(path: "\(path)/x", counters: 5000) }
        }
    }

    @Test func `what is no counters file is refused`() throws {
        try withDirectory { path in
            _ = try CounterFile(path: "\(path)/counters", counters: 1, histograms: 1)
            let good = try File.readPrefix("\(path)/counters", limit: 1 << 20)
            func refused(_ bytes: [UInt8]) throws -> Bool {
                let name = "\(path)/damaged"
                try File.remove(name)
                let file = try File.open(name, .createNew)
                #expect(write(file.raw, bytes, bytes.count) == bytes.count)
                do {
                    _ = try CounterReader(path: name)
                    return false
                } catch {
                    guard case .wrongFormat = error else { return false }
                    return true
                }
            }
            check(try !refused(good))
            check(try refused([]))
            check(try refused(Array(good.prefix(63))))
            check(try refused(Array(good.dropLast())))
            for (offset, byte) in [(0, UInt8(0)), (8, 2), (12, 9), (15, 255), (16, 9)] {
                var damaged = good
                damaged[offset] = byte
                check(try refused(damaged))
            }
        }
    }
}
