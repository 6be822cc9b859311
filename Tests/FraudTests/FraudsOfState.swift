import Cryptography
import LyingVenue
import Proof
import Wire

/// Commitments to a state that is not the one that the records lead to.
enum FraudsOfState {
    static let all: [Fraud] = [
        Fraud(name: "wrong state root") {
            replayed(
                try committing { bytes, through in
                    var root = NaiveStateRoot(bytes).root(through: through).bytes
                    root[7] ^= 1
                    return root.withUnsafeBytes { Hash256(loading: $0.baseAddress!) }
                })
        },
        Fraud(name: "balance moved in the committed state") {
            replayed(
                try committing { bytes, through in
                    var state = CommittedState(bytes)
                    state.changeAvailable(HonestRun.alice, HonestRun.usd) { $0 - 1_000 }
                    state.changeAvailable(HonestRun.maker, HonestRun.usd) { $0 + 1_000 }
                    return NaiveStateRoot(state.bytes).root(through: through)
                })
        },
        Fraud(name: "liabilities left out of the committed state") {
            var committed: [UInt8] = []
            var lie = try committing { bytes, through in
                var state = CommittedState(bytes)
                state.changeAvailable(HonestRun.alice, HonestRun.usd) { $0 - 1_000 }
                let naive = NaiveStateRoot(state.bytes)
                committed = naive.balanceProof(HonestRun.bob, HonestRun.usd, through: through)
                return naive.root(through: through)
            }
            try owed(committed, &lie)
            return lie
        },
        Fraud(name: "money printed in the committed state") {
            var committed: [UInt8] = []
            var lie = try committing { bytes, through in
                var state = CommittedState(bytes)
                state.changeAvailable(WellKnownAccount.fees, HonestRun.usd) { $0 + 1_000_000 }
                let naive = NaiveStateRoot(state.bytes)
                committed = naive.balanceProof(HonestRun.bob, HonestRun.usd, through: through)
                return naive.root(through: through)
            }
            try owed(committed, &lie)
            return lie
        },
        Fraud(name: "nonce mark taken back in the committed state") {
            replayed(
                try committing { bytes, through in
                    var state = CommittedState(bytes)
                    state.changeNonceMark(HonestRun.bob) { $0 - 1 }
                    return NaiveStateRoot(state.bytes).root(through: through)
                })
        },
        Fraud(name: "state root of a record long past") {
            // Behind the state of the commitment before it: the replay has to begin earlier.
            let sequence = Truth.sequence("second commitment"), through = Truth.sequence("first commitment") - 2
            var history = Truth.history
            history[sequence].changeCommand("through") { _ in through }
            history[sequence].changeEffect(Template.commitmentAccepted, "through") { _ in through }
            let head = history.chained()[Int(through) - 1].suffix(32)
            history[sequence].set(
                Bytes32(Array(head).withUnsafeBytes { Hash256(loading: $0.baseAddress!) }), "chainHead")
            history[sequence].sign(
                FixedKeys().settlement, SigningPrefix.make(.commitment, venue: history.venueId))
            history.seal(from: sequence + 1)
            var lie = Lie(history, at: sequence)
            lie.evidence = .replay(head: lie.publication.head(), records: lie.publication.range(1, sequence))
            return lie
        },
        Fraud(name: "commitment to another chain") {
            let sequence = Truth.sequence("second commitment")
            var history = Truth.history
            history[sequence].set(Bytes32(1, 2, 3, 4), "chainHead")
            history[sequence].sign(
                FixedKeys().settlement, SigningPrefix.make(.commitment, venue: history.venueId))
            history.seal(from: sequence + 1)
            var lie = Lie(history, at: sequence)
            lie.evidence = .records(
                head: lie.publication.head(),
                [lie.publication.range(sequence - 1), lie.publication.range(sequence)],
                genesis: history.records[0].command)
            return lie
        },
        Fraud(name: "commitment by another key") {
            let sequence = Truth.sequence("second commitment")
            var history = Truth.history
            history[sequence].sign(FixedKeys().stranger, SigningPrefix.make(.commitment, venue: history.venueId))
            history.seal(from: sequence + 1)
            var lie = Lie(history, at: sequence)
            lie.evidence = .records(
                head: lie.publication.head(), [lie.publication.range(sequence)], genesis: history.records[0].command)
            return lie
        },
    ]

    /// The second commitment names the root that `root` makes of the state.
    private static func committing(_ root: @escaping ([UInt8], UInt64) throws -> Hash256) throws -> Lie {
        let sequence = Truth.sequence("second commitment")
        let venue = Truth.play { venue in
            venue.stateRoot = { bytes, through in
                guard through == sequence - 1, let root = try? root(bytes, through) else {
                    return Truth.stateRoot(bytes, through)
                }
                return root
            }
        }
        return Lie(venue.history, at: sequence)
    }

    /// A client asks for a balance, and is answered with what leads to the committed state.
    private static func owed(_ balance: [UInt8], _ lie: inout Lie) throws {
        let shown = lie.publication, commitment = lie.sequence!
        lie.evidence = .liabilities(head: shown.head(), commitment: shown.range(commitment), balance: balance)
        let file = BalanceFile(
            balance: try BalanceProof(balance), record: shown.records[Int(commitment) - 1],
            inclusion: try shown.inclusion(commitment))
        lie.accusation = .balance(file.encoded)
    }

    /// Replayed from the first commitment on, which is true: the state that it names is part of the evidence.
    private static func replayed(_ lie: Lie) -> Lie {
        var lie = lie
        let start = Truth.sequence("first commitment"), end = lie.sequence!
        lie.evidence = .replay(
            head: lie.publication.head(), records: lie.publication.range(start - 1, end),
            state: (Truth.state(before: "first commitment"), lie.publication.range(start)))
        return lie
    }
}

/// Canonical bytes (rule STA-1) that are changed in place.
struct CommittedState {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Changes what an account has available of an asset; it has some.
    mutating func changeAvailable(_ account: UInt32, _ asset: UInt32, _ change: (UInt64) -> UInt64) {
        guard let offset = find(account).balances[asset] else { preconditionFailure("a balance that is not 0") }
        write(change(read(offset)), offset)
    }

    /// Changes the nonce mark of an account's first key.
    mutating func changeNonceMark(_ account: UInt32, _ change: (UInt64) -> UInt64) {
        let offset = find(account).firstMark
        write(change(read(offset)), offset)
    }

    /// Offsets of an account's first nonce mark and of its available balances.
    private func find(_ wanted: UInt32) -> (firstMark: Int, balances: [UInt32: Int]) {
        var offset = 4 + 224 + 4 + 1 + 1 + 4 * 32 + 16
        offset += 4 + Int(UInt32(read(offset, 4))) * 17
        offset += 4 + Int(UInt32(read(offset, 4))) * 82
        let accounts = read(offset, 4)
        offset += 4
        for _ in 0..<accounts {
            let id = UInt32(read(offset, 4))
            offset += 4 + 1 + 2 + 4 + 4
            let slots = Int(read(offset, 2))
            offset += 2
            let firstMark = offset + 2 + 1 + 2 + 32
            offset += slots * (2 + 1 + 2 + 32 + 8)
            let count = Int(read(offset, 4))
            offset += 4
            var balances: [UInt32: Int] = [:]
            for _ in 0..<count {
                balances[UInt32(read(offset, 4))] = offset + 4
                offset += 20
            }
            if id == wanted { return (firstMark, balances) }
        }
        preconditionFailure("an account that exists")
    }

    private func read(_ offset: Int, _ size: Int = 8) -> UInt64 {
        (0..<size).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
    }

    private mutating func write(_ value: UInt64, _ offset: Int) {
        for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
    }
}
