import Wire

/// Effects in the units that the rules name (REC-5): a unit stands in one record, and the next one begins only where
/// four effects still fit.
struct Units {
    private var units: [(bytes: [UInt8], count: Int)] = []
    private var next = 0

    /// Begins a unit.
    mutating func begin() { units.append(([], 0)) }

    /// Appends an effect of `size` bytes to the unit that was begun last.
    mutating func add(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) {
        precondition(units[units.count - 1].count < Limits.effectsPerUnitMax, "a unit has at most four effects")
        let start = units[units.count - 1].bytes.count
        units[units.count - 1].bytes += [UInt8](repeating: 0, count: size)
        units[units.count - 1].bytes.withUnsafeMutableBytes { encode($0.baseAddress! + start) }
        units[units.count - 1].count += 1
    }

    /// Writes units as long as there is room. False when some are left for a continuation.
    mutating func write(to effects: inout EffectWriter) -> Bool {
        while next < units.count {
            guard effects.hasRoomForUnit else { return false }
            units[next].bytes.withUnsafeBytes { bytes in
                var cursor = EffectCursor(bytes.baseAddress!, count: bytes.count)
                while let effect = cursor.read() {
                    effects.next.copyMemory(from: effect.base, byteCount: effect.size)
                    effects.advance(effect.size)
                }
            }
            next += 1
        }
        return true
    }
}
