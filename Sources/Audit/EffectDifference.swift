import Replay
import Wire

/// Where effects differ, in words.
enum EffectDifference {
    /// The verdict on a record whose effects are not those that the reference made.
    static func finding(_ record: RecordView, _ made: UnsafeRawPointer, _ length: Int) -> Finding {
        var expected = EffectCursor(made, count: length)
        var found = record.effects
        var index = 0
        while true {
            let (own, theirs) = (expected.read(), found.read())
            let (ownBytes, theirBytes) = (own.map(bytes), theirs.map(bytes))
            if own == nil && theirs == nil {
                return Finding(
                    .effects, record.sequence, expected: "\(length) bytes of effects",
                    found: "\(record.effectsLength) bytes")
            }
            if ownBytes != theirBytes {
                return Finding(
                    .effects, record.sequence, expected: "effect \(index): \(text(own))", found: text(theirs))
            }
            index += 1
        }
    }

    private static func bytes(_ effect: Effect) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: effect.base, count: effect.size))
    }

    private static func text(_ effect: Effect?) -> String {
        effect.map { RecordPrinter.effect($0) } ?? "nothing"
    }
}
