import Cryptography
import Testing
import Wire

/// Keys that come and go while messages are on their way, and the proofs that they need.
@Suite struct KeyTests {
    @Test func aKeyWithoutItsOwnersProofIsNotRegistered() throws {
        let venue = try VenueFixture()
        let node = try NodeProcess(venue.configurationFile)
        let client = try RawClient.established(node.orderEntryPort, venue, [(1, venue.operatorKey)])
        let key = SigningKey(insecureDeterministic: 300), other = SigningKey(insecureDeterministic: 301)
        let wrong = [
            // For another account, by another key.
            venue.prefixes.signPossession(account: 9, key: key), venue.prefixes.signPossession(account: 8, key: other),
        ]
        for (index, proof) in wrong.enumerated() {
            let nonce = venue.operatorNonce + UInt64(index)
            try client.send(Commands.createAccount(8, key, nonce: nonce, venue, proof: proof), by: venue.operatorKey)
            let answer = try client.receive()
            #expect(answer.reason == .proofInvalid && answer.sequence > 0, "authentic, journaled, refused")
        }
        try client.send(
            Commands.createAccount(8, key, nonce: venue.operatorNonce + 5, venue), by: venue.operatorKey)
        #expect(try client.receive().template == Template.commandAccepted)
        #expect(node.stop() == 0, "\(node.errorText)")
    }

    @Test(arguments: VenueFixture.Layout.allCases)
    func aRotatedOperatorKeyIsGoodAtOnceAndTheOldOneNever(_ layout: VenueFixture.Layout) throws {
        let venue = try VenueFixture(layout)
        var node = try NodeProcess(venue.configurationFile)
        let client = try RawClient.established(node.orderEntryPort, venue, [(1, venue.operatorKey)])
        let new = SigningKey(insecureDeterministic: 310), other = SigningKey(insecureDeterministic: 311)
        var nonce = venue.operatorNonce
        func rotate(old: SigningKey, proving: SigningKey) -> [UInt8] {
            nonce += 1
            return Commands.rotateOperatorKey(new, slot: 3, old: old, proving: proving, nonce: nonce, venue)
        }
        for message in [rotate(old: other, proving: new), rotate(old: venue.operatorKey, proving: other)] {
            try client.send(message, by: venue.operatorKey)
            #expect(try client.receive().reason == .proofInvalid)
        }
        let account = SigningKey(insecureDeterministic: 312)
        // One after the other, without waiting: the key changes between messages that are already in the ring.
        try client.send(rotate(old: venue.operatorKey, proving: new), by: venue.operatorKey)
        try client.send(Commands.createAccount(8, account, nonce: nonce + 1, venue), by: venue.operatorKey)
        try client.send(Commands.createAccount(8, account, nonce: 1, venue, slot: 3), by: new)
        #expect(try client.receive().template == Template.commandAccepted)
        #expect(try client.receive().reason == .revokedKey)
        #expect(try client.receive().template == Template.commandAccepted)
        #expect(node.stop() == 0, "\(node.errorText)")
        // What the old key signed for the first start is no obstacle to the next one.
        node = try NodeProcess(venue.configurationFile)
        #expect(node.stop() == 0, "\(node.errorText)")
    }
}

/// What begins a new feed session, and what a start says of it.
@Suite struct FeedSessionTests {
    /// Generation of the last feed session of a journal.
    private func generation(_ venue: VenueFixture) throws -> UInt32 {
        try JournalContent(venue.directory + "/journal").entries.reduce(0) { generation, entry in
            entry.effects.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress, Effect(base: base).template == Template.feedSessionStarted else {
                    return generation
                }
                #expect(entry.feedSequence == 1)
                return FeedSessionStartedMessage(base).generation
            }
        }
    }

    @Test func anOrderlyStartGoesOnWithTheSession() throws {
        let venue = try VenueFixture()
        for _ in 0..<3 { #expect(try NodeProcess(venue.configurationFile).stop() == 0) }
        #expect(try generation(venue) == 1)
    }

    @Test func aTornTailIsCutSaidAndBeginsANewSession() throws {
        let venue = try VenueFixture()
        #expect(try NodeProcess(venue.configurationFile).stop() == 0)
        try JournalContent.tear(venue.directory + "/journal")
        let node = try NodeProcess(venue.configurationFile)
        #expect(node.stop() == 0)
        #expect(node.errorText.contains("cut a torn tail of "))
        #expect(try generation(venue) == 2)
    }

    @Test func afterTheEndOfMessagesANewSessionBegins() throws {
        let venue = try VenueFixture()
        let first = try NodeProcess(venue.configurationFile)
        let client = try RawClient.established(first.orderEntryPort, venue, [(1, venue.operatorKey)])
        let end = bytes(SetTradingStateMessage.size) {
            SetTradingStateMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: venue.operatorNonce, deadline: 0, instrument: Null.u32,
                state: .endOfMessages, reason: FixedText.four("END")!)
        }
        try client.send(end, by: venue.operatorKey)
        #expect(try client.receive().template == Template.commandAccepted)
        #expect(first.stop() == 0)
        #expect(try NodeProcess(venue.configurationFile).stop() == 0)
        #expect(try generation(venue) == 2)
        #expect(try NodeProcess(venue.configurationFile).stop() == 0)
        #expect(try generation(venue) == 2, "it began once")
    }

    @Test func limitsThatWereSetHaveToBeInTheConfiguration() throws {
        let venue = try VenueFixture()
        let node = try NodeProcess(venue.configurationFile)
        let client = try RawClient.established(node.orderEntryPort, venue, [(1, venue.operatorKey)])
        let limits = bytes(SetLimitsMessage.size) {
            SetLimitsMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: venue.operatorNonce, deadline: 0, scope: .instrument, target: 0,
                openOrdersMax: Null.u32, bandBasisPoints: Null.u32, protectionBasisPoints: Null.u32,
                makerFee: Null.i32, takerFee: 600, quantityMaxLots: Null.u64, notionalMax: Null.u64)
        }
        try client.send(limits, by: venue.operatorKey)
        #expect(try client.receive().template == Template.commandAccepted)
        #expect(node.stop() == 0)
        let refused = try NodeProcess.run(["--config", venue.configurationFile])
        #expect(refused.status == 5)
        #expect(refused.errors.contains("venue.instrument[0].taker_fee: configuration 500, journal 600"))
    }
}
