import Cryptography
import Wire

/// A state as of one record, with all that a replay needs to go on behind it.
///
/// File, little-endian; Replay.md tells who writes and who reads it:
///
///      0  8   "snapshot"
///      8  u32 version, 1
///     12  u32 epoch of the record
///     16  32  venue id: BLAKE2b-256 of the body of the genesis message
///     48  u64 sequence of the record
///     56  u64 its time, ns Unix UTC
///     64  u64 feed sequence of the next market-data message
///     72  32  its hash, the head of the chain
///    104  32  configuration: SHA-256 of the genesis message
///    136  u64 bytes of the state
///    144  the canonical bytes of the state (rule STA-1)
///     end 32  BLAKE2b-256 of everything before
public struct StateSnapshot: Sendable {
    public static let version: UInt32 = 1
    static let magic: [UInt8] = Array("snapshot".utf8)
    static let headBytes = 144

    /// Number of the start of the node that made the record.
    public let epoch: UInt32
    public let venueId: Bytes32
    /// Of the last record that made the state.
    public let sequence: UInt64
    /// Of that record, ns Unix UTC.
    public let time: UInt64
    /// Of the next market-data message.
    public let nextFeedSequence: UInt64
    /// Hash of that record.
    public let chainHead: Bytes32
    /// SHA-256 of the genesis message.
    public let configuration: Hash256
    /// The bytes of the file: all that there is, so that a state is in memory once.
    public let bytes: [UInt8]
    /// The canonical bytes.
    public var state: ArraySlice<UInt8> { bytes[Self.headBytes..<(bytes.count - Hash256.byteCount)] }

    /// The record that a state ends with, as far as a snapshot names it.
    public struct Place: Equatable, Sendable {
        /// As the snapshot has them.
        public let epoch: UInt32, sequence: UInt64, time: UInt64, chainHead: Bytes32

        public init(_ record: RecordView) {
            (epoch, sequence, time, chainHead) = (record.epoch, record.sequence, record.time, record.hash)
        }

        init(_ snapshot: StateSnapshot) {
            (epoch, sequence, time, chainHead) =
                (snapshot.epoch, snapshot.sequence, snapshot.time, snapshot.chainHead)
        }
    }

    /// A snapshot of a venue; no command is unfinished.
    ///
    /// - Parameter record: the last one that it applied.
    public init(
        of venue: borrowing some ReplayVenue & ~Copyable, after record: RecordView, nextFeedSequence: UInt64
    ) {
        self.init(of: venue, at: Place(record), nextFeedSequence: nextFeedSequence)
    }

    /// A snapshot of a venue; no command is unfinished.
    ///
    /// - Parameters:
    ///   - place: of the last record that it applied.
    ///   - capacity: bytes that there is room for from the start. `bytesMax` spares copies of what grows, where the
    ///     venue has taken the memory of its capacities anyway.
    public init(
        of venue: borrowing some ReplayVenue & ~Copyable, at place: Place, nextFeedSequence: UInt64, capacity: Int = 0
    ) {
        precondition(venue.pendingCause == nil, "the state is defined between commands")
        var sink = StateBytes(behind: [UInt8](repeating: 0, count: Self.headBytes), capacity: capacity)
        venue.writeState(into: &sink)
        let genesis = Array(sink.bytes[(Self.headBytes + 4)...].prefix(StateLayout.genesisBytes))
        venueId = Self.venueId(genesis[...])
        configuration = Sha256.hash(genesis)
        (epoch, sequence, time, chainHead) = (place.epoch, place.sequence, place.time, place.chainHead)
        self.nextFeedSequence = nextFeedSequence
        var bytes = sink.take()
        Self.head(
            venueId, place, nextFeedSequence: nextFeedSequence, configuration,
            stateBytes: bytes.count - Self.headBytes, into: &bytes)
        withUnsafeBytes(of: Blake2b256.hash(bytes)) { bytes += $0 }
        self.bytes = bytes
    }

    /// The venue id of a genesis message, its header included.
    static func venueId(_ genesis: ArraySlice<UInt8>) -> Bytes32 {
        let hash = Blake2b256.hash(Array(genesis.dropFirst(MessageHeader.size)))
        return hash.withUnsafeBytes { Bytes32(from: $0.baseAddress!) }
    }
}

/// Why a snapshot is not used.
public enum SnapshotRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// Not a whole file of this format, or changed since it was written.
    case damaged(String)
    /// Of a version that this program does not know.
    case version(UInt32)
    /// Of another venue.
    case foreign
    /// The capacities or keys of genesis are others.
    case configuration
    /// The file's name says another sequence.
    case name(UInt64)
    /// The journal has no such record, or another one in its place.
    case journal(String)
    /// The state in it cannot be.
    case state(StateError)
    /// The file cannot be read.
    case system(String)

    public var description: String {
        switch self {
        case .damaged(let text): text
        case .version(let version): "its version is \(version), expected \(StateSnapshot.version)"
        case .foreign: "it is of another venue"
        case .configuration: "it was made with another configuration"
        case .name(let sequence): "it is of record \(sequence), not of the one that its name says"
        case .journal(let text): text
        case .state(let error): "\(error)"
        case .system(let text): text
        }
    }
}

// MARK: Bytes

extension StateSnapshot {
    /// Writes what stands before the state.
    private static func head(
        _ venueId: Bytes32, _ place: Place, nextFeedSequence: UInt64, _ configuration: Hash256, stateBytes: Int,
        into bytes: inout [UInt8]
    ) {
        var out = magic
        func add<Value>(_ value: Value) { withUnsafeBytes(of: value) { out += $0 } }
        add(version.littleEndian)
        add(place.epoch.littleEndian)
        add(venueId)
        add(place.sequence.littleEndian)
        add(place.time.littleEndian)
        add(nextFeedSequence.littleEndian)
        add(place.chainHead)
        add(configuration)
        add(UInt64(stateBytes).littleEndian)
        precondition(out.count == headBytes, "the head is whole")
        bytes.withUnsafeMutableBytes { $0.copyBytes(from: out) }
    }

    /// Reads the bytes of a file, which may be any bytes.
    ///
    /// - Parameter genesis: the genesis message of the venue, 224 bytes.
    public init(_ bytes: [UInt8], genesis: [UInt8]) throws(SnapshotRefusal) {
        guard bytes.count >= Self.headBytes + 32, bytes.starts(with: Self.magic) else {
            throw .damaged("it does not begin as a snapshot does")
        }
        func read<Value: FixedWidthInteger>(_ offset: Int, _ type: Value.Type) -> Value {
            bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
        }
        func read32(_ offset: Int) -> Bytes32 {
            bytes.withUnsafeBytes { Bytes32(from: $0.baseAddress! + offset) }
        }
        // A later version may end otherwise: this comes before the hash.
        let version = read(8, UInt32.self)
        guard version == Self.version else { throw .version(version) }
        let end = bytes.count - Hash256.byteCount
        let hash = bytes.withUnsafeBytes { Blake2b256.hash(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
        guard bytes.withUnsafeBytes({ hash.matches($0.baseAddress! + end) }) else {
            throw .damaged("its hash does not hold")
        }
        guard read(136, UInt64.self) == UInt64(end - Self.headBytes) else { throw .damaged("its size is another") }
        epoch = read(12, UInt32.self)
        venueId = read32(16)
        sequence = read(48, UInt64.self)
        time = read(56, UInt64.self)
        nextFeedSequence = read(64, UInt64.self)
        chainHead = read32(72)
        configuration = bytes.withUnsafeBytes { Hash256(loading: $0.baseAddress! + 104) }
        self.bytes = bytes
        guard venueId == Self.venueId(genesis[...]) else { throw .foreign }
        let inside = state.dropFirst(4).prefix(StateLayout.genesisBytes)
        guard configuration == Sha256.hash(genesis), inside == genesis[...] else { throw .configuration }
        guard sequence >= 1, sequence < UInt64(Int64.max), nextFeedSequence >= 1 else {
            throw .damaged("sequence \(sequence), next feed sequence \(nextFeedSequence)")
        }
    }

    /// The most bytes that a snapshot of a venue has, by the capacities of its genesis message.
    public static func bytesMax(genesis: GenesisMessage) -> UInt64 {
        let account =
            StateLayout.accountHeadBytes + 6 + StateLayout.keyBytes * Int(min(genesis.keySlots, 65_535))
            + StateLayout.balanceBytes * Int(genesis.assetsMax)
        let parts: [(UInt32, Int)] = [
            (genesis.assetsMax, StateLayout.assetBytes), (genesis.instrumentsMax, StateLayout.instrumentBytes),
            (genesis.accountsMax, account), (genesis.referencesMax, StateLayout.referenceBytes),
            (genesis.ordersMax, StateLayout.orderBytes),
        ]
        let fixed = headBytes + 4 + StateLayout.genesisBytes + StateLayout.venueBytes + 3 * 4 + 2 * 8 + 32
        return parts.reduce(UInt64(fixed)) { sum, part in
            let (bytes, overflow) = UInt64(part.0).multipliedReportingOverflow(by: UInt64(part.1))
            return overflow ? UInt64(Int64.max) : min(sum &+ min(bytes, UInt64(Int64.max)), UInt64(Int64.max))
        }
    }
}
