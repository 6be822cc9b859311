import Wire

/// Deposit references: each is used once. A list in the order of their arrival, and an open-addressed index over it.
extension Ledger {
    /// Whether no further reference can be remembered.
    public var referencesAreFull: Bool { referenceCount == capacity.references }

    /// Whether a deposit had the reference.
    public func hasReference(_ reference: Bytes32) -> Bool { referenceIndex[bucket(of: reference)] != 0 }

    /// Remembers a reference. It is new, and there is room.
    public mutating func addReference(_ reference: Bytes32) {
        precondition(!referencesAreFull, "the table of references has room")
        let bucket = bucket(of: reference)
        precondition(referenceIndex[bucket] == 0, "a reference is used once")
        references[Int(referenceCount)] = reference
        referenceCount += 1
        referenceIndex[bucket] = referenceCount
    }

    /// A reference by the number of its arrival, from 0.
    public func reference(_ number: UInt32) -> Bytes32 {
        precondition(number < referenceCount, "a reference that was not given")
        return references[Int(number)]
    }

    /// The bucket that has the reference, or the empty one where it belongs. At most half of the buckets are used.
    /// References are chosen by the operator, who gains nothing from a slow table of their own venue.
    private func bucket(of reference: Bytes32) -> Int {
        var hash = reference.word0 ^ reference.word1 &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ hash &>> 32) &* 0xD1B5_4A32_D192_ED03
        hash ^= (reference.word2 &+ reference.word3 &* 0x8CB9_2BA7_2F3D_8DD7) &* 0x9E37_79B9_7F4A_7C15
        var bucket = Int(truncatingIfNeeded: hash ^ hash &>> 29) & referenceMask
        while referenceIndex[bucket] != 0 && references[Int(referenceIndex[bucket]) - 1] != reference {
            bucket = (bucket + 1) & referenceMask
        }
        return bucket
    }
}
