import Cryptography
import Wire

/// Records on their way from the reader to a worker and back: copies of their bytes, what is to be verified, and what
/// the worker found. One thread at a time has it.
final class RecordBatch: @unchecked Sendable {
    /// Records at most: as many as an entry bundle holds.
    static let recordsMax = 256
    /// A batch that holds this many bytes is full.
    static let bytesFull = 1 << 20
    /// Bytes that it can hold: full, but for a byte, and then the largest record.
    private static let capacity = bytesFull + Limits.recordBytesMax

    private let memory = UnsafeMutableRawPointer.allocate(byteCount: RecordBatch.capacity, alignment: 64)
    private var used = 0
    private var places: [(offset: Int, length: Int)] = []
    private var tasks: [SignatureTask] = []

    /// Sequence of the first record.
    private(set) var first: UInt64 = 1
    /// Leaf hashes of the records, once it was worked on.
    private(set) var leaves: [Hash256] = []
    /// The first failure that the worker found.
    private(set) var finding: Finding?
    /// What the worker counted.
    private(set) var counts = AuditCounts()

    init() {
        places.reserveCapacity(Self.recordsMax)
        tasks.reserveCapacity(Self.recordsMax)
        leaves.reserveCapacity(Self.recordsMax)
    }

    deinit { memory.deallocate() }

    /// Records in it.
    var count: Int { tasks.count }
    /// Whether it has to be handed over. A batch ends where an entry bundle does.
    var isFull: Bool {
        used >= Self.bytesFull || !tasks.isEmpty && (first - 1 + UInt64(tasks.count)) % UInt64(Self.recordsMax) == 0
    }

    /// Empties it: the next record that is copied is `first`.
    func begin(first: UInt64) {
        self.first = first
        used = 0
        places.removeAll(keepingCapacity: true)
        tasks.removeAll(keepingCapacity: true)
        leaves.removeAll(keepingCapacity: true)
        finding = nil
        counts = AuditCounts()
    }

    /// Copies bytes that may be the next record. There is room: it is not full, and they are at most the largest
    /// record.
    func copy(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        precondition(used + bytes.count <= Self.capacity, "a batch holds what it can")
        let place = memory + used
        if let base = bytes.baseAddress { place.copyMemory(from: base, byteCount: bytes.count) }
        return UnsafeRawBufferPointer(start: place, count: bytes.count)
    }

    /// Keeps the bytes that were copied last: they are a record, and this is to be verified of it.
    func keep(_ bytes: UnsafeRawBufferPointer, _ task: SignatureTask) {
        places.append((used, bytes.count))
        tasks.append(task)
        used += RecordLayout.padded(bytes.count)
    }

    /// A record of it.
    func record(_ index: Int) -> RecordView { RecordView(memory + places[index].offset) }

    /// What a worker does: hashes, signatures, counts.
    func work(_ options: BatchOptions, scratch: UnsafeMutableRawPointer) {
        var verifier = SignatureVerifier(prefixes: options.prefixes, scratch: scratch)
        for (index, place) in places.enumerated() {
            let base = UnsafeRawPointer(memory + place.offset)
            let record = RecordView(base)
            leaves.append(LogTree.leaf(UnsafeRawBufferPointer(start: base, count: place.length)))
            guard finding == nil else { continue }
            let hashed = place.length - RecordLayout.hashBytes
            if !Blake2b256.hash(base, count: hashed).matches(base + hashed) {
                finding = Finding(
                    .recordHash, first + UInt64(index), expected: "the hash of its bytes",
                    found: hexadecimal(record.hash))
            } else if options.checksSignatures {
                finding = verifier.verify(record, tasks[index])
            }
            count(record)
        }
        counts.signatures = verifier.count
    }

    private func count(_ record: RecordView) {
        counts.records += 1
        if record.kind == .command { counts.commands += 1 }
        var effects = record.effects
        while let effect = effects.read() {
            switch effect.template {
            case Template.accepted: counts.orders += 1
            case Template.executed: counts.trades += 1
            default: break
            }
        }
    }
}

/// What workers need besides the batch.
struct BatchOptions: Sendable {
    /// Prefixes of the venue.
    var prefixes: Prefixes
    /// Whether signatures are verified.
    var checksSignatures: Bool
}
