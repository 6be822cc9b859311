internal import CSodium

/// libsodium's process-wide state.
public enum Sodium {
    /// Chooses libsodium's implementations for this processor and seeds its generator.
    ///
    /// Cheap to call again and safe from several threads. Everything in this module that needs it calls it itself
    /// where an object is made (`SigningKey`, `Blake2b256.Stream`); a thread that only verifies or hashes calls it
    /// once before it starts, because those two are too hot to ask.
    public static func initialize() {
        precondition(sodium_init() >= 0, "libsodium cannot be initialised: the kernel gives no random bytes")
    }
}

/// Random bytes from the kernel (getrandom, through libsodium).
public enum SecureRandom {
    /// Fills `count` bytes at `destination`.
    public static func fill(_ destination: UnsafeMutableRawPointer, count: Int) {
        assert(count >= 0)
        Sodium.initialize()
        randombytes_buf(destination, count)
    }

    /// 32 random bytes.
    public static func hash256() -> Hash256 {
        var value = Hash256.zero
        withUnsafeMutableBytes(of: &value) { fill($0.baseAddress!, count: Hash256.byteCount) }
        return value
    }
}
