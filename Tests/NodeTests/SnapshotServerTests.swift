import Testing

@testable import Node

@Suite struct SnapshotServerTests {
    /// Logins that come and go cost an image a second, and no receiver gets one that is older than it has to be.
    @Test func anImageIsMadeWhenTheOneThereIsIsNotGoodEnough() {
        let second: UInt64 = 1_000_000_000
        let cases: [(age: UInt64, isInUse: Bool, isNeeded: Bool)] = [
            (0, false, false), (second - 1, false, false), (second, false, true), (20 * second, false, true),
            (second, true, false), (10 * second, true, false), (10 * second + 1, true, true),
        ]
        for (age, isInUse, isNeeded) in cases {
            #expect(
                SnapshotServer.needsImage(age: age, isInUse: isInUse, isOfSession: true) == isNeeded,
                "\(age) \(isInUse)")
            #expect(SnapshotServer.needsImage(age: age, isInUse: isInUse, isOfSession: false), "another session")
        }
    }
}
