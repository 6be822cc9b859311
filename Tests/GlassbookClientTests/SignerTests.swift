import Cryptography
import Testing
import Wire

@testable import GlassbookClient

@Suite struct SignerTests {
    private let venue = [UInt8](0..<32).withUnsafeBytes { Hash256(loading: $0.baseAddress!) }
    private let key = [UInt8](0x40..<0x60).withUnsafeBytes { SigningKey(seed: $0.baseAddress!) }
    private var proof: Signature { Signature(r: .zero, s: venue) }

    /// One of each.
    private var bodies: [CommandBody] {
        [
            .createAccount(9, ownerKey: key.publicKey, proof: proof),
            .addTradingKey(slot: 1, key: key.publicKey, proof: proof, isCustodial: true),
            .revokeTradingKey(slot: 1),
            .deposit(to: 9, asset: 1, amount: 5, reference: Bytes32(1, 2, 3, 4)),
            .withdraw(asset: 1, amount: 5, reference: Bytes32(1, 2, 3, 4)),
            .listAsset(3, symbol: "SOL", decimals: 9),
            .listInstrument(
                InstrumentListing(
                    instrument: 3, symbol: "SOL-USD", baseAsset: 3, quoteAsset: 0, lotSize: 10, tickValue: 1,
                    priceMultiplier: 100, priceMinTicks: 1, priceMaxTicks: 1000, referencePriceTicks: 500,
                    quantityMaxLots: 10_000, notionalMax: 1 << 40)),
            .setTradingState(.halted, instrument: nil, reason: "TEST"),
            .killSwitch(account: nil, isEngaged: true),
            .setLimits(LimitChange(.account, 9, openOrdersMax: 7)),
            .rotateVenueKey(.receipt, slot: 0, newKey: key.publicKey, oldProof: proof, newProof: proof),
            .stateCommitment(through: 5, stateRoot: .zero, chainHead: .zero, dataThrough: 4, dataDigest: .zero),
            .newOrder(.limit(.buy, 25, at: 100_000, instrument: 0, clientOrderId: 1001)),
            .cancelOrder(.clientOrderId(3)),
            .replaceOrder(OrderReplacement(.orderId(4), priceTicks: 6, quantityLots: 7, losesPriority: true)),
            .massCancel(instrument: 2, side: .sell),
            .batch([BatchItem](repeating: .cancel(.orderId(1)), count: 128)),
        ]
    }

    @Test func everyCommandIsAFrameThatHolds() throws {
        let signer = Signer(account: 7, keySlot: 1, key: key, venue: venue, lastNonce: 41)
        let covered = Set(bodies.map(\.template))
        let all = (Template.createAccount...Template.batch).filter { Template.orderEntryBlockLength($0) != nil }
        #expect(covered == Set(all))
        for (number, body) in bodies.enumerated() {
            let frame = try signer.frame(body, deadline: 99)
            #expect(frame.count == body.frameBytes)
            frame.withUnsafeBytes { bytes in
                let base = bytes.baseAddress!
                #expect(FrameHeader.length(base) == UInt32(bytes.count))
                #expect(FrameHeader.encoding(base) == FrameHeader.sbeLittleEndian)
                let message = UnsafeRawBufferPointer(rebasing: bytes[FrameHeader.size..<bytes.count - 64])
                #expect(MessageStructure.refusal(message.baseAddress!, count: message.count) == nil)
                let header = CommandHeader(message.baseAddress!)
                #expect(header.templateId == body.template && header.account == 7 && header.keySlot == 1)
                #expect(header.nonce == 42 + UInt64(number) && header.deadline == 99)
                let prefix =
                    body.template == Template.stateCommitment
                    ? signer.prefixes.commitment : signer.prefixes.command
                let signed = prefix.withUnsafeBytes { [UInt8]($0) } + message
                let signature = Signature(loading: base + bytes.count - 64)
                #expect(signed.withUnsafeBytes { Ed25519.verify(signature, of: $0, by: key.publicKey) })
            }
        }
    }

    /// The logon of the protocol's page, byte for byte.
    @Test func theLogonIsThatOfThePage() {
        let signer = Signer(account: 7, keySlot: 1, key: key, venue: venue)
        let challenge = [UInt8](0xC0..<0xE0).withUnsafeBytes { Bytes32(from: $0.baseAddress!) }
        let frame = signer.signLogon(challenge: challenge, flags: [], resume: nil)
        #expect(
            Hexadecimal.encode(UnsafeRawBufferPointer(rebasing: frame[70...]))
                == "7d8cc9c3d093b55d1d2f2063facb1f396e78a080944ae92521db676dac73d865"
                + "ce41aa422be8b3edc7cb7e388f767878bdac9887798ce95bc369c1994a809404")
        #expect(
            Hexadecimal.encode(UnsafeRawBufferPointer(rebasing: frame[..<38]))
                == "00000086eb503800030001000000070000000100000000000000000000000000000000000000")
    }

    @Test func whatCannotBeWrittenUsesNoNonce() throws {
        let signer = Signer(account: 7, key: key, venue: venue)
        for body in [
            CommandBody.batch([]), .batch([BatchItem](repeating: .cancel(.orderId(1)), count: 129)),
            .listAsset(3, symbol: "TOO LONG A SYMBOL", decimals: 0),
            .setTradingState(.halted, instrument: 0, reason: "é"),
        ] {
            #expect(throws: ClientError.self) { try signer.frame(body) }
        }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 200, alignment: 1)
        defer { memory.deallocate() }
        #expect(throws: ClientError.invalidCommand("a buffer of 103 bytes, expected 110")) {
            try signer.write(.massCancel(), into: UnsafeMutableRawBufferPointer(rebasing: memory[..<103]))
        }
        #expect(signer.nonce == 0)
        #expect(try signer.write(.massCancel(), into: memory) == 110)
        #expect(signer.nonce == 1)
        signer.skipNonces(through: 9)
        signer.skipNonces(through: 3)
        #expect(signer.nonce == 9)
        signer.skipNonces(through: .max - 1)
        #expect(throws: ClientError.invalidCommand("the nonces of this key are used up")) {
            try signer.frame(.massCancel())
        }
    }

    @Test func errorCodesAreStable() {
        let errors: [ClientError] = [
            .system(.invalidArgument("")), .keyFile(.notFound("")), .connectionLost, .timedOut,
            .wrongVenue(found: .zero),
            .protocolViolation(.template(1)), .logonRejected(account: 1, reason: 1), .terminated(.logout),
            .serverSilent,
            .tooManyPending, .invalidCommand(""), .invalidState(""), .snapshotRejected(65), .malformedSnapshot,
            .receipt(.signature), .badAnswer(""),
        ]
        #expect(errors.map(\.code) == Array(1...16))
        #expect(errors.allSatisfy { !$0.description.isEmpty })
    }
}
