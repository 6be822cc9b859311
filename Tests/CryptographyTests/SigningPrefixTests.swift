import Cryptography
import Testing

@Suite struct SigningPrefixTests {
    let venue = Blake2b256.hash(Array("a venue".utf8))

    /// The digests are those of Python's hashlib.blake2b over the same bytes.
    @Test(
        "each prefix is the hash of its text and the venue id",
        arguments: [
            (Purpose.command, "f9975b1ea30154433d79f5b1403508ca7c09320716e35a5e6d3051a839068e9b"),
            (.logon, "dc6b43e5a61f234e3cc4f3ff0ece0d2751e29c963b7ad51628bd078137793537"),
            (.possession, "5e3a034dc7a70d742ccec4b8141a0c359bfe975548659346f84c2bed5392d524"),
            (.commitment, "4d813e766a414279215c2f8e17a4af6be104e994c64adf577adb3bd254e9a067"),
            (.receipt, "0438111570784b2d91c81b3ce806cd5571c0e0c2152850c97da4a6d51af038fc"),
            (.rotation, "f39225722c2f35a4ae7b37bb5e17190b5f3bd7bb99438acf60d9ced3b1965451"),
        ])
    func golden(purpose: Purpose, digest: String) {
        #expect(Prefixes(venue: venue)[purpose].hexadecimal == digest)
        #expect(SigningPrefix.make(purpose, venue: venue).hexadecimal == digest)
    }

    @Test("no two purposes or venues share a prefix")
    func distinct() {
        let other = Blake2b256.hash(Array("another venue".utf8))
        let all = Purpose.allCases.flatMap { [Prefixes(venue: venue)[$0], Prefixes(venue: other)[$0]] }
        #expect(Set(all).count == 12)
    }

    @Test("proof of possession: 68 bytes, for one key, one account and one venue")
    func possession() {
        let prefixes = Prefixes(venue: venue)
        let key = SigningKey(insecureDeterministic: 5)
        let message = prefixes.possessionMessage(account: 0x0102_0304, key: key.publicKey)
        #expect(message.count == 68)
        #expect(message[..<32].elementsEqual(prefixes.possession.withUnsafeBytes { Array($0) }))
        #expect(message[32..<36] == [4, 3, 2, 1])
        #expect(message[36...].elementsEqual(key.publicKey.bytes.withUnsafeBytes { Array($0) }))

        let signature = prefixes.signPossession(account: 7, key: key)
        func holds(_ prefixes: Prefixes, account: UInt32, key: PublicKey) -> Bool {
            withUnsafeBytes(of: key) { key in
                withUnsafeBytes(of: signature) {
                    prefixes.verifyPossession(
                        account: account, publicKey: key.baseAddress!, signature: $0.baseAddress!)
                }
            }
        }
        #expect(holds(prefixes, account: 7, key: key.publicKey))
        #expect(!holds(prefixes, account: 8, key: key.publicKey))
        #expect(!holds(prefixes, account: 7, key: SigningKey(insecureDeterministic: 6).publicKey))
        #expect(!holds(Prefixes(venue: .zero), account: 7, key: key.publicKey))
    }

    @Test("proof of possession of a key that is not of prime order does not hold")
    func possessionOfWeakKey() throws {
        // The signature of this vector holds under its mixed key; only the look at the key refuses it.
        let vector = try #require(SignatureVector.load("constructed").first { $0.verifies && !$0.registrable })
        #expect(!vector.key.isValid)
        let prefixes = Prefixes(venue: venue)
        let holds = withUnsafeBytes(of: vector.key) { key in
            withUnsafeBytes(of: vector.signature) {
                prefixes.verifyPossession(account: 1, publicKey: key.baseAddress!, signature: $0.baseAddress!)
            }
        }
        #expect(!holds)
    }

    @Test("rotation: 65 bytes, which key of the venue and the new key")
    func rotation() {
        let prefixes = Prefixes(venue: venue)
        let key = SigningKey(insecureDeterministic: 7).publicKey
        let message = prefixes.rotationMessage(venueKey: 3, newKey: key)
        #expect(message.count == 65)
        #expect(message[..<32].elementsEqual(prefixes.rotation.withUnsafeBytes { Array($0) }))
        #expect(message[32] == 3)
        #expect(message[33...].elementsEqual(key.bytes.withUnsafeBytes { Array($0) }))
    }
}
