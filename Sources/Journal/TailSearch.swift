import CPlatform
import Wire

/// Looks at what stands behind the last valid record of a segment.
///
/// Nothing is ever searched for inside a record: those bytes are a client's choice, and a client could put a whole
/// valid record there. A place counts only when a length that the writer stored leads to it: the length word of the
/// record in question (each half by itself, since one flipped bit spoils one half), or the sizes of its parts when
/// its previous hash shows that its head belongs here.
struct TailSearch {
    let base: UnsafeRawPointer
    let lastStart: Int
    /// Where the record in question should stand.
    let offset: Int
    /// What it should follow from.
    let chain: ChainState

    /// Whether a valid record stands behind the record in question.
    func followerExists() -> Bool {
        candidates().contains { length in
            var place = offset + length
            var sequence = chain.nextSequence + 1
            // Go on over records that do not hold either, as long as their lengths do.
            while place <= lastStart {
                if isValid(at: place, sequence: sequence) { return true }
                guard case .committed(let next) = LengthWord(platform_load_acquire_u64(base + place)) else {
                    return false
                }
                place += next
                sequence += 1
            }
            return false
        }
    }

    /// Whether some page of the record in question looks as if it never reached the disk: in its place is what the
    /// disk held before, which is a page that ends in zeros, since records are written upwards into zeroed files.
    func pageIsLost() -> Bool {
        let pageBytes = 4096
        switch LengthWord(base.load(fromByteOffset: offset, as: UInt64.self)) {
        case .unwritten, .reserved: return true
        case .broken: return false
        case .committed(let length):
            var boundary = (offset / pageBytes + 1) * pageBytes
            while boundary < offset + length {
                if base.load(fromByteOffset: boundary - 8, as: UInt64.self) == 0 { return true }
                boundary += pageBytes
            }
            // The last page it reaches: its hash is written last of all.
            return base.load(fromByteOffset: offset + length - 8, as: UInt64.self) == 0
        }
    }

    /// Lengths that the record in question may have.
    private func candidates() -> [Int] {
        var lengths: [Int] = []
        func add(_ length: UInt32) {
            if LengthWord.isLength(length), !lengths.contains(Int(length)) { lengths.append(Int(length)) }
        }
        let word = base.load(fromByteOffset: offset, as: UInt64.self)
        let state = LengthWord(word)
        if state != .unwritten, !isReserved(state) {
            add(UInt32(truncatingIfNeeded: word))
            add(~UInt32(truncatingIfNeeded: word >> 32))
        }
        let record = RecordView(base + offset)
        let command = record.commandLength, effects = record.effectsLength
        if record.previousHash == chain.previousHash, command <= Limits.recordBytesMax,
            effects <= Limits.recordBytesMax
        {
            add(UInt32(RecordLayout.bytesMin + RecordLayout.padded(command) + effects))
        }
        return lengths
    }

    private func isReserved(_ state: LengthWord) -> Bool {
        if case .reserved = state { return true }
        return false
    }

    private func isValid(at place: Int, sequence: UInt64) -> Bool {
        guard ChainState.ownFault(at: base + place, hashing: true) == nil else { return false }
        let record = RecordView(base + place)
        return record.sequence == sequence && record.epoch >= chain.epoch && record.time >= chain.time
    }
}
