import Cryptography
import Proof
import Replay
import Wire

/// The first record at which two histories differ, or a history and its replay. Whose they are does not matter, and no
/// signature is looked at: it says where, not who.
public enum Bisection {
    /// One of two histories, in the order in which they were given.
    public enum Which: String, Sendable {
        case first, second
    }

    /// What was found.
    public enum Outcome: Equatable, Sendable {
        /// Both hold the same records, as many as this.
        case same(records: UInt64)
        /// They hold the same records up to this one, where one of them ends: which, and what the other one has next,
        /// in words. Who reads a journal that grows, or one that was cut, sees this.
        case ends(records: UInt64, which: Which, next: String)
        /// They differ, here: what each has, in words.
        case differ(sequence: UInt64, first: String, second: String)
        /// The history is not what its replay makes of it.
        case diverges(Finding)
        /// One of them cannot be read.
        case unreadable(String)

        /// 0 the same, 1 a difference or an end before the other's, 2 unreadable.
        public var exitStatus: Int32 {
            switch self {
            case .same: 0
            case .ends, .differ, .diverges: 1
            case .unreadable: 2
            }
        }
    }

    /// Compares two histories: journal directories, published directories or URLs, directories of batches.
    public static func compare(_ first: String, _ second: String) -> Outcome {
        do throws(SourceError) {
            let (left, right) = (try open(first), try open(second))
            var sequence: UInt64 = 0
            while true {
                sequence += 1
                let (own, other) = (try step(left), try step(right))
                switch (own, other) {
                case (.end, _) where sequence == 1: return .unreadable("\(first) holds no record")
                case (_, .end) where sequence == 1: return .unreadable("\(second) holds no record")
                case (.end, .end): return .same(records: sequence - 1)
                case (.end, .record): return .ends(records: sequence - 1, which: .first, next: text(other, sequence))
                case (.record, .end): return .ends(records: sequence - 1, which: .second, next: text(own, sequence))
                case (.record(let own), .record(let other)) where own.elementsEqual(other): continue
                default:
                    return .differ(sequence: sequence, first: text(own, sequence), second: text(other, sequence))
                }
            }
        } catch {
            return outcome(error)
        }
    }

    /// Compares a history with its replay through the reference.
    public static func replay(_ place: String) -> Outcome {
        do throws(SourceError) {
            let source = try open(place)
            var history = HistoryCheck(venueId: nil)
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.recordBytesMax, alignment: 64)
            defer { memory.deallocate() }
            while let bytes = try source.next() {
                guard bytes.count <= memory.count else {
                    let found = "\(bytes.count) bytes"
                    let finding = Finding(.recordStructure, history.nextSequence, expected: "a record", found: found)
                    return .diverges(finding)
                }
                memory.copyMemory(from: bytes)
                let copy = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<bytes.count])
                do throws(Finding) {
                    _ = try history.take(copy)
                    let hashed = copy.count - RecordLayout.hashBytes
                    let (base, sequence) = (copy.baseAddress!, history.nextSequence - 1)
                    if !Blake2b256.hash(base, count: hashed).matches(base + hashed) {
                        throw Finding(.recordHash, sequence, expected: "the hash of its bytes", found: "another")
                    }
                } catch { return .diverges(error) }
            }
            if let reason = source.unchecked { return .unreadable(reason) }
            return history.nextSequence == 1
                ? .unreadable("\(place) holds no record") : .same(records: history.nextSequence - 1)
        } catch {
            return outcome(error)
        }
    }

    private static func outcome(_ error: SourceError) -> Outcome {
        switch error {
        case .finding(let finding): .diverges(finding)
        case .unreadable(let reason): .unreadable(reason)
        }
    }

    /// What a history has next.
    private enum Step {
        case record(UnsafeRawBufferPointer)
        case damage(Finding)
        case end
    }

    private static func step(_ source: any RecordSource) throws(SourceError) -> Step {
        do throws(SourceError) {
            if let bytes = try source.next() { return .record(bytes) }
        } catch {
            guard case .finding(let finding) = error else { throw error }
            return .damage(finding)
        }
        if let reason = source.unchecked { throw .unreadable(reason) }
        return .end
    }

    private static func text(_ step: Step, _ sequence: UInt64) -> String {
        switch step {
        case .end: return "the end, behind record \(sequence - 1)"
        case .damage(let finding): return "damage: \(finding)"
        case .record(let bytes):
            guard bytes.count <= Limits.recordBytesMax else { return "\(bytes.count) bytes" }
            return withUnsafeTemporaryAllocation(byteCount: max(bytes.count, 8), alignment: 8) { copy in
                copy.copyMemory(from: bytes)
                let record = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(copy)[..<bytes.count])
                if let fault = RecordStructure.fault(record) { return "no record: \(fault)" }
                return RecordPrinter.line(DecodedRecord(RecordView(record.baseAddress!)))
            }
        }
    }

    /// A history by what stands at its place.
    private static func open(_ place: String) throws(SourceError) -> any RecordSource {
        let files = PublishedFiles(place)
        let names = files.names(".") ?? []
        if names.contains(where: { $0.hasSuffix(".segment") }) { return try JournalSource(directory: place) }
        let bytes: [UInt8]
        do throws(PublishedFiles.Failure) {
            bytes = try files.read("checkpoint", limit: SignedNote.bytesMax)
        } catch {
            guard names.contains(where: { Hash256(hexadecimal: $0) != nil }) else {
                throw .unreadable("\(place) is no journal, holds no checkpoint and no batches")
            }
            return try BatchRecords(place, certificates: nil, venue: nil)
        }
        let checkpoint: Checkpoint
        do throws(LogError) { checkpoint = try Checkpoint(text: try SignedNote(bytes).text) } catch {
            throw .unreadable("\(place): \(error)")
        }
        return try TileSource(files, checkpoint: checkpoint)
    }
}
