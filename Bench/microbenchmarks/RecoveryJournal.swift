import Cryptography
import Journal
import Platform
import Venue
import Wire

/// Writes the journal that a node would have written of a workload. Signatures are zeros: recovery does not check them.
enum RecoveryJournal {
    struct Written {
        let records: UInt64
        let bytes: UInt64
        let headHash: Bytes32
    }

    static func write(_ workload: borrowing VenueWorkload, into directory: String) throws -> Written {
        let body = UnsafeRawPointer(workload.genesis) + MessageHeader.size
        let id = Blake2b256.hash(body, count: GenesisMessage.size - MessageHeader.size)
        var writer = try JournalWriter.create(
            directory: directory, venueId: id.withUnsafeBytes { Bytes32(from: $0.baseAddress!) })
        var venue = Venue(genesis: GenesisMessage(workload.genesis))
        var bytes = try append(workload.genesis, kind: .genesis, to: &writer, &venue)
        for index in 0..<workload.openingCount {
            bytes += try append(
                workload.opening + index * 2 * VenueWorkload.slotBytes, proofsHold: true, to: &writer, &venue)
        }
        for index in 0..<workload.workload.commands {
            bytes += try append(workload.commands + index * VenueWorkload.slotBytes, to: &writer, &venue)
        }
        return Written(records: writer.nextSequence - 1, bytes: bytes, headHash: writer.headHash)
    }

    /// Applies a command and journals it; returns the bytes of the record.
    private static func append(
        _ message: UnsafeRawPointer, kind: RecordKind = .command, proofsHold: Bool = false,
        to writer: inout JournalWriter, _ venue: inout Venue
    ) throws -> UInt64 {
        let count = MessageHeader.size + Int(MessageHeader(message).blockLength)
        let commandLength = count + (kind == .command ? Limits.signatureBytes : 0)
        while true {
            guard let draft = writer.reserve(commandLength: commandLength) else {
                if let error = writer.waitForSpare() { throw BenchmarkError.noSpace("\(error)") }
                continue
            }
            let sequence = writer.nextSequence
            let command = Command(
                message: message, count: count, kind: kind, sequence: sequence, time: sequence,
                proofsHold: proofsHold)
            var effects = EffectWriter(draft.effects)
            let progress = venue.apply(command, into: &effects)
            precondition(progress == .done, "a record that is full")
            draft.command.copyMemory(from: message, byteCount: count)
            (draft.command + count).initializeMemory(as: UInt8.self, repeating: 0, count: commandLength - count)
            writer.commit(
                draft,
                RecordHead(
                    time: sequence, arrivalTime: sequence, arrivalTicket: sequence, kind: kind,
                    flags: proofsHold ? .proofsHold : [], feedSequence: writer.nextFeedSequence,
                    feedMessages: effects.feedMessages, effectsLength: effects.length))
            return UInt64(
                RecordLayout.bytesMin + RecordLayout.padded(commandLength) + effects.length)
        }
    }
}
