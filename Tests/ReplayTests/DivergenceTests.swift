import Journal
import Reference
import Testing
import Venue
import Wire

@testable import Replay

/// Journals whose chain holds and whose content does not: every one is refused at its record, by either venue.
@Suite struct DivergenceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// The record that is changed.
        let step: ReplayFixture.Step
        /// Part of what has to be said.
        let text: String
        let change: @Sendable (inout ReplayFixture.Planned) -> Bool

        var testDescription: String { name }

        init(
            _ name: String, _ step: ReplayFixture.Step, _ text: String,
            _ change: @escaping @Sendable (inout ReplayFixture.Planned) -> Void
        ) {
            (self.name, self.step, self.text) = (name, step, text)
            self.change = {
                change(&$0)
                return true
            }
        }

        /// The record is left out: the next one takes its sequence.
        init(without step: ReplayFixture.Step, _ text: String) {
            (name, self.step, self.text) = ("without \(step)", step, text)
            change = { _ in false }
        }
    }

    static let cases: [Case] = [
        Case("a bit of a trade", .crossing, "effects differ at byte") { $0.effects[$0.effects.count / 2] ^= 1 },
        Case("the first byte", .firstOrder, "effects differ at byte 0") { $0.effects[0] ^= 1 },
        Case("an effect less", .firstOrder, "the venue makes") { $0.effects.removeLast(8) },
        Case("an effect more", .last, "the venue makes") { $0.effects += [UInt8](repeating: 0, count: 8) },
        Case("no effects", .firstDeposit, "effects differ at byte 0") { $0.effects = [] },
        Case("another quantity", .firstOrder, "effects differ") { $0.set(UInt32(2), at: 52) },
        Case("an effect of a continuation", .continuation, "effects differ") { $0.effects[8] ^= 1 },
        Case("another amount", .firstDeposit, "effects differ") { $0.effects[$0.effects.count - 1] ^= 1 },
        Case("a nonce again", .afterCrossing, "is not above the mark") { $0.set(UInt64(600), at: 16) },
        Case("the largest nonce", .last, "is not above the mark") { $0.set(UInt64.max, at: 16) },
        Case("a slot without key", .last, "has no key in slot 1") { $0.set(UInt16(1), at: 12) },
        Case("an account that is none", .last, "account 7 has no key") { $0.set(UInt32(7), at: 8) },
        Case("an account past the table", .last, "has no key") { $0.set(UInt32.max, at: 8) },
        Case("a template that is none", .last, Reason.unknownTemplate.text) { $0.set(UInt16(9999), at: 2) },
        Case("another version", .last, Reason.unsupportedVersion.text) { $0.set(UInt16(1), at: 6) },
        Case("another length", .last, Reason.invalidLength.text) { $0.command += [UInt8](repeating: 0, count: 8) },
        Case("a command that is too short", .last, Reason.invalidLength.text) { $0.command.removeLast(8) },
        Case("a feed sequence ahead", .firstOrder, "feed sequence") { $0.feedSequence += 1 },
        Case("a restart within the session", .restart, "feed sequence") { $0.feedSequence = 77 },
        Case("a generation that is skipped", .restart, "feed generation 3") { $0.set(UInt32(3), at: Self.generation) },
        Case("a second genesis", .firstDeposit, "a genesis record is the first") { $0.kind = .genesis },
        Case("a first record of another kind", .genesis, "it is no genesis record") { $0.kind = .restart },
        Case("a continuation of nothing", .afterCrossing, "a continuation follows") { $0.kind = .continuation },
        Case("a continuation of another command", .continuation, "another command") { $0.set(UInt64(5), at: 8) },
        Case("a command before the continuation", .continuation, "a continuation follows") {
            $0.kind = .command
            $0.command += [UInt8](repeating: 0, count: Limits.signatureBytes)
        },
        Case(without: .firstOrder, "effects differ"),
        Case(without: .continuation, "a continuation follows"),
    ]

    /// Where the generation stands in a restart message.
    private static let generation: Int = {
        var bytes = [UInt8](repeating: 0, count: RestartMessage.size)
        return bytes.withUnsafeMutableBytes { buffer in
            RestartMessage.encode(
                at: buffer.baseAddress!, previousHead: .zero, bootId: .zero, cutBytes: 0, feedGeneration: 0xA1B2_C3D4)
            return (0...RestartMessage.size - 4).first {
                buffer.loadUnaligned(fromByteOffset: $0, as: UInt32.self) == 0xA1B2_C3D4
            }!
        }
    }()

    @Test(arguments: cases)
    func isFoundAtItsRecord(_ test: Case) throws {
        let fixture = try ReplayFixture { step, planned in step == test.step ? test.change(&planned) : true }
        let sequence = try #require(fixture.sequences[test.step])
        let fast = divergence { try JournalReplay(fixture.directory, through: Venue.self) }
        let found = try #require(fast)
        #expect(found.sequence == sequence)
        #expect(found.text.contains(test.text), "\(found.text)")
        // The second venue says the same, in the same words.
        #expect(divergence { try JournalReplay(fixture.directory, through: Reference.self) } == found)
    }

    private func divergence(_ replay: () throws -> JournalReplay) -> Divergence? {
        do {
            _ = try replay()
            return nil
        } catch let ReplayError.divergence(divergence) {
            return divergence
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }
}
