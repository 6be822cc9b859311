import Foundation
import Logging
import Program
import Testing

/// What a program does with its signals, in processes of their own.
@Suite struct ProgramTests {
    @Test func aMappedFileThatIsCutEndsTheProcessWithItsWordsAndStatus() async throws {
        let end = await #expect(processExitsWith: .exitCode(7), observing: [\.standardErrorContent]) {
            TruncationSignal.handle("the file was cut\n", status: 7)
            let path = FileManager.default.temporaryDirectory.path + "/glassbook-cut-" + UUID().uuidString
            try Data(count: 8192).write(to: URL(fileURLWithPath: path))
            let file = open(path, O_RDWR)
            unlink(path)
            let base = mmap(nil, 8192, PROT_READ, MAP_SHARED, file, 0)!
            guard base.load(fromByteOffset: 4096, as: UInt8.self) == 0, ftruncate(file, 0) == 0 else { exit(1) }
            exit(Int32(base.load(fromByteOffset: 4096, as: UInt8.self)))
        }
        let text = String(decoding: try #require(end).standardErrorContent, as: UTF8.self)
        #expect(text.hasSuffix("the file was cut\n"), "\(text)")
    }

    @Test func signalsAreTakenByWhoeverWaitsAndABrokenPipeIsAnError() async {
        await #expect(processExitsWith: .success) {
            let signals = EndSignals()
            for (signal, name) in [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")] {
                guard pthread_kill(pthread_self(), signal) == 0, signals.wait() == name else { exit(1) }
            }
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0, close(ends[0]) == 0 else { exit(2) }
            exit(write(ends[1], "a", 1) == -1 && errno == EPIPE ? 0 : 3)
        }
    }

    @Test func aLogLineHasTimeLevelAndMessage() async throws {
        let end = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            let log = StandardErrorLog.logger("test", level: "warning")
            log.info("not this")
            log.warning("this")
            exit(0)
        }
        let text = String(decoding: try #require(end).standardErrorContent, as: UTF8.self)
        #expect(text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ warning this\n/) != nil, "\(text)")
    }
}
