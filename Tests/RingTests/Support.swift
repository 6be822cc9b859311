import Glibc
import Platform
import Ring
import Testing

/// `#expect` for expressions with non-copyable values, which its macro cannot take apart.
func check(_ holds: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(holds, sourceLocation: sourceLocation)
}

let testPrefix = (0..<Slot.prefixSize).map { UInt8($0 &* 3 &+ 1) }

func makeRing(slots: Int, slotBytes: Int = 512, verifiers: Int = 1, followers: Int = 1) throws -> SlotRing {
    var configuration = SlotRing.Configuration()
    configuration.slots = slots
    configuration.slotBytes = slotBytes
    configuration.verifiers = verifiers
    configuration.followers = followers
    return try SlotRing(configuration, prefix: testPrefix)
}

/// A value that depends on every bit of `number`: what a stage writes for it, and the next stage expects.
func mixed(_ number: UInt64) -> UInt64 {
    var value = number &+ 0x9E37_79B9_7F4A_7C15
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
}

/// Spins as a thread that shares its core does.
func waitTurn() { sched_yield() }
