import Cryptography
import Foundation
import GlassbookClient
import Platform
import Testing
import Wire

/// The operator's program, beside a running node: what it says it did is in the venue.
@Suite struct OperatorTests {
    /// Exit status, standard output as fields, standard error.
    struct Outcome {
        var status: Int32
        var text: String
        var errors: String

        /// The value of a field of the last line.
        subscript(name: String) -> String? {
            text.split(separator: " ").flatMap { $0.split(separator: "\n") }
                .last { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
        }
    }

    /// A node, and its keys where its configuration says.
    struct Desk {
        let venue: VenueFixture
        let node: NodeProcess
        var keys: String { venue.directory + "/keys" }
        var own: String { venue.directory + "/trader.key" }
        var proof: String { venue.directory + "/trader.proof" }

        init() throws {
            venue = try VenueFixture()
            let keys = venue.directory + "/keys"
            try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: true)
            try KeyFile.create(keys + "/operator.key", key: venue.operatorKey, role: .operator)
            // The fixture's genesis has this one.
            try KeyFile.create(keys + "/receipt.key", key: SigningKey(insecureDeterministic: 3), role: .receipt)
            node = try NodeProcess(venue.configurationFile)
        }

        func run(_ program: String, _ arguments: [String]) throws -> Outcome {
            let process = Process()
            let output = Pipe(), errors = Pipe()
            process.executableURL = NodeProcess.executable(program)
            process.arguments = arguments
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            let text = output.fileHandleForReading.readDataToEndOfFile()
            let errorText = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return Outcome(
                status: process.terminationStatus, text: String(decoding: text, as: UTF8.self),
                errors: String(decoding: errorText, as: UTF8.self))
        }

        /// `operator` with this node's configuration and port.
        func boss(_ arguments: String...) throws -> Outcome {
            try run(
                "operator",
                arguments + ["--config", venue.configurationFile, "--order-entry", "\(node.orderEntryPort)"])
        }

        /// The trader's part, offline.
        func prove(account: UInt32) throws {
            if !FileManager.default.fileExists(atPath: own) { #expect(try run("keys", ["make", own]).status == 0) }
            let made = try run(
                "keys", ["prove", own, "--account", "\(account)", "--venue", venue.venueId.hexadecimal])
            #expect(made.status == 0 && made["account"] == "\(account)", "\(made)")
            try made.text.write(toFile: proof, atomically: true, encoding: .utf8)
        }

        func signer() throws -> Signer { try Signer(account: 3, keyFile: own, venue: venue.venueId) }

        func session(_ signer: Signer) throws -> Session {
            try Session.open(IPv4Endpoint(.loopback, port: node.orderEntryPort), [signer], options: .patient)
        }
    }

    /// Places an order; nil when it is accepted, else why not.
    private func order(_ session: Session, _ signer: Signer, _ id: UInt64) throws -> Reason? {
        try session.send(.newOrder(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: id)), by: signer)
        let reply = try session.next()
        switch reply.body {
        case .orderAccepted: return nil
        case .commandRejected(let refusal): return refusal.reason
        default: throw RawClient.Failure("\(reply)")
        }
    }

    @Test func anAccountIsOpenedFundedTradesIsHaltedAndKilled() throws {
        let desk = try Desk()
        try desk.prove(account: 3)
        let opened = try desk.boss("account", desk.proof)
        #expect(opened.status == 0 && opened["account"] == "3" && opened["keySlot"] == "0", "\(opened)")
        #expect(opened["sequence"] == "8" && opened["durability"] == "journaled")
        let again = try desk.boss("account", desk.proof)
        #expect(again.status == 1 && again.text.isEmpty)
        #expect(again.errors.contains(" code=60 reason=accountIdInvalid expected=4096 "), "\(again)")

        let deposit = ["--asset", "USD", "--reference", "wire 1"]
        func credit(_ account: String, _ amount: String...) throws -> Outcome {
            try desk.run(
                "operator",
                ["deposit", "--account", account, "--config", desk.venue.configurationFile] + deposit + amount
                    + ["--order-entry", "127.0.0.1:\(desk.node.orderEntryPort)"])
        }
        #expect(try credit("9", "--units", "7").errors.contains(" code=61 reason=targetUnknown "))
        let credited = try credit("3", "--amount", "100.5")
        #expect(credited.status == 0 && credited["units"] == "100500000" && credited["amount"] == "100.500000")
        let reference = Blake2b256.hash(Array("wire 1".utf8))
        #expect(credited["reference"] == reference.hexadecimal)
        // A reference is credited once, whatever else is said.
        #expect(try credit("3", "--amount", "100.5").errors.contains(" code=68 reason=referenceUsed "))
        #expect(try credit("3", "--units", "1").status == 1)

        let signer = try desk.signer(), session = try desk.session(signer)
        #expect(try order(session, signer, 1) == nil)
        #expect(try desk.boss("halt", "--instrument", "BTC-USD", "--reason", "NEWS")["state"] == "halted")
        #expect(try order(session, signer, 2) == .instrumentHalted)
        #expect(try desk.boss("resume", "--instrument", "0").status == 0)
        #expect(try order(session, signer, 2) == nil)
        #expect(try desk.boss("halt", "--to", "closed")["instrument"] == "all")
        #expect(try order(session, signer, 3) == .venueClosed)
        #expect(try desk.boss("resume").status == 0)

        #expect(try desk.boss("limits", "--account", "3", "--open-orders", "2").status == 0)
        #expect(try order(session, signer, 3) == .tooManyOpenOrders)
        #expect(try desk.boss("kill", "--account", "3")["blocked"] == "1")
        for _ in 0..<2 {
            guard case .orderCancelled(let cancelled) = try session.next().body else { throw RawClient.Failure("none") }
            #expect(cancelled.reason == .killSwitch)
        }
        #expect(try order(session, signer, 4) == .accountBlocked)
        #expect(try desk.boss("kill", "--account", "3", "--lift")["blocked"] == "0")
        #expect(try order(session, signer, 4) == nil)
        _ = try session.terminate()
        #expect(desk.node.stop() == 0, "\(desk.node.errorText)")

        // What was printed is what stands in the journal: one deposit, with that reference, at that sequence.
        let deposits = try JournalContent(desk.venue.directory + "/journal").entries.filter { entry in
            entry.effects.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return false }
                return Effect(base: base).template == Template.balanceChanged
            }
        }
        #expect(deposits.map { "\($0.sequence)" } == [credited["sequence"]])
        deposits.first?.command.withUnsafeBytes { bytes in
            let message = DepositMessage(bytes.baseAddress!)
            #expect(message.target == 3 && message.amount == 100_500_000 && message.reference == Bytes32(reference))
        }
        #expect(try NodeProcess(desk.venue.configurationFile).stop() == 0)
    }

    @Test func keysAreRotatedByBothKeysAndTheOperator() throws {
        let desk = try Desk()
        let receipt = desk.keys + "/receipt.new", other = desk.keys + "/operator.new"
        #expect(try desk.run("keys", ["make", receipt, "--role", "receipt"]).status == 0)
        #expect(try desk.run("keys", ["make", other, "--role", "operator"]).status == 0)
        let rotated = try desk.boss("rotate", "receipt", "--new", receipt)
        #expect(rotated.status == 0 && rotated["keySlot"] == "0", "\(rotated)")
        #expect(rotated["newKey"] == (try KeyFile.load(receipt).key.publicKey.hexadecimal))
        // The old key is not in force any more, so its proof holds no more; the new one's does.
        let late = try desk.boss("rotate", "receipt", "--new", receipt)
        #expect(late.status == 1 && late.errors.contains(" code=64 reason=proofInvalid "), "\(late)")
        let back = try desk.boss("rotate", "receipt", "--old", receipt, "--new", desk.keys + "/receipt.key")
        #expect(back.status == 0, "\(back)")

        #expect(try desk.boss("rotate", "operator", "--new", other, "--new-slot", "2").status == 0)
        let revoked = try desk.boss("halt")
        #expect(revoked.status == 4 && revoked.errors.contains(" code=23 reason=revokedKey "), "\(revoked)")
        #expect(try desk.boss("halt", "--key", other, "--slot", "2")["state"] == "halted")
        #expect(desk.node.stop() == 0, "\(desk.node.errorText)")
        #expect(try NodeProcess(desk.venue.configurationFile).stop() == 0)
    }

    /// Nobody but the journal knows what became of a command whose answer did not come.
    @Test(arguments: [true, false])
    func aCommandThatIsNotAnsweredIsSaidToBeSo(_ isJournaled: Bool) throws {
        let desk = try Desk()
        try desk.prove(account: 3)
        #expect(try desk.boss("account", desk.proof).status == 0)
        let line = try SeveredLine(to: desk.node.orderEntryPort, passesCommand: isJournaled)
        let deposit = ["deposit", "--account", "3", "--asset", "USD", "--units", "5", "--reference", "wire 1"]
        let access = ["--config", desk.venue.configurationFile, "--order-entry"]
        let cut = try desk.run("operator", deposit + access + ["\(line.port)"])
        line.finish()
        #expect(cut.status == 5 && cut.text.isEmpty, "\(cut)")
        #expect(cut.errors.contains("sent with nonce=") && cut.errors.contains("`journal cat` shows"), "\(cut)")
        // As it says: the same deposit once more is credited once.
        let again = try desk.run("operator", deposit + access + ["\(desk.node.orderEntryPort)"])
        if isJournaled {
            #expect(again.status == 1 && again.errors.contains(" reason=referenceUsed "), "\(again)")
        } else {
            #expect(again.status == 0 && again["units"] == "5", "\(again)")
        }
        #expect(desk.node.stop() == 0, "\(desk.node.errorText)")
        let credited = try JournalContent(desk.venue.directory + "/journal").entries.count { entry in
            entry.effects.withUnsafeBytes { bytes in
                bytes.baseAddress.map { Effect(base: $0).template == Template.balanceChanged } ?? false
            }
        }
        #expect(credited == 1)
    }

    @Test func aMistakeIsSaidAndNotJournaled() throws {
        let desk = try Desk()
        try desk.prove(account: 3)
        let line = try String(contentsOfFile: desk.proof, encoding: .utf8)
        for (name, text) in [
            ("account", line.replacing("account=3", with: "account=4")), ("short", String(line.dropLast(9))),
            ("venue", line.replacing(desk.venue.venueId.hexadecimal, with: Blake2b256.hash([]).hexadecimal)),
        ] {
            let path = desk.venue.directory + "/" + name
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            #expect(try desk.boss("account", path).status == 6, "\(name)")
        }
        let deposit = ["deposit", "--account", "3", "--reference", "1"]
        let mistakes: [(Int32, [String])] = [
            (6, deposit + ["--asset", "USD", "--amount", "1.0000001"]),
            (6, deposit + ["--asset", "XYZ", "--units", "1"]),
            (6, ["halt", "--instrument", "XYZ"]), (6, ["halt", "--reason", "VERYLONG"]),
            (6, ["account", desk.venue.directory + "/none"]), (6, ["halt", "--order-entry", "nowhere"]),
            (3, ["halt", "--key", desk.venue.directory + "/none"]), (3, ["halt", "--key", desk.keys + "/receipt.key"]),
            (3, ["rotate", "receipt", "--new", desk.keys + "/operator.key"]),
            (2, ["halt", "--config", desk.venue.directory + "/none"]), (4, ["halt", "--order-entry", "1"]),
            (4, ["halt", "--slot", "3"]), (4, ["halt", "--venue", Blake2b256.hash([]).hexadecimal]),
            (64, deposit + ["--asset", "USD"]), (64, deposit + ["--asset", "USD", "--amount", "1", "--units", "1"]),
            (64, ["kill"]), (64, ["kill", "--account", "3", "--everybody"]), (64, ["halt", "--venue", "12"]),
            (64, ["limits", "--account", "3", "--maker-fee", "1"]), (64, ["limits", "--instrument", "BTC-USD"]),
            (64, ["rotate", "receipt", "--new", "x", "--new-slot", "1"]), (64, ["rotate", "operator", "--new", "x"]),
            (64, ["halt", "--instrument", "BTC-USD", "--to", "end-of-messages"]),
        ]
        for (status, arguments) in mistakes {
            var words = arguments
            if !words.contains("--config") { words += ["--config", desk.venue.configurationFile] }
            if !words.contains("--order-entry") { words += ["--order-entry", "\(desk.node.orderEntryPort)"] }
            let outcome = try desk.run("operator", words)
            #expect(outcome.status == status && outcome.text.isEmpty && !outcome.errors.isEmpty, "\(words): \(outcome)")
        }
        let notAnOwner = ["prove", desk.keys + "/operator.key", "--account", "3", "--venue"]
        #expect(try desk.run("keys", notAnOwner + [desk.venue.venueId.hexadecimal]).status == 3)
        #expect(desk.node.stop() == 0, "\(desk.node.errorText)")
        // Genesis, three assets and three instruments.
        #expect(try JournalContent(desk.venue.directory + "/journal").entries.count == 7)
    }
}
