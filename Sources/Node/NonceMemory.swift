import Platform
import Wire

/// The last 64 nonces of each recently active key, with what was signed under them: what tells a resend from a replay.
///
/// It is the sequencer's, outside the venue and its state hash, so that its size can change without changing an
/// effect; it is rebuilt from the journal at recovery. Fixed capacity: when more keys are active, the one that was
/// longest silent is forgotten, and its resends are then answered *nonce too low*. Nothing is ever applied twice by
/// that: only the venue's mark decides what is fresh.
///
/// All memory is taken at `init`; every operation takes constant time, but for a search through one key's 64 entries.
///
///     entries   key k: 64 × (nonce 8, first 16 bytes of S 16, sequence 8) = 2048 bytes, a ring by count
///     heads     key k: id 8, count 8, older 4, newer 4, cell 4 = 32 bytes with padding
///     cells     hash table from id to k + 1, linear probing, at most half full
struct NonceMemory: ~Copyable {
    /// Nonces that are remembered for each key.
    static let noncesPerKey = 64

    private let memory: PreallocatedMemory
    private let entries: UnsafeMutablePointer<Entry>
    private let heads: UnsafeMutablePointer<Head>
    private let cells: UnsafeMutablePointer<UInt32>
    private let cellMask: UInt64
    private let capacity: Int
    private var used = 0
    /// Ends of the list of keys by age: heads[oldest].newer … heads[newest].older.
    private var oldest = none
    private var newest = none

    private static let none = UInt32.max

    private struct Entry {
        var nonce: UInt64
        var fingerprintLow: UInt64
        var fingerprintHigh: UInt64
        var sequence: UInt64
    }

    private struct Head {
        var id: UInt64
        var count: UInt64
        var older: UInt32
        var newer: UInt32
        var reserved: UInt64 = 0
    }

    /// What the nonce of an authentic command means.
    enum Verdict: Equatable {
        /// Above the mark: it may be journaled.
        case fresh
        /// The largest value is no nonce.
        case invalid
        /// The same bytes were journaled as record `original`: the original answer is due.
        case resend(original: UInt64)
        /// Other bytes were journaled under it.
        case conflict
        /// At or below the mark and not remembered, used or not.
        case tooLow
    }

    /// - Parameter keysMax: keys that are remembered, 1 to 2^24.
    init(keysMax: Int) throws(PlatformError) {
        precondition(keysMax >= 1 && keysMax <= 1 << 24, "keys that can be remembered")
        capacity = keysMax
        var cellCount = 4
        while cellCount < 2 * keysMax { cellCount *= 2 }
        cellMask = UInt64(cellCount - 1)
        let entryBytes = keysMax * Self.noncesPerKey * MemoryLayout<Entry>.stride
        let headBytes = keysMax * MemoryLayout<Head>.stride
        memory = try PreallocatedMemory(byteCount: entryBytes + headBytes + cellCount * MemoryLayout<UInt32>.stride)
        entries = memory.base.bindMemory(to: Entry.self, capacity: keysMax * Self.noncesPerKey)
        heads = (memory.base + entryBytes).bindMemory(to: Head.self, capacity: keysMax)
        cells = (memory.base + entryBytes + headBytes).bindMemory(to: UInt32.self, capacity: cellCount)
    }

    /// Bytes of memory that it holds.
    var byteCount: Int { memory.byteCount }
    /// Keys that are remembered now.
    var keyCount: Int { used }

    /// Judges the nonce of a command whose signature holds.
    ///
    /// - Parameters:
    ///   - mark: highest nonce that the key has used, as the venue says.
    ///   - signature: the command's 64 bytes (R, S).
    func judge(account: UInt32, slot: UInt16, nonce: UInt64, mark: UInt64, signature: UnsafeRawPointer) -> Verdict {
        if nonce == Null.u64 { return .invalid }
        if nonce > mark { return .fresh }
        guard let key = find(Self.id(account, slot)) else { return .tooLow }
        let ring = entries + Int(key) * Self.noncesPerKey
        let count = min(Int(heads[Int(key)].count), Self.noncesPerKey)
        for index in 0..<count where ring[index].nonce == nonce {
            let (low, high) = Self.fingerprint(signature)
            let same = ring[index].fingerprintLow == low && ring[index].fingerprintHigh == high
            return same ? .resend(original: ring[index].sequence) : .conflict
        }
        return .tooLow
    }

    /// Remembers a command that was journaled; its nonces come in ascending order.
    mutating func remember(account: UInt32, slot: UInt16, nonce: UInt64, signature: UnsafeRawPointer, sequence: UInt64)
    {
        let id = Self.id(account, slot)
        let key: UInt32
        if let known = find(id) {
            key = known
            if key != newest {
                unlink(key)
                linkNewest(key)
            }
        } else {
            key = add(id)
        }
        let count = heads[Int(key)].count
        let place = Int(key) * Self.noncesPerKey + Int(count % UInt64(Self.noncesPerKey))
        let (low, high) = Self.fingerprint(signature)
        entries[place] = Entry(nonce: nonce, fingerprintLow: low, fingerprintHigh: high, sequence: sequence)
        heads[Int(key)].count = count + 1
    }

    /// Half of S: the signature without its random part. Two messages whose signatures hold under one nonce and one key
    /// and agree in it are one message, but for the key's owner who makes it so for himself.
    private static func fingerprint(_ signature: UnsafeRawPointer) -> (UInt64, UInt64) {
        (
            signature.loadUnaligned(fromByteOffset: 32, as: UInt64.self),
            signature.loadUnaligned(fromByteOffset: 40, as: UInt64.self)
        )
    }

    private static func id(_ account: UInt32, _ slot: UInt16) -> UInt64 { UInt64(account) << 16 | UInt64(slot) }

    /// First cell of an id: its bits spread by a multiplication (Fibonacci hashing).
    private func home(_ id: UInt64) -> UInt64 { ((id &* 0x9E37_79B9_7F4A_7C15) >> 20) & cellMask }

    private func find(_ id: UInt64) -> UInt32? {
        var cell = home(id)
        while cells[Int(cell)] != 0 {
            let key = cells[Int(cell)] - 1
            if heads[Int(key)].id == id { return key }
            cell = (cell + 1) & cellMask
        }
        return nil
    }

    /// A place for a key that is not remembered: a free one, or that of the key that was longest silent.
    private mutating func add(_ id: UInt64) -> UInt32 {
        let key: UInt32
        if used < capacity {
            key = UInt32(used)
            used += 1
        } else {
            key = oldest
            unlink(key)
            eraseCell(heads[Int(key)].id)
        }
        heads[Int(key)] = Head(id: id, count: 0, older: Self.none, newer: Self.none)
        var cell = home(id)
        while cells[Int(cell)] != 0 { cell = (cell + 1) & cellMask }
        cells[Int(cell)] = key + 1
        linkNewest(key)
        return key
    }

    /// Empties the cell of an id, and moves those behind it that would not be found any more.
    private mutating func eraseCell(_ id: UInt64) {
        var hole = home(id)
        while heads[Int(cells[Int(hole)] - 1)].id != id { hole = (hole + 1) & cellMask }
        var cell = (hole + 1) & cellMask
        while cells[Int(cell)] != 0 {
            let wanted = home(heads[Int(cells[Int(cell)] - 1)].id)
            // Movable when the hole lies on its way from home to where it stands.
            if (cell &- wanted) & cellMask >= (cell &- hole) & cellMask {
                cells[Int(hole)] = cells[Int(cell)]
                hole = cell
            }
            cell = (cell + 1) & cellMask
        }
        cells[Int(hole)] = 0
    }

    private mutating func unlink(_ key: UInt32) {
        let head = heads[Int(key)]
        if head.older == Self.none { oldest = head.newer } else { heads[Int(head.older)].newer = head.newer }
        if head.newer == Self.none { newest = head.older } else { heads[Int(head.newer)].older = head.older }
    }

    private mutating func linkNewest(_ key: UInt32) {
        heads[Int(key)].older = newest
        heads[Int(key)].newer = Self.none
        if newest == Self.none { oldest = key } else { heads[Int(newest)].newer = key }
        newest = key
    }
}
