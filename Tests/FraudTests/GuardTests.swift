import Availability
import Cryptography
import Foundation
import LyingVenue
import Proof
import Testing
import Wire

/// What disagrees with a mutant of shared code, which a replay by the same code would confirm. Each guard is asked of
/// the unchanged copy, which has to pass, and of the mutant, which has to fail.
@Suite(.serialized) struct GuardTests {
    /// Hash of the last record of the honest run, for ever: all of the codec, the rules and the chain is in it.
    static let goldenHead = "f8857cb0f352b440b886878955032362f90520da35cb079ab50ed2a49de9c871"

    @Test("the honest run has always come to this")
    func golden() {
        let head = Truth.publication.records.last!.suffix(32)
        #expect(Array(head).withUnsafeBytes { Hexadecimal.encode($0) } == Self.goldenHead)
    }

    @Test("the guards hold of the sources as they are", arguments: SharedMutant.Guard.allCases)
    func honest(_ guarding: SharedMutant.Guard) throws {
        #expect(try Guarding.disagreements(guarding, mutant: 0) == [])
    }

    @Test("a mutant of shared code is caught by its guard", arguments: SharedMutants.all)
    func caught(_ shared: SharedMutant) throws {
        #expect(try !Guarding.disagreements(shared.guard, mutant: shared.mutant.number).isEmpty)
    }

    @Test("a mutant of the shared codec is caught by a verifier of other sources", arguments: [60, 61, 62])
    func codec(_ number: Int) throws {
        let build = try MutantTests.build.get()
        let played = try build.play(MutantTests.stream, mutant: number)
        let truth = try build.play(MutantTests.stream, mutant: 0)
        let first = try #require(MutantTests.firstDifference(played, truth))
        let report = try Auditor.audit(Lie(MutantTests.history(played), at: first.sequence))
        #expect(report.finding?.verdict == .effects && report.finding?.sequence == first.sequence)
    }

    @Test("a forged balance proof is refused", arguments: ForgedBalance.all)
    func balance(_ forged: ForgedBalance) throws {
        let known = try Catalogue().outcomes("Forged sum trees")[forged.name]
        let proof = try BalanceProof(forged.proof)
        do {
            try proof.check(root: forged.root, account: forged.account, asset: forged.asset)
            Issue.record("it passes")
        } catch { #expect(Self.name(error) == known, "\(error)") }
    }

    /// The case of an error, without what it carries.
    private static func name(_ error: BalanceProofError) -> String {
        switch error {
        case .malformed: "malformed"
        case .other: "other"
        case .sumOverflow: "sumOverflow"
        case .unbacked: "unbacked"
        case .root: "root"
        }
    }

    @Test("the tables of the catalogue and those of the tests are the same")
    func tables() throws {
        let catalogue = try Catalogue()
        #expect(Set(catalogue.outcomes("Forged sum trees").keys) == Set(ForgedBalance.all.map(\.name)))
        let venue = MutantTable.venue.map { ("\($0.number)", $0.verdict) }
        #expect(catalogue.outcomes("Mutants of matcher and money") == Dictionary(uniqueKeysWithValues: venue))
        let shared = SharedMutants.all.map { ("\($0.mutant.number)", $0.guard.rawValue) }
        #expect(
            catalogue.outcomes("Mutants of what node and verifier share") == Dictionary(uniqueKeysWithValues: shared))
        #expect(catalogue.outcomes("Undetected").count >= 5)
    }

    @Test("the true ones are not")
    func honestBalances() throws {
        for (account, asset) in [(HonestRun.alice, HonestRun.usd), (HonestRun.carol, HonestRun.gold)] {
            let honest = ForgedBalance.honest(account, asset)
            try BalanceProof(honest.proof).check(root: honest.root, account: account, asset: asset)
        }
    }
}

/// Asks a copy of the sources what other sources know.
enum Guarding {
    /// The questions whose answers are not the known ones.
    static func disagreements(_ guarding: SharedMutant.Guard, mutant: Int) throws -> [String] {
        let build = try MutantTests.build.get()
        if guarding == .golden {
            let lie = MutantTests.history(try build.play(MutantTests.stream, mutant: mutant))
            let head = Array(lie.chained().last!.suffix(32)).withUnsafeBytes { Hexadecimal.encode($0) }
            return head == GuardTests.goldenHead ? [] : [head]
        }
        let known = try known(guarding)
        let answers = try build.ask(known.map(\.question), mutant: mutant)
        guard answers.count == known.count else { return ["\(answers.count) answers to \(known.count) questions"] }
        return zip(known, answers).filter { $0.answer != $1 }.map { "\($0.question) is \($0.answer), said \($1)" }
    }

    private typealias Known = (question: String, answer: String)

    private static func known(_ guarding: SharedMutant.Guard) throws -> [Known] {
        switch guarding {
        case .vectors: try vectors()
        case .page: page()
        case .forgeries: forgeries()
        case .schema: try schema()
        case .golden: []
        }
    }

    // MARK: Published vectors

    private static func vectors() throws -> [Known] {
        var known: [Known] = []
        for name in ["wycheproof", "speccheck", "cctv"] {
            for line in try lines(name) {
                let words = line.split(separator: " ", maxSplits: 6).map(String.init)
                known.append(("signature \(words[1]) \(words[2]) \(words[3])", "\(words[4]) \(words[5])"))
            }
        }
        for line in try lines("blake2b256") {
            let words = line.split(separator: " ").map(String.init)
            known.append(("blake2b \(words[0])", words[1]))
        }
        // The example of golang.org/x/mod/sumdb/note.
        let note =
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
            + "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
            + "qdngotpRZb6KE6RyyBwJnAM=\n"
        let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        known.append(("note \(key) \(text(Array(note.utf8)))", "yes"))
        return known
    }

    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        Array(bytes).withUnsafeBytes { Hexadecimal.encode($0) }
    }

    private static func lines(_ name: String) throws -> [Substring] {
        let file = MutantBuild.root.appendingPathComponent("Tests/CryptographyTests/Vectors/\(name).txt")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    // MARK: Pages

    private static func page() -> [Known] {
        let venue = Truth.history.venueId
        var known: [Known] = []
        for purpose in ["command", "logon", "possession", "commitment", "receipt", "rotation"] {
            let bytes = Array("glassbook/1/\(purpose)".utf8) + venue.bytes
            known.append(("prefix \(purpose) \(venue)", Blake2b256.hash(bytes).hexadecimal))
        }
        for count in [1, 2, 3, 7, 8, 9] {
            let entries = (0..<count).map { [UInt8](repeating: UInt8($0), count: 3) }
            let words = entries.map { bytes in bytes.withUnsafeBytes { Hexadecimal.encode($0) } }
            known.append(("tree \(words.joined(separator: " "))", root(entries[...]).hexadecimal))
        }
        for name in ["first commitment", "second commitment", "last commitment"] {
            let state = Truth.state(before: name), through = Truth.sequence(name) - 1
            let text = state.withUnsafeBytes { Hexadecimal.encode($0) }
            known.append(("state \(through) \(text)", NaiveStateRoot(state).root(through: through).hexadecimal))
        }
        return known + notes() + batches()
    }

    /// C2SP tlog-checkpoint and tlog-cosignature: what is signed, put together here.
    private static func notes() -> [Known] {
        let key = SigningKey(insecureDeterministic: 5), root = Sha256.hash([1, 2, 3])
        func note(_ kind: UInt8, _ time: UInt64?) -> (key: String, bytes: [UInt8]) {
            let name = "log.example/5"
            let body = "\(name)\n4711\n\(Data(root.bytes).base64EncodedString())\n"
            let blob = [kind] + key.publicKey.bytes.bytes
            let id = Array(Sha256.hash(Array(name.utf8) + [0x0A] + blob).bytes[..<4])
            let message = time.map { "cosignature/v1\ntime \($0)\n" } ?? ""
            let signature = Array((message + body).utf8).withUnsafeBytes { key.sign($0) }
            let head = time.map { time in withUnsafeBytes(of: time.bigEndian) { Array($0) } } ?? []
            let signed = Data(id + head + withUnsafeBytes(of: signature) { Array($0) }).base64EncodedString()
            return (
                "\(name)+\(text(id))+\(Data(blob).base64EncodedString())",
                Array("\(body)\n\u{2014} \(name) \(signed)\n".utf8)
            )
        }
        let log = note(1, nil), witness = note(4, 1_700_000_000)
        return [
            ("checkpoint \(log.key) \(text(log.bytes))", "4711 \(root)"),
            ("note \(witness.key) \(text(witness.bytes))", "1700000000"),
        ]
    }

    /// Availability.md, byte by byte.
    private static func batches() -> [Known] {
        func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        let venue = Truth.history.venueId, previous = Sha256.hash([4])
        return [(UInt64(1), UInt64(3)), (4, 4)].map { first, last in
            let records = Array(Truth.publication.records[Int(first - 1)..<Int(last)])
            var header = Array("GLASBAT1".utf8) + little(UInt32(1)) + little(UInt32(last - first + 1))
            header += venue.bytes + little(first) + little(last) + previous.bytes
            header += little(UInt64(records.joined().count))
            let digest = Sha256.hash(header + records.joined())
            let words = records.map { text($0) }.joined(separator: " ")
            return ("batch \(venue) \(previous) \(first) \(words)", "\(digest) \(text(header))")
        }
    }

    /// RFC 6962, section 2.1, as it stands there.
    private static func root(_ entries: ArraySlice<[UInt8]>) -> Hash256 {
        if entries.count == 1 { return Sha256.hash([0] + entries.first!) }
        var half = 1
        while half * 2 < entries.count { half *= 2 }
        let (left, right) = (entries.prefix(half), entries.dropFirst(half))
        return Sha256.hash([1] + root(left).bytes + root(right).bytes)
    }

    // MARK: What has to be refused

    private static func forgeries() -> [Known] {
        func text(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { Hexadecimal.encode($0) } }
        var known: [Known] = []
        for forged in ForgedBalance.all {
            known.append(("balance \(forged.root) \(forged.account) \(forged.asset) \(text(forged.proof))", "no"))
        }
        let honest = ForgedBalance.honest(HonestRun.alice, HonestRun.usd)
        known.append(("balance \(honest.root) \(honest.account) \(honest.asset) \(text(honest.proof))", "yes"))
        // A proof that nothing but the sum of two siblings contradicts: it wraps, and is backed, modulo 2^128.
        let wrapped = wrappedProof()
        known.append(("balance \(wrapped.root) 0 0 \(text(wrapped.proof))", "no"))
        // One whose sums lead to the root, and are not the total.
        var state = CommittedState(Truth.state(before: "second commitment"))
        state.changeAvailable(HonestRun.alice, HonestRun.usd) { $0 - 1_000 }
        known.append(("state 7 \(text(state.bytes))", "refused"))
        let truth = Truth.publication, size = truth.size, old = Truth.sequence("carries")
        if let claim = try? truth.consistency(old) {
            let proof = claim.proof.map(\.hexadecimal).joined(separator: " ")
            let end = "\(size) \(truth.root(size)) \(proof)"
            known.append(("consistent \(old) \(truth.root(old)) \(end)", "yes"))
            known.append(("consistent \(old) \(truth.root(old - 1)) \(end)", "no"))
        }
        return known + forgedNotes() + forgedBatches()
    }

    /// Checkpoints of another log, by another key, and of bytes that nobody signed.
    private static func forgedNotes() -> [Known] {
        let truth = Truth.publication, log = truth.anchors().logs[0]
        let stranger = NoteSigner(name: "stranger.example", key: FixedKeys().stranger)!
        let elsewhere = Checkpoint(origin: "stranger.example", size: truth.size, root: truth.root(truth.size)).text
        let own = NoteSigner(name: log.name, key: FixedKeys().log)!
        let honest = truth.head(), body = String(decoding: honest, as: UTF8.self)
        func note(_ text: String, _ signer: NoteSigner) -> [UInt8] {
            SignedNote(text: text, signatures: [signer.sign(text)]).bytes
        }
        let checkpoint = Checkpoint(origin: log.name, size: truth.size, root: truth.root(truth.size)).text
        return [
            ("checkpoint \(log) \(text(honest))", "\(truth.size) \(truth.root(truth.size))"),
            ("checkpoint \(log) \(text(note(elsewhere, own)))", "no"),
            ("checkpoint \(log) \(text(note(checkpoint, stranger)))", "no"),
            ("note \(log) \(text(body.replacing("\n\(truth.size)\n", with: "\n\(truth.size + 1)\n").utf8))", "no"),
        ]
    }

    /// A batch that leaves a record out and says that it does not.
    private static func forgedBatches() -> [Known] {
        var draft = Batch.Draft(venue: Truth.history.venueId, previous: .zero, first: 1)
        for record in Truth.publication.records[..<3] {
            record.withUnsafeBytes { draft.append(RecordView($0.baseAddress!)) }
        }
        let honest = draft.finish().bytes
        var forged = honest
        let third = honest.count - Truth.publication.records[2].count
        put(&forged, third + RecordLayout.sequence, 8, 4)
        return [("batched \(text(honest))", "yes"), ("batched \(text(forged))", "refused")]
    }

    /// The proof of account 0 in a tree of two accounts, the second of which is owed 2^128 − 1: the sums are hashed as
    /// they wrap, and the total is what comes out.
    private static func wrappedProof() -> (root: Hash256, proof: [UInt8]) {
        func big(_ value: UInt128) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
        func node(_ left: (Hash256, UInt128), _ right: (Hash256, UInt128)) -> (Hash256, UInt128) {
            (
                Sha256.hash([3] + left.0.bytes + big(left.1) + right.0.bytes + big(right.1)), left.1 &+ right.1
            )
        }
        var bytes = ForgedBalance.honest(WellKnownAccount.fees, HonestRun.usd).proof
        let owner = Array(bytes[16..<48]), zero = [UInt8](repeating: 0, count: 4)
        var sum = (Sha256.hash([2] + owner + zero + zero + big(5)), UInt128(5))
        bytes.replaceSubrange(48..<64, with: big(5))
        var empty = (Hash256.zero, UInt128(0))
        for height in 0..<24 {
            let sibling = height == 0 ? (Sha256.hash([9]), UInt128.max - 1) : empty
            let at = 64 + height * 48
            bytes.replaceSubrange(at..<(at + 48), with: sibling.0.bytes + big(sibling.1))
            sum = node(sum, sibling)
            empty = node(empty, empty)
        }
        let part = 64 + 24 * 48
        let total = UInt64(sum.1)
        bytes.replaceSubrange((part + 9)..<(part + 17), with: withUnsafeBytes(of: total.littleEndian) { Array($0) })
        var hash = Sha256.hash([0] + bytes[part..<(part + 17)] + sum.0.bytes + big(sum.1))
        for height in 0..<10 {
            let sibling = bytes[(part + 17 + height * 32)..<(part + 49 + height * 32)]
            hash = Sha256.hash([1] + hash.bytes + sibling)
        }
        // Version, venue id, sequence, venue part; then the root of assets before those of accounts and the others.
        let header = part + 17 + 320
        let root = Sha256.hash(
            [4] + bytes[header..<(header + 76)] + hash.bytes + bytes[(header + 76)...])
        return (root, bytes)
    }

    // MARK: Schemas

    private static func schema() throws -> [Known] {
        let executed = try fields("journal.xml", "Executed"), order = try fields("order-entry.xml", "NewOrder")
        var effect = [UInt8](repeating: 0, count: 8 + executed.block)
        put(&effect, 0, 2, UInt64(executed.block))
        put(&effect, 2, 2, UInt64(executed.id))
        put(&effect, 4, 2, 2)
        let values: [String: UInt64] = [
            "takerAccount": 1, "makerAccount": 2, "instrument": 3, "priceTicks": 4, "quantityLots": 5,
            "takerLeavesLots": 6, "makerLeavesLots": 7, "takerSide": 2, "entry": 9, "takerOrderId": 10,
            "makerOrderId": 11, "takerClientOrderId": 12, "makerClientOrderId": 13, "matchNumber": 14,
            "takerFee": 15, "makerFee": 16, "takerFeeAsset": 17, "makerFeeAsset": 18,
        ]
        for (name, field) in executed.fields { put(&effect, 8 + field.offset, field.size, values[name] ?? 0) }
        var message = [UInt8](repeating: 0, count: 8 + order.block)
        for (name, value) in ["instrument": 21, "clientOrderId": 22, "priceTicks": 23, "quantityLots": 24] {
            guard let field = order.fields[name] else { throw MutantError("no field \(name)") }
            put(&message, 8 + field.offset, field.size, UInt64(value))
        }
        let known: [Known] = [
            ("executed", effect.withUnsafeBytes { Hexadecimal.encode($0) }),
            ("order \(message.withUnsafeBytes { Hexadecimal.encode($0) })", "21 22 23 24"),
        ]
        return try feed(effect) + known
    }

    /// Nasdaq's ITCH 5.0: an execution and an order of instrument 3, whose price is 40 times its ticks.
    private static func feed(_ executed: [UInt8]) throws -> [Known] {
        func big(_ value: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64(count - 1 - $0))) }
        }
        let schema = try fields("journal.xml", "Rested")
        var rested = [UInt8](repeating: 0, count: 8 + schema.block)
        put(&rested, 0, 2, UInt64(schema.block))
        put(&rested, 2, 2, UInt64(schema.id))
        put(&rested, 4, 2, 2)
        for (name, value) in ["orderId": 31, "instrument": 3, "priceTicks": 32, "quantityLots": 33, "side": 2] {
            guard let field = schema.fields[name] else { throw MutantError("no field \(name)") }
            put(&rested, 8 + field.offset, field.size, UInt64(value))
        }
        let midnight: UInt64 = 19_000 * 86_400_000_000_000, symbol = Array("GLDUSD  ".utf8)
        let head = big(4, 2) + big(0, 2) + big(7, 6)
        let question = "feed \(midnight + 7) 3 \(text(symbol)) 40"
        let order = big(31, 8) + [0x53] + big(33, 4) + symbol + big(32 * 40, 4)
        return [
            ("\(question) \(text(rested))", text([0x41] + head + order)),
            ("\(question) \(text(executed))", text([0x45] + head + big(11, 8) + big(5, 4) + big(14, 8))),
        ]
    }

    private struct Schema {
        var id = 0, block = 0
        var fields: [String: (offset: Int, size: Int)] = [:]
    }

    /// The fields of a message, read from the schema's text.
    private static func fields(_ file: String, _ message: String) throws -> Schema {
        let path = MutantBuild.root.appendingPathComponent("Sources/Wire/\(file)")
        let text = try String(contentsOf: path, encoding: .utf8)
        let sizes = ["uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8, "int64": 8, "Side": 1]
        var schema = Schema()
        var isInside = false
        for line in text.split(separator: "\n") {
            func attribute(_ name: String) -> String {
                guard let start = line.range(of: " \(name)=\"") else { return "" }
                return String(line[start.upperBound...].prefix { $0 != "\"" })
            }
            if line.contains("<sbe:message ") {
                isInside = attribute("name") == message
                if isInside { (schema.id, schema.block) = (Int(attribute("id"))!, Int(attribute("blockLength"))!) }
            } else if isInside, line.contains("<field ") {
                schema.fields[attribute("name")] = (Int(attribute("offset"))!, sizes[attribute("type")] ?? 0)
            }
        }
        return schema
    }

    private static func put(_ bytes: inout [UInt8], _ offset: Int, _ size: Int, _ value: UInt64) {
        for index in 0..<size { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
    }
}
