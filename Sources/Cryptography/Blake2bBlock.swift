/// The compression function of BLAKE2b (RFC 7693, section 3.2).
///
/// Written here because the chain's hash is on the path of every order: libsodium 1.0.18's own, with AVX2, takes twice
/// as long on the processors that we measured, because rotations and additions that wait for each other gain nothing
/// from wide registers. `Cryptography.md` has the figures; the tests compare the two.
struct Blake2bState {
    /// Bytes of a block.
    static let blockBytes = 128

    private var h: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// The state before the first block of a message: 32 bytes of digest, no key.
    @inline(__always)
    init() {
        let parameters: UInt64 = 0x0101_0020
        h = (
            Self.iv.0 ^ parameters, Self.iv.1, Self.iv.2, Self.iv.3, Self.iv.4, Self.iv.5, Self.iv.6, Self.iv.7
        )
    }

    private static var iv: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) {
        @inline(__always) get {
            (
                0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
                0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179
            )
        }
    }

    /// Takes a block.
    ///
    /// - Parameters:
    ///   - block: 128 bytes, any alignment; the last one padded with zeros.
    ///   - count: bytes of the message up to the end of this block, padding not counted.
    ///   - isLast: no block follows.
    mutating func compress(_ block: UnsafeRawPointer, count: UInt64, isLast: Bool) {
        @inline(__always) func word(_ index: Int) -> UInt64 {
            UInt64(littleEndian: block.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self))
        }
        let (m0, m1, m2, m3) = (word(0), word(1), word(2), word(3))
        let (m4, m5, m6, m7) = (word(4), word(5), word(6), word(7))
        let (m8, m9, m10, m11) = (word(8), word(9), word(10), word(11))
        let (m12, m13, m14, m15) = (word(12), word(13), word(14), word(15))
        var v = Blake2bWork(
            v0: h.0, v1: h.1, v2: h.2, v3: h.3, v4: h.4, v5: h.5, v6: h.6, v7: h.7,
            v8: Self.iv.0, v9: Self.iv.1, v10: Self.iv.2, v11: Self.iv.3,
            v12: Self.iv.4 ^ count, v13: Self.iv.5, v14: isLast ? ~Self.iv.6 : Self.iv.6, v15: Self.iv.7)
        // The message schedule SIGMA, a line a round; rounds 10 and 11 begin it again.
        v.round(m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15)
        v.round(m14, m10, m4, m8, m9, m15, m13, m6, m1, m12, m0, m2, m11, m7, m5, m3)
        v.round(m11, m8, m12, m0, m5, m2, m15, m13, m10, m14, m3, m6, m7, m1, m9, m4)
        v.round(m7, m9, m3, m1, m13, m12, m11, m14, m2, m6, m5, m10, m4, m0, m15, m8)
        v.round(m9, m0, m5, m7, m2, m4, m10, m15, m14, m1, m11, m12, m6, m8, m3, m13)
        v.round(m2, m12, m6, m10, m0, m11, m8, m3, m4, m13, m7, m5, m15, m14, m1, m9)
        v.round(m12, m5, m1, m15, m14, m13, m4, m10, m0, m7, m6, m3, m9, m2, m8, m11)
        v.round(m13, m11, m7, m14, m12, m1, m3, m9, m5, m0, m15, m4, m8, m6, m2, m10)
        v.round(m6, m15, m14, m9, m11, m3, m0, m8, m12, m2, m13, m7, m1, m4, m10, m5)
        v.round(m10, m2, m8, m4, m7, m6, m1, m5, m15, m11, m9, m14, m3, m12, m13, m0)
        v.round(m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15)
        v.round(m14, m10, m4, m8, m9, m15, m13, m6, m1, m12, m0, m2, m11, m7, m5, m3)
        h.0 ^= v.v0 ^ v.v8
        h.1 ^= v.v1 ^ v.v9
        h.2 ^= v.v2 ^ v.v10
        h.3 ^= v.v3 ^ v.v11
        h.4 ^= v.v4 ^ v.v12
        h.5 ^= v.v5 ^ v.v13
        h.6 ^= v.v6 ^ v.v14
        h.7 ^= v.v7 ^ v.v15
    }

    /// Writes the 32 bytes of the digest.
    @inline(__always)
    func store(to destination: UnsafeMutableRawPointer) {
        destination.storeBytes(of: h.0.littleEndian, as: UInt64.self)
        destination.storeBytes(of: h.1.littleEndian, toByteOffset: 8, as: UInt64.self)
        destination.storeBytes(of: h.2.littleEndian, toByteOffset: 16, as: UInt64.self)
        destination.storeBytes(of: h.3.littleEndian, toByteOffset: 24, as: UInt64.self)
    }
}

/// The working vector of a compression.
private struct Blake2bWork {
    var v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15: UInt64

    /// A round: the columns, then the diagonals.
    @inline(__always)
    mutating func round(
        _ a0: UInt64, _ a1: UInt64, _ a2: UInt64, _ a3: UInt64, _ a4: UInt64, _ a5: UInt64, _ a6: UInt64, _ a7: UInt64,
        _ b0: UInt64, _ b1: UInt64, _ b2: UInt64, _ b3: UInt64, _ b4: UInt64, _ b5: UInt64, _ b6: UInt64, _ b7: UInt64
    ) {
        Self.mix(&v0, &v4, &v8, &v12, a0, a1)
        Self.mix(&v1, &v5, &v9, &v13, a2, a3)
        Self.mix(&v2, &v6, &v10, &v14, a4, a5)
        Self.mix(&v3, &v7, &v11, &v15, a6, a7)
        Self.mix(&v0, &v5, &v10, &v15, b0, b1)
        Self.mix(&v1, &v6, &v11, &v12, b2, b3)
        Self.mix(&v2, &v7, &v8, &v13, b4, b5)
        Self.mix(&v3, &v4, &v9, &v14, b6, b7)
    }

    /// The function G.
    @inline(__always)
    static func mix(
        _ a: inout UInt64, _ b: inout UInt64, _ c: inout UInt64, _ d: inout UInt64, _ x: UInt64, _ y: UInt64
    ) {
        a = a &+ b &+ x
        d = rotated(d ^ a, 32)
        c = c &+ d
        b = rotated(b ^ c, 24)
        a = a &+ b &+ y
        d = rotated(d ^ a, 16)
        c = c &+ d
        b = rotated(b ^ c, 63)
    }

    @inline(__always)
    static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value &>> bits | value &<< (64 &- bits) }
}
