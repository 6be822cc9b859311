import Cryptography
import Glibc
import Platform
import Proof

/// Where signed receipt ranges are: the published files, and the one private file that makes them durable first.
///
/// Every range goes this way, and is nowhere else before:
///
/// 1. into `DATA/settlement/receipts`, which has a fixed size and was written once with zeros, so that storing into it
///    changes no metadata; then fdatasync;
/// 2. into the published file of its records, from where anybody may take it; no synchronisation yet.
///
/// When a published file is complete it is synchronised, before the private one is written from its start again. So
/// after a loss of power the private file holds every range of the file in the making that can have left the process,
/// and the published one is made good from it: what was signed for a sequence stays what it was. That holds for ranges
/// that a killed process left in memory too: a start writes and synchronises them again before it publishes them.
/// Stale ranges of the file before stand behind the new ones; their sequences do not follow, so reading stops there.
final class ReceiptStore {
    /// The genesis message and the changes of the receipt key.
    private(set) var keys: ReceiptKeys
    /// The last range that was stored; nil before the first.
    private(set) var last: ReceiptRange?

    private let directory: String
    private let venue: Hash256
    private let journal: Descriptor
    /// The published file in the making.
    private var published: OpenRangeFile?
    private var offset = 0

    /// Last sequence that has a receipt; 0 = none.
    var position: UInt64 { last?.body.last ?? 0 }

    /// Opens the files, makes those that are missing, and repairs the published one.
    ///
    /// - Parameters:
    ///   - privatePath: the file that makes ranges durable.
    ///   - directory: of the published files.
    ///   - genesis: the genesis message of the venue.
    /// - Throws: `published` when what stands there is not of this venue, or two ranges of one sequence differ;
    ///   `system`.
    init(privatePath: String, directory: String, genesis: [UInt8]) throws(SettlementError) {
        self.directory = directory
        let keys = try Self.loadKeys(directory, genesis: genesis)
        let venue = keys.venue
        self.keys = keys
        self.venue = venue
        journal = try Self.openPrivate(privatePath)
        let durable = try Self.privateRanges(privatePath, venue: venue, keys: keys)
        let (name, visible) = try Self.latestPublished(directory, venue: venue, keys: keys)
        let ranges = try Self.longest(durable, visible, directory)
        guard let first = ranges.first else {
            if let name { try system { () throws(PlatformError) in try File.remove("\(directory)/\(name)") } }
            return
        }
        var bytes: [UInt8] = []
        for range in ranges { range.encode(into: &bytes) }
        // Also where it has them all: whoever was killed before the fdatasync, or ended because it failed, left ranges
        // that only memory has, and they are given out below. Pages that hold what they held lose nothing by that.
        try Self.store(bytes, at: 0, journal, synchronising: true)
        let path = "\(directory)/\(ReceiptFile.name(of: first.body.first))"
        let limit = ReceiptFile.byteCountMax + 1
        if (try? File.readPrefix(path, limit: limit)) != bytes {
            try system { () throws(PlatformError) in try File.replace(path, with: bytes) }
        }
        published = try OpenRangeFile(path)
        last = ranges.last
        offset = bytes.count
    }

    /// Stores a range that follows the last one. When this returns it is durable, and published.
    func append(_ range: ReceiptRange) throws(SettlementError) {
        precondition(range.body.first == position + 1, "ranges follow each other")
        var bytes: [UInt8] = []
        range.encode(into: &bytes)
        let begins = ReceiptFile.first(of: range.body.first) == range.body.first
        if begins {
            try finishPublished()
            offset = 0
        }
        try Self.store(bytes, at: offset, journal, synchronising: true)
        if begins {
            published = try OpenRangeFile("\(directory)/\(ReceiptFile.name(of: range.body.first))")
            try system { () throws(PlatformError) in try FileDirectory.synchronize(directory) }
        }
        guard let published else { preconditionFailure("a file in the making") }
        try Self.store(bytes, at: offset, published.descriptor, synchronising: false)
        offset += bytes.count
        last = range
    }

    /// Takes a change of the receipt key: on disk before anything is signed by the new one.
    func append(_ rotation: ReceiptKeys.Rotation) throws(SettlementError) {
        do throws(ReceiptError) {
            try keys.append(rotation)
            try keys.check(venue: venue)
        } catch {
            throw .published("\(directory)/\(ReceiptFile.keysName): \(error)")
        }
        let path = "\(directory)/\(ReceiptFile.keysName)", bytes = keys.encoded
        try system { () throws(PlatformError) in try File.replace(path, with: bytes) }
    }

    /// Synchronises the published file.
    func finishPublished() throws(SettlementError) {
        guard let raw = published?.descriptor.raw else { return }
        try system { () throws(PlatformError) in try File.synchronizeData(raw, path: directory) }
    }
}

extension ReceiptStore {
    private static func loadKeys(_ directory: String, genesis: [UInt8]) throws(SettlementError) -> ReceiptKeys {
        guard let atGenesis = ReceiptKeys(genesis: genesis) else { throw .genesis("it is no genesis message") }
        let path = "\(directory)/\(ReceiptFile.keysName)"
        // The names in it too: whoever made the file of keys may have been killed before they were.
        try system { () throws(PlatformError) in
            try FileDirectory.createDurably(directory)
            try FileDirectory.synchronize(directory)
        }
        guard File.exists(path) else {
            let bytes = atGenesis.encoded
            try system { () throws(PlatformError) in try File.replace(path, with: bytes) }
            return atGenesis
        }
        let limit = ReceiptKeys.genesisByteCount + ReceiptKeys.fileRotationsMax * ReceiptKeys.rotationByteCount + 1
        let bytes = try system { () throws(PlatformError) in try File.readPrefix(path, limit: limit) }
        do throws(ReceiptError) {
            let keys = try ReceiptKeys(bytes)
            try keys.check(venue: atGenesis.venue)
            return keys
        } catch {
            throw .published("\(path): \(error)")
        }
    }

    private static func openPrivate(_ path: String) throws(SettlementError) -> Descriptor {
        let size = try? File.readPrefix(path, limit: ReceiptFile.byteCountMax + 1).count
        if size != ReceiptFile.byteCountMax {
            let zeros = [UInt8](repeating: 0, count: ReceiptFile.byteCountMax)
            try system { () throws(PlatformError) in try File.replace(path, with: zeros) }
        }
        do { return try File.open(path, .readWrite) } catch { throw .system(error) }
    }

    /// The owner of an open file.
    private final class OpenRangeFile {
        let descriptor: Descriptor

        init(_ path: String) throws(SettlementError) {
            do { descriptor = try File.open(path, .createOrOpen) } catch { throw .system(error) }
        }
    }

    /// The ranges of the private file that hold.
    private static func privateRanges(_ path: String, venue: Hash256, keys: ReceiptKeys) throws(SettlementError)
        -> [ReceiptRange]
    {
        let bytes = try system { () throws(PlatformError) in
            try File.readPrefix(path, limit: ReceiptFile.byteCountMax)
        }
        guard let first = ReceiptFile.firstSequence(bytes), ReceiptFile.first(of: first) == first else { return [] }
        return holding(bytes, first: first, venue: venue, keys: keys)
    }

    /// Name and ranges of the last published file.
    private static func latestPublished(_ directory: String, venue: Hash256, keys: ReceiptKeys) throws(SettlementError)
        -> (name: String?, ranges: [ReceiptRange])
    {
        let names = try system { () throws(PlatformError) in try FileDirectory.names(directory) }
        let files = names.filter { NumberedFile.number($0).map { ReceiptFile.first(of: max($0, 1)) == $0 } ?? false }
        guard let name = files.last, let first = UInt64(name) else { return (nil, []) }
        let bytes = try system { () throws(PlatformError) in
            try File.readPrefix("\(directory)/\(name)", limit: ReceiptFile.byteCountMax)
        }
        return (name, holding(bytes, first: first, venue: venue, keys: keys))
    }

    private static func holding(_ bytes: [UInt8], first: UInt64, venue: Hash256, keys: ReceiptKeys) -> [ReceiptRange] {
        let ranges = ReceiptFile.ranges(bytes, first: first).ranges
        let candidates = Array(Set(keys.keys))
        return Array(ranges.prefix { $0.holds(venue: venue, keys: candidates) })
    }

    /// The chain of ranges that goes further. Where both speak of one file, one is the beginning of the other.
    private static func longest(
        _ durable: [ReceiptRange], _ visible: [ReceiptRange], _ directory: String
    ) throws(SettlementError) -> [ReceiptRange] {
        guard let first = durable.first, let other = visible.first else { return durable.isEmpty ? visible : durable }
        guard first.body.first == other.body.first else {
            return first.body.first > other.body.first ? durable : visible
        }
        let count = min(durable.count, visible.count)
        guard durable.prefix(count) == visible.prefix(count) else {
            throw .published("\(directory): two receipts for one sequence")
        }
        return durable.count >= visible.count ? durable : visible
    }

    private static func store(
        _ bytes: [UInt8], at offset: Int, _ file: borrowing Descriptor, synchronising: Bool
    ) throws(SettlementError) {
        precondition(offset + bytes.count <= ReceiptFile.byteCountMax, "the largest file holds it")
        let raw = file.raw
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(raw, $0.baseAddress! + written, bytes.count - written, off_t(offset + written))
            }
            if count > 0 {
                written += count
            } else if count == 0 || errno != EINTR {
                throw .system(.systemCall("pwrite", subject: "receipts", Errno(rawValue: count == 0 ? ENOSPC : errno)))
            }
        }
        if synchronising { try system { () throws(PlatformError) in try File.synchronizeData(raw, path: "receipts") } }
    }
}
