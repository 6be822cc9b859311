import Cryptography
import Proof
import Testing

@Suite struct AnchorsTests {
    private let venue = Sha256.hash([1])
    private let log = NoteSigner(name: "log.test/1", key: SigningKey(insecureDeterministic: 1))!.verifierKey
    private let witness = NoteSigner(
        name: "witness.test", key: SigningKey(insecureDeterministic: 2), kind: .cosignature)!.verifierKey
    private let other = NoteSigner(
        name: "other.test", key: SigningKey(insecureDeterministic: 3), kind: .cosignature)!.verifierKey

    private func parse(_ text: String) throws(AnchorsError) -> Anchors { try Anchors(Array(text.utf8)) }

    @Test("what is written is read, comments and empty lines too")
    func roundTrip() throws {
        let anchors = try Anchors(venue: venue, log: log, witnesses: [witness, other], quorum: 2)
        #expect(try parse(anchors.text) == anchors)
        #expect(try parse("# anchors\n\n\(anchors.text)#end") == anchors)
        #expect(try parse("log \(log)\nvenue \(venue)") == Anchors(venue: venue, log: log))
    }

    @Test("a log may have several keys, of one name")
    func keysOfTheLog() throws {
        let next = NoteSigner(name: "log.test/1", key: SigningKey(insecureDeterministic: 4))!.verifierKey
        let anchors = try Anchors(venue: venue, logs: [log, next], witnesses: [witness], quorum: 1)
        #expect(try parse(anchors.text) == anchors && anchors.origin == "log.test/1")
        #expect(try parse("log \(log)\nvenue \(venue)\nlog \(next)").logs == [log, next])
        #expect(throws: AnchorsError.twice("log.test/1")) {
            let name = NoteSigner(
                name: "log.test/1", key: SigningKey(insecureDeterministic: 5), kind: .cosignature)!.verifierKey
            return try Anchors(venue: venue, logs: [log, next], witnesses: [name])
        }
    }

    @Test("each mistake has its error")
    func refused() {
        func expect(_ error: AnchorsError, _ text: String, _ location: SourceLocation = #_sourceLocation) {
            #expect(throws: error, sourceLocation: location) { try parse(text) }
        }
        let whole = "venue \(venue)\nlog \(log)\n"
        expect(.missing("venue"), "log \(log)\n")
        expect(.missing("log"), "venue \(venue)\n")
        expect(.missing("venue"), "")
        expect(.twice("venue"), whole + "venue \(venue)\n")
        expect(.twice("log"), whole + "log \(log)\n")
        let foreign = NoteSigner(name: "log.test/2", key: SigningKey(insecureDeterministic: 4))!.verifierKey
        expect(.origin("log.test/2", expected: "log.test/1"), whole + "log \(foreign)\n")
        let many = (0..<16).map { index in
            NoteSigner(name: "log.test/1", key: SigningKey(insecureDeterministic: 100 + UInt64(index)))!.verifierKey
        }
        expect(.tooMany, whole + many.map { "log \($0)\n" }.joined())
        expect(.twice("quorum"), whole + "quorum 0\nquorum 0\n")
        expect(.twice("witness.test"), whole + "witness \(witness)\nwitness \(witness)\n")
        expect(.kind("log.test/1", expected: 4), whole + "witness \(log)\n")
        expect(.kind("witness.test", expected: 1), "venue \(venue)\nlog \(witness)\n")
        expect(.quorum(2, witnesses: 1), whole + "witness \(witness)\nquorum 2\n")
        expect(.line(3, "venue, log, witness or quorum"), whole + "notary x\n")
        expect(.line(3, "venue, log, witness or quorum, and a value"), whole + "quorum\n")
        for number in ["-1", "01", "+1", " 1", "1 ", "100", ""] {
            expect(.line(3, "quorum and a number"), whole + "quorum \(number)\n")
        }
        expect(.line(1, "venue and 64 hexadecimal digits"), "venue \(String(venue.hexadecimal.dropLast()))\n")
        expect(.tooMany, whole + String(repeating: "#", count: Anchors.byteCountMax))
        expect(.line(1, "lines that end with LF, not with CR LF"), whole.replacing("\n", with: "\r\n"))
        #expect {
            try parse("venue \(venue)\nlog foo\n")
        } throws: { error in
            "\(error)".hasPrefix("anchors, line 2: the verifier key foo is malformed: expected NAME+8 ")
        }
        #expect(throws: AnchorsError.self) { try Anchors([0xFF, 0x0A]) }
    }

    @Test("no change of a byte is read as other anchors of the same meaning, and none traps")
    func altered() throws {
        let anchors = try Anchors(venue: venue, log: log, witnesses: [witness], quorum: 1)
        let bytes = Array(anchors.text.utf8)
        for index in bytes.indices {
            for bit in 0..<8 {
                var altered = bytes
                altered[index] ^= 1 << bit
                guard let read = try? Anchors(altered) else { continue }
                // Hexadecimal digits may be capital; all else is another venue, another key name or fewer entries.
                #expect(read != anchors || altered[index] == bytes[index] ^ 0x20)
            }
            _ = try? Anchors(Array(bytes[..<index]))
        }
    }
}
