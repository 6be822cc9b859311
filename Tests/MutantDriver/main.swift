// Plays a fixed stream of commands to a venue that is wrong in one place, and writes what it made of them.
//
// It is no part of the package: `Tests/FraudTests/MutantBuild.swift` builds it beside copies of Sources in which
// every place of its table reads `mutation_active() == n ? mutated : original`.
//
// Without an argument: standard input, for each record: u16 kind, u16 flags, u32 bytes of the command with its
// signature, u64 time, the command. Standard output, for each record: u16 kind, u16 flags, u32 bytes of the command,
// u32 bytes of the effects, u32 bytes of the state (rule STA-1, before a state commitment; else 0), u64 time, command,
// effects, state. All integers little-endian. With the argument `guards`: see Guards.swift.

import Cryptography
import Glibc
import Venue
import Wire

/// Standard input, whole.
func readAll() -> [UInt8] {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(0, &buffer, buffer.count)
        if count <= 0 { return result }
        result += buffer[..<count]
    }
}

func writeAll(_ bytes: [UInt8]) {
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes { write(1, $0.baseAddress! + written, bytes.count - written) }
        if count <= 0 { exit(3) }
        written += count
    }
}

struct Bytes: StateSink {
    var bytes: [UInt8] = []
    mutating func write(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
}

/// The venue under test and its counters.
final class Player {
    var venue: Venue
    var sequence: UInt64 = 0
    var output = Bytes()
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 64)

    init(genesis: UnsafeRawPointer) { venue = Venue(genesis: GenesisMessage(genesis)) }

    func apply(_ kind: UInt16, _ flags: UInt16, _ time: UInt64, _ message: UnsafeRawBufferPointer) {
        sequence += 1
        let recordKind = RecordKind(rawValue: kind)!
        let signature = recordKind == .command ? Limits.signatureBytes : 0
        var state = Bytes()
        if recordKind == .command, MessageHeader(message.baseAddress!).templateId == Template.stateCommitment {
            venue.writeState(into: &state)
        }
        var effects = EffectWriter(scratch)
        let command = Command(
            message: message.baseAddress!, count: message.count - signature, kind: recordKind, sequence: sequence,
            time: time, proofsHold: flags & 1 != 0)
        _ = venue.apply(command, into: &effects)
        output.write(kind)
        output.write(flags)
        output.write(UInt32(message.count))
        output.write(UInt32(effects.length))
        output.write(UInt32(state.bytes.count))
        output.write(time)
        output.write(message)
        output.write(UnsafeRawBufferPointer(start: scratch, count: effects.length))
        output.bytes += state.bytes
        while let cause = venue.pendingCause, recordKind != .continuation { goOn(cause, time) }
        // What a trap would lose is written record by record.
        writeAll(output.bytes)
        output.bytes.removeAll(keepingCapacity: true)
    }

    private func goOn(_ cause: UInt64, _ time: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: ContinuationMessage.size, alignment: 8) { buffer in
            buffer.initializeMemory(as: UInt8.self, repeating: 0)
            ContinuationMessage.encode(at: buffer.baseAddress!, cause: cause)
            apply(RecordKind.continuation.rawValue, 0, time, UnsafeRawBufferPointer(buffer))
        }
    }
}

/// Plays the commands of standard input.
func play(_ input: [UInt8]) {
    input.withUnsafeBytes { bytes in
        var offset = 0
        var player: Player?
        while offset < bytes.count {
            let kind = bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
            let flags = bytes.loadUnaligned(fromByteOffset: offset + 2, as: UInt16.self)
            let count = Int(bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
            let time = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
            let message = UnsafeRawBufferPointer(rebasing: bytes[(offset + 16)..<(offset + 16 + count)])
            if player == nil { player = Player(genesis: message.baseAddress!) }
            player!.apply(kind, flags, time, message)
            offset += 16 + count
        }
    }
}

let input = readAll()
if CommandLine.arguments.contains("guards") {
    Sodium.initialize()
    for line in String(decoding: input, as: UTF8.self).split(separator: "\n") {
        writeAll(Array((Guards.answer(String(line)) + "\n").utf8))
    }
} else {
    play(input)
}
