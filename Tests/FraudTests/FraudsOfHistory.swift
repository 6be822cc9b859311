import Cryptography
import Foundation
import GlassbookClient
import LyingVenue
import Proof
import Wire

/// Histories that agree with themselves. Only what was signed before, and kept by somebody else, contradicts them.
enum FraudsOfHistory {
    static let all: [Fraud] = rewritings + promises + files

    /// The size of the checkpoint that others have kept: the order that is lied about is in it.
    private static var keptSize: UInt64 { Truth.sequence("carries") }

    /// A day on which an order never came.
    private static func without(_ step: String) -> History {
        Truth.play { $0.beforeRules = { name, _ in name != step } }.history
    }

    /// Puts a checkpoint that others have kept among the published ones.
    private static func keep(_ note: [UInt8], _ size: UInt64, in directory: String) throws {
        let digits = String(size)
        let name = String(repeating: "0", count: 20 - digits.utf8.count) + digits
        try Data(note).write(to: URL(fileURLWithPath: "\(directory)/checkpoints/\(name)"))
    }

    static let rewritings: [Fraud] = [
        Fraud(name: "suffix rewritten") {
            let size = keptSize
            let kept = Truth.publication.head(size)
            var lie = Lie(without("crossing again"), at: size)
            lie.publish = { try keep(kept, size, in: $0) }
            lie.evidence = .rewrittenHistory(
                old: kept, new: lie.publication.head(), claim: try lie.publication.consistency(size))
            lie.accusation = .head(kept)
            return lie
        },
        Fraud(name: "two histories") {
            // The client signs whatever the operator wants: every record holds.
            let other = Truth.play { venue in
                venue.beforeRules = { name, command in
                    guard name == "crossing again" else { return true }
                    var record = HistoryRecord(kind: .command, time: 0, ticket: 0, command: command, effects: [])
                    record.changeCommand("quantityLots") { _ in 1 }
                    record.sign(
                        venue.keys.owner(HonestRun.maker), SigningPrefix.make(.command, venue: venue.history.venueId))
                    command = record.command
                    return true
                }
            }
            let size = Truth.publication.size
            precondition(other.history.records.count == Int(size), "two histories of one length")
            let kept = Truth.publication.head()
            var lie = Lie(other.history, at: size)
            lie.publish = { try keep(kept, size, in: $0) }
            lie.evidence = .equivocation(kept, lie.publication.head())
            lie.accusation = .head(kept)
            return lie
        },
        Fraud(name: "log truncated") {
            // What was signed for more records is kept by others, and by the client who has a receipt of the last.
            let size = Truth.publication.size, short = Truth.sequence("third commitment")
            let kept = Truth.publication.head()
            var history = Truth.history
            history.records = Array(history.records[..<Int(short)])
            var lie = Lie(history, at: short + 1)
            lie.isJournal = true
            lie.publish = { directory in
                try keep(kept, size, in: directory)
                try Data(kept).write(to: URL(fileURLWithPath: "\(directory)/checkpoint"))
            }
            return lie
        },
    ]

    static let promises: [Fraud] = [
        Fraud(name: "acknowledged order dropped") {
            let promised = Truth.sequence("crossing again")
            let command = Truth.history[promised].command
            let receipt = try Truth.publication.receipt(promised)
            var lie = Lie(without("crossing again"), at: nil)
            lie.evidence = .omission(
                receipt: receipt, command: command, head: lie.publication.head(),
                other: lie.publication.leaf(promised))
            lie.accusation = .receipt(receipt, command: command, heads: [])
            lie.convictedOf = promised
            return lie
        },
        Fraud(name: "two orders swapped") {
            let first = Truth.sequence("alice rests")
            var held: (command: [UInt8], name: String?)?
            let other = Truth.play { venue in
                venue.beforeRules = { [unowned venue] name, command in
                    if name == "alice rests", held == nil {
                        held = (command, name)
                        return false
                    }
                    if name == "bob rests", let waiting = held {
                        held = nil
                        venue.beforeRules = { _, _ in true }
                        venue.take(command, name: name)
                        command = waiting.command
                    }
                    return true
                }
            }
            let receipt = try Truth.publication.receipt(first)
            var lie = Lie(other.history, at: nil)
            lie.evidence = .omission(
                receipt: receipt, command: Truth.history[first].command, head: lie.publication.head(),
                other: lie.publication.leaf(first))
            lie.accusation = .receipt(receipt, command: nil, heads: [])
            lie.convictedOf = first
            return lie
        },
        Fraud(name: "promise outlived by a shorter log") {
            // The log goes on growing, and never reaches the record that the receipt promises.
            let promised = Truth.publication.size, last = Int(promised) - 5
            var history = Truth.history
            history.records = Array(history.records[..<last])
            history.records[last - 1].time += 3_600_000_000_000
            var lie = Lie(history, at: nil)
            lie.sizes = [promised - 5]
            let receipt = try Truth.publication.receipt(promised), command = Truth.history[promised].command
            lie.evidence = .omission(
                receipt: receipt, command: command, head: lie.publication.head(),
                later: lie.publication.range(promised - 5))
            lie.accusation = .receipt(receipt, command: command, heads: [])
            lie.convictedOf = promised
            return lie
        },
        Fraud(name: "promise outlived by a silent log") {
            // Witnesses are shown the log after the promise has run out, and it ends before the promised record.
            let promised = Truth.publication.size
            var history = Truth.history
            history.records = Array(history.records[..<Int(promised - 5)])
            var lie = Lie(history, at: nil)
            let late = Truth.history[promised].time / 1_000_000_000 + 200
            lie.quorum = 1
            lie.cosigned = late + 100
            lie.sizes = [promised - 5]
            let receipt = try Truth.publication.receipt(promised), command = Truth.history[promised].command
            let kept = Truth.publication.head(promised - 10, cosigned: late)
            lie.evidence = .omission(
                receipt: receipt, command: command, short: [kept, lie.publication.head(cosigned: late + 100)])
            lie.accusation = .receipt(receipt, command: command, heads: [kept])
            lie.convictedOf = promised
            return lie
        },
        Fraud(name: "promise kept late") {
            let promised = Truth.sequence("last order")
            var lie = Lie(Truth.history, at: nil)
            let late = Truth.history[promised].time / 1_000_000_000 + 200
            lie.quorum = 1
            lie.cosigned = late + 100
            let receipt = try Truth.publication.receipt(promised)
            let kept = Truth.publication.head(promised - 10, cosigned: late)
            lie.evidence = .omission(
                receipt: receipt, short: [kept],
                later: (Truth.publication.head(cosigned: late + 100), Truth.publication.leaf(promised)))
            lie.accusation = .receipt(receipt, command: nil, heads: [kept])
            lie.convictedOf = promised
            return lie
        },
    ]

    static let files: [Fraud] = [
        Fraud(name: "checkpoint of another root") {
            let size = Truth.publication.size
            let note = Truth.publication.head(root: Truth.publication.leaves[0])
            var lie = Lie(Truth.history, at: size)
            lie.isJournal = true
            lie.publish = { try Data(note).write(to: URL(fileURLWithPath: "\($0)/checkpoint")) }
            lie.evidence = .equivocation(Truth.publication.head(), note)
            lie.accusation = .head(Truth.publication.head())
            return lie
        },
        Fraud(name: "checkpoint by another key") {
            let note = Truth.publication.head(key: FixedKeys().stranger)
            var lie = Lie(Truth.history, at: nil)
            lie.publish = { try Data(note).write(to: URL(fileURLWithPath: "\($0)/checkpoint")) }
            return lie
        },
        Fraud(name: "clock ahead of the witness") {
            let size = Truth.publication.size
            var history = Truth.history
            for index in Int(size) - 3..<Int(size) { history.records[index].time += 3_600_000_000_000 }
            history.seal()
            var lie = Lie(history, at: size)
            lie.quorum = 1
            lie.cosigned = Truth.history[size].time / 1_000_000_000 + 1
            lie.evidence = .clock([(lie.publication.head(cosigned: lie.cosigned), lie.publication.range(size))])
            return lie
        },
        Fraud(name: "checkpoint without its witnesses") {
            var lie = Lie(Truth.history, at: Truth.publication.size)
            lie.quorum = 1
            return lie
        },
        Fraud(name: "tile of another tree") {
            var lie = Lie(Truth.history, at: nil)
            lie.publish = { try turn("\($0)/tile/0/001", at: 40) }
            lie.sequence = 257
            return lie
        },
        Fraud(name: "entry bundle of another log") {
            var lie = Lie(Truth.history, at: nil)
            // The 64 bytes behind the first record's head and message are not read by the rules.
            lie.publish = { try turn("\($0)/tile/entries/000", at: 2 + 24) }
            lie.sequence = 1
            return lie
        },
    ]

    /// Turns a bit of a file.
    private static func turn(_ path: String, at offset: Int) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[offset] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
