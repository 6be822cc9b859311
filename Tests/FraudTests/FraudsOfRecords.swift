import Cryptography
import GlassbookClient
import LyingVenue
import Proof
import Wire

/// Records that are not what the rules, a client or the clock have made: the history contradicts itself.
enum FraudsOfRecords {
    static let all: [Fraud] = effects + signatures + order

    /// Changes one record behind the back of the rules; everything after it is chained and signed again.
    private static func altering(_ step: String, _ change: (inout HistoryRecord) -> Void) -> Lie {
        var history = Truth.history
        change(&history[Truth.sequence(step)])
        let sequence = Truth.firstDifference(history, Truth.history)
        history.seal()
        return Lie(history, at: sequence)
    }

    private static func replayed(_ lie: Lie) -> Lie {
        var lie = lie
        guard let sequence = lie.sequence else { preconditionFailure("a lie that contradicts itself") }
        let shown = Publication(lie.history)
        lie.evidence = .replay(head: shown.head(), records: shown.range(1, sequence))
        return lie
    }

    /// The evidence is the record itself, and whatever says under which key it stands.
    private static func recorded(_ lie: Lie, with others: [UInt64] = []) -> Lie {
        var lie = lie
        guard let sequence = lie.sequence else { preconditionFailure("a lie that contradicts itself") }
        let shown = Publication(lie.history)
        let ranges = (others + [sequence]).sorted().map { shown.range($0) }
        lie.evidence = .records(head: shown.head(), ranges, genesis: lie.history.records[0].command)
        return lie
    }

    static let effects: [Fraud] = [
        Fraud(name: "price of a trade") {
            replayed(altering("crossing") { $0.changeEffect(Template.executed, "priceTicks") { $0 + 1 } })
        },
        Fraud(name: "quantity of a trade") {
            replayed(altering("crossing") { $0.changeEffect(Template.executed, "quantityLots") { $0 - 1 } })
        },
        Fraud(name: "fee of a trade") {
            replayed(altering("crossing") { $0.changeEffect(Template.executed, "takerFee") { $0 + 1 } })
        },
        Fraud(name: "balance after a withdrawal") {
            replayed(altering("withdrawal") { $0.changeEffect(Template.balanceChanged, "available") { $0 - 1_000 } })
        },
        Fraud(name: "money printed by a deposit") {
            replayed(
                altering("deposit 3 0") {
                    $0.changeEffect(Template.balanceChanged, "amount") { $0 * 2 }
                    $0.changeEffect(Template.balanceChanged, "available") { $0 * 2 }
                })
        },
        Fraud(name: "matched out of priority") {
            // Alice came first at 101; the operator lets Bob have the trade.
            replayed(
                altering("crossing") {
                    let bob = Truth.history[Truth.sequence("bob rests")]
                    $0.changeEffect(Template.executed, "makerAccount", occurrence: 1) { _ in UInt64(HonestRun.bob) }
                    $0.changeEffect(Template.executed, "makerOrderId", occurrence: 1) { $0 + 1 }
                    $0.changeEffect(Template.executed, "makerClientOrderId", occurrence: 1) { _ in
                        bob.commandField("clientOrderId")
                    }
                })
        },
        Fraud(name: "order refused without a reason") {
            replayed(
                altering("crossing again") { record in
                    let refused = Truth.history[Truth.sequence("would trade")]
                    record.effects = refused.effects
                    record.changeEffect(Template.rejected, "account") { _ in UInt64(HonestRun.maker) }
                    record.changeEffect(Template.rejected, "clientOrderId") { _ in 2 }
                })
        },
        Fraud(name: "cancelled order resurrected") { replayed(resurrected()) },
        Fraud(name: "feed message left out") {
            // The next market-data message gets a number that one more message would have used up.
            let sequence = Truth.sequence("crossing again")
            var history = Truth.history
            history.feedSequences[Int(sequence) - 1] = 1
            return replayed(Lie(history, at: sequence))
        },
        Fraud(name: "record without its continuation") {
            let continued = Truth.sequence("sweep continued")
            var history = Truth.history
            history.records.remove(at: Int(continued) - 1)
            history.seal()
            return replayed(Lie(history, at: continued))
        },
        Fraud(name: "order dropped, the rest left as it was") {
            var history = Truth.history
            history.records.remove(at: Int(Truth.sequence("bob rests")) - 1)
            history.seal()
            // Carol's order, which stands there now, has the id after Bob's.
            return replayed(Lie(history, at: Truth.sequence("bob rests")))
        },
    ]

    /// The cancel is confirmed, and the book keeps the order: what follows is what was played without the cancel.
    private static func resurrected() -> Lie {
        let other = Truth.play { $0.beforeRules = { name, _ in name != "cancel" } }
        let cancel = Int(Truth.sequence("cancel"))
        var history = Truth.history
        history.records = Array(history.records[..<cancel] + other.history.records[(cancel - 1)...])
        // What was played without the cancel is one tick of time earlier.
        for index in cancel..<history.records.count where index < Truth.history.records.count {
            history.records[index].time = Truth.history.records[index].time
            history.records[index].arrivalTime = Truth.history.records[index].arrivalTime
            history.records[index].arrivalTicket = Truth.history.records[index].arrivalTicket
        }
        let sequence = Truth.firstDifference(history, Truth.history)
        history.seal()
        return Lie(history, at: sequence)
    }

    static let signatures: [Fraud] = [
        Fraud(name: "price of an order") {
            commandChanged("priceTicks") { $0 + 1 }
        },
        Fraud(name: "quantity of an order") {
            commandChanged("quantityLots") { $0 * 2 }
        },
        Fraud(name: "nonce of an order") {
            recorded(altering("bob rests") { $0.changeCommand("nonce") { $0 + 50 } }, with: [owner(HonestRun.bob)])
        },
        Fraud(name: "order forged without the client's key") { forged() },
        Fraud(name: "key added to a client's account") { keyAdded() },
        Fraud(name: "old order replayed") { orderReplayed() },
        Fraud(name: "order by a revoked key") { revokedKey() },
        Fraud(name: "account opened without the client's key") { accountWithoutKey() },
    ]

    /// The record that gives an account its owner key.
    private static func owner(_ account: UInt32) -> UInt64 { Truth.sequence("create \(account)") }

    /// An order of Bob's is changed on its way to the rules; the signature is the one that he gave to what he sent.
    private static func commandChanged(_ field: String, _ change: @escaping (UInt64) -> UInt64) -> Lie {
        let other = Truth.play { venue in
            venue.beforeRules = { name, command in
                guard name == "bob rests" else { return true }
                var record = HistoryRecord(kind: .command, time: 0, ticket: 0, command: command, effects: [])
                record.changeCommand(field, change)
                command = record.command
                return true
            }
        }
        return recorded(consistent(other, from: "bob rests"), with: [owner(HonestRun.bob)])
    }

    /// A sell of Carol's, which Carol never sent: well formed, the next nonce, signed with a key that is not hers.
    /// Rules and effects are as if it were.
    private static func forged() -> Lie {
        let step = "crossing again"
        let other = Truth.play { venue in
            venue.beforeRules = { name, command in
                guard name == step else { return true }
                var record = HistoryRecord(kind: .command, time: 0, ticket: 0, command: command, effects: [])
                record.changeCommand("account") { _ in UInt64(HonestRun.carol) }
                record.changeCommand("side") { _ in UInt64(Side.sell.rawValue) }
                record.changeCommand("nonce") { _ in nextNonce(venue, HonestRun.carol) }
                record.changeCommand("clientOrderId") { _ in 9_000 }
                record.sign(venue.keys.stranger, SigningPrefix.make(.command, venue: venue.history.venueId))
                command = record.command
                return true
            }
        }
        return recorded(consistent(other, from: step), with: [owner(HonestRun.carol)])
    }

    /// The next nonce of a client, whose own later ones are above it.
    private static func nextNonce(_ venue: LyingVenue, _ account: UInt32) -> UInt64 {
        let command = venue.signed(account, .massCancel())
        return command.withUnsafeBytes { CommandHeader($0.baseAddress!).nonce }
    }

    /// Lets the operator add a trading key for Carol, with a proof of possession that holds: the key is the operator's.
    private static func keyAdded() -> Lie {
        let step = "crossing again"
        let other = Truth.play { venue in
            venue.beforeRules = { name, command in
                guard name == step else { return true }
                let stranger = venue.keys.stranger
                let proof = Prefixes(venue: venue.history.venueId).signPossession(
                    account: HonestRun.carol, key: stranger)
                let signer = Signer(
                    account: HonestRun.carol, key: stranger, venue: venue.history.venueId,
                    lastNonce: nextNonce(venue, HonestRun.carol) - 1)
                let body = CommandBody.addTradingKey(slot: 1, key: stranger.publicKey, proof: proof)
                guard let frame = try? signer.frame(body) else { return false }
                command = Array(frame[FrameHeader.size...])
                return true
            }
        }
        return recorded(consistent(other, from: step), with: [owner(HonestRun.carol)])
    }

    /// The very bytes of an order that Bob sent once, a second time.
    private static func orderReplayed() -> Lie {
        let first = Truth.history[Truth.sequence("bob rests")]
        var history = Truth.history
        let place = Int(Truth.sequence("crossing again"))
        var again = history.records[place]
        again.command = first.command
        again.effects = first.effects
        history.records[place] = again
        history.seal()
        return recorded(
            Lie(history, at: UInt64(place) + 1), with: [Truth.sequence("bob rests")])
    }

    private static func revokedKey() -> Lie {
        var history = Truth.history
        let place = Int(Truth.sequence("last order")) - 1
        let signer = Signer(
            account: HonestRun.alice, keySlot: 1, key: FixedKeys().trading(HonestRun.alice, slot: 1),
            venue: history.venueId, lastNonce: 1_000)
        let order = NewOrder.limit(.sell, 2, at: 136, instrument: HonestRun.goldUsd, clientOrderId: 9_100)
        let frame = try! signer.frame(.newOrder(order))
        history.records[place].command = Array(frame[FrameHeader.size...])
        history.seal()
        return recorded(
            Lie(history, at: UInt64(place) + 1), with: [Truth.sequence("trading key"), Truth.sequence("revoked")])
    }

    /// The record says that the proof of possession holds, and it does not.
    private static func accountWithoutKey() -> Lie {
        let step = "create \(HonestRun.bob)"
        var history = Truth.history
        let sequence = Truth.sequence(step)
        let key = Bytes32(FixedKeys().stranger.publicKey.bytes)
        history[sequence].set(key, "ownerKey")
        history[sequence].set(key, effect: Template.accountCreated, "ownerKey")
        history[sequence].sign(FixedKeys().venueOperator, SigningPrefix.make(.command, venue: history.venueId))
        history.seal()
        return recorded(Lie(history, at: sequence))
    }

    /// A run that agrees with itself from a step on, with the truth before it.
    private static func consistent(_ venue: LyingVenue, from step: String) -> Lie {
        Lie(venue.history, at: Truth.sequence(step))
    }

    static let order: [Fraud] = [
        Fraud(name: "time going back") {
            let lie = altering("crossing again") { $0.time -= 10_000 }
            return recorded(lie, with: [lie.sequence! - 1])
        },
        Fraud(name: "another venue's genesis") {
            let other = LyingVenue(random: 8, stateRoot: Truth.stateRoot)
            HonestRun.play(on: other)
            return Lie(other.history, at: 1)
        },
    ]
}
