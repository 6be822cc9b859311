import Foundation
import Testing
import Wire

@testable import Node

/// A directory that goes with the test.
private final class Directory {
    let path = FileManager.default.temporaryDirectory.path + "/glassbook-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
    }
}

private func message(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        encode(UnsafeMutableRawPointer(buffer.baseAddress!))
        count = size
    }
}

private let genesis = message(GenesisMessage.size) {
    GenesisMessage.encode(
        at: $0, random: Bytes32(1, 2, 3, 4), operatorKey: .zero, logKey: .zero, receiptKey: .zero, settlementKey: .zero,
        time: 5, promiseSeconds: 60, rulesVersion: 1, venueName: FixedText.four("GLAS")!, accountsMax: 16, keySlots: 2,
        assetsMax: 1, instrumentsMax: 1, ordersMax: 1024, levelsMax: 1, referencesMax: 1024, openOrdersMax: 1)
}

/// A frame of an operator's command; what is in it is not looked at here.
private func frame(_ bytes: Int) -> [UInt8] {
    message(FrameHeader.size) { FrameHeader.encode(at: $0, contentBytes: bytes) } + [UInt8](repeating: 7, count: bytes)
}

@Suite struct GenesisFileTests {
    @Test func readsWhatWasWritten() throws {
        let directory = try Directory()
        try directory.write(genesis, "genesis")
        #expect(try GenesisFile.read(directory.path) == genesis)
    }

    @Test func theVenueIdIsTheHashOfTheBody() {
        let id = genesis.withUnsafeBytes { GenesisFile.venueId($0.baseAddress!) }
        var header = genesis
        header[7] ^= 1
        #expect(
            header.withUnsafeBytes { GenesisFile.venueId($0.baseAddress!) } == id, "the SBE header is no part of it")
        var body = genesis
        body[8] ^= 1
        #expect(body.withUnsafeBytes { GenesisFile.venueId($0.baseAddress!) } != id)
    }

    @Test func refusesWhatIsNoGenesis() throws {
        let directory = try Directory()
        #expect(throws: NodeError.self) { try GenesisFile.read(directory.path) }
        try directory.write(Array(genesis.dropLast()), "genesis")
        #expect(throws: NodeError.self) { try GenesisFile.read(directory.path) }
        var other = genesis
        other[2] = 2
        try directory.write(other, "genesis")
        #expect(throws: NodeError.self) { try GenesisFile.read(directory.path) }
    }

    @Test func takesCommandsFrameByFrame() throws {
        let directory = try Directory()
        #expect(try GenesisFile.commands(directory.path).isEmpty, "no file, no commands")
        try directory.write(frame(100) + frame(200), "operator.commands")
        #expect(try GenesisFile.commands(directory.path).map(\.count) == [100, 200])
    }

    @Test(arguments: [1, 5, 6, 105, 106, 111, 205]) func refusesAFileThatEndsInAFrame(_ kept: Int) throws {
        let directory = try Directory()
        try directory.write(Array((frame(100) + frame(100)).prefix(kept)), "operator.commands")
        if kept == 106 {
            #expect(try GenesisFile.commands(directory.path).count == 1)
        } else {
            #expect(throws: NodeError.self) { try GenesisFile.commands(directory.path) }
        }
    }

    @Test func namesTheFrameThatIsWrong() throws {
        let directory = try Directory()
        var bytes = frame(100) + frame(100)
        bytes[106 + 4] ^= 1
        try directory.write(bytes, "operator.commands")
        do {
            _ = try GenesisFile.commands(directory.path)
            Issue.record("a wrong encoding was taken")
        } catch {
            #expect("\(error)".contains("frame 2 at offset 106"))
        }
    }
}
