// Answers questions whose answers stand elsewhere: in published vectors, in the pages of the formats, in the schemas.
// One question a line of standard input, words separated by spaces, bytes as hexadecimal digits, `-` for none; one
// answer a line of standard output.

import Availability
import Cryptography
import Glibc
import MarketData
import Proof
import Wire

enum Guards {
    static func answer(_ line: String) -> String {
        let words = line.split(separator: " ").map(String.init)
        switch words.first {
        case "signature":
            let key = PublicKey(hexadecimal: words[1])!, signature = Signature(hexadecimal: words[3])!
            let holds = bytes(words[2]).withUnsafeBytes { Ed25519.verify(signature, of: $0, by: key) }
            return "\(key.isValid ? "yes" : "no") \(holds ? "yes" : "no")"
        case "blake2b": return Blake2b256.hash(bytes(words[1])).hexadecimal
        case "prefix":
            return SigningPrefix.make(Purpose(rawValue: words[1])!, venue: Hash256(hexadecimal: words[2])!).hexadecimal
        case "tree": return MerkleTree.root(words.dropFirst().map { MerkleHash.leaf(bytes($0)) }).hexadecimal
        case "consistent": return consistent(words)
        case "state": return state(words)
        case "balance": return balance(words)
        case "note": return note(words)
        case "checkpoint": return checkpoint(words)
        case "batch": return batch(words)
        case "batched": return (try? Batch(bytes(words[1]))) == nil ? "refused" : "yes"
        case "feed": return feed(words)
        case "executed": return executed()
        case "order": return order(bytes(words[1]))
        default: return "what is \(line)"
        }
    }

    private static func consistent(_ words: [String]) -> String {
        let holds = MerkleTree.isConsistent(
            old: UInt64(words[1])!, oldRoot: Hash256(hexadecimal: words[2])!, size: UInt64(words[3])!,
            root: Hash256(hexadecimal: words[4])!, proof: words[5...].map { Hash256(hexadecimal: $0)! })
        return holds ? "yes" : "no"
    }

    private static func state(_ words: [String]) -> String {
        do { return try StateTree(canonical: bytes(words[2])).root(through: UInt64(words[1])!).hexadecimal } catch {
            return "refused"
        }
    }

    private static func balance(_ words: [String]) -> String {
        do {
            let proof = try BalanceProof(bytes(words[4]))
            try proof.check(
                root: Hash256(hexadecimal: words[1])!, account: UInt32(words[2])!, asset: UInt32(words[3])!)
            return "yes"
        } catch { return "no" }
    }

    /// What a note's signature by a key says: `yes`, the time of a cosignature, or that it does not hold.
    private static func note(_ words: [String]) -> String {
        do {
            let verified = try SignedNote(bytes(words[2])).verified(by: [try VerifierKey(words[1])])
            return verified.first.map { $0.time.map { "\($0)" } ?? "yes" } ?? "unsigned"
        } catch { return "no" }
    }

    private static func checkpoint(_ words: [String]) -> String {
        do {
            let signed = try SignedCheckpoint(bytes(words[2]), log: try VerifierKey(words[1]))
            return "\(signed.checkpoint.size) \(signed.checkpoint.root)"
        } catch { return "no" }
    }

    /// Digest and header of a batch of records: venue, digest of the batch before, first sequence, records.
    private static func batch(_ words: [String]) -> String {
        var draft = Batch.Draft(
            venue: Hash256(hexadecimal: words[1])!, previous: Hash256(hexadecimal: words[2])!, first: UInt64(words[3])!)
        for record in words[4...] { bytes(record).withUnsafeBytes { draft.append(RecordView($0.baseAddress!)) } }
        let batch = draft.finish()
        return "\(batch.digest) \(batch.bytes[..<Batch.headerBytes].withUnsafeBytes { Hexadecimal.encode($0) })"
    }

    /// The feed's messages of an effect: time, instrument, its symbol and multiplier, the effect.
    private static func feed(_ words: [String]) -> String {
        var encoder = FeedEncoder(instrumentsMax: 64)
        let symbol = bytes(words[3]).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        encoder.list(UInt32(words[2])!, symbol: symbol, priceMultiplier: UInt32(words[4])!, state: .continuous)
        let place = UnsafeMutableRawBufferPointer.allocate(byteCount: FeedEncoder.bytesPerEffectMax, alignment: 8)
        defer { place.deallocate() }
        let messages = bytes(words[5]).withUnsafeBytes {
            encoder.encode(Effect(base: $0.baseAddress!), time: UInt64(words[1])!, at: place.baseAddress!)
        }
        return Hexadecimal.encode(
            UnsafeRawBufferPointer(rebasing: place[..<(messages.firstBytes + messages.secondBytes)]))
    }

    /// An effect whose fields are 1, 2, 3 … in the order of the schema.
    private static func executed() -> String {
        withUnsafeTemporaryAllocation(byteCount: ExecutedMessage.size, alignment: 8) { buffer in
            buffer.initializeMemory(as: UInt8.self, repeating: 0)
            ExecutedMessage.encode(
                at: buffer.baseAddress!, takerAccount: 1, makerAccount: 2, instrument: 3, priceTicks: 4,
                quantityLots: 5, takerLeavesLots: 6, makerLeavesLots: 7, takerSide: .sell, entry: 9, takerOrderId: 10,
                makerOrderId: 11, takerClientOrderId: 12, makerClientOrderId: 13, matchNumber: 14, takerFee: 15,
                makerFee: 16, takerFeeAsset: 17, makerFeeAsset: 18)
            return hexadecimal(UnsafeRawBufferPointer(buffer))
        }
    }

    /// What an order says.
    private static func order(_ message: [UInt8]) -> String {
        message.withUnsafeBytes { bytes in
            let order = NewOrderMessage(bytes.baseAddress!)
            return "\(order.instrument) \(order.clientOrderId) \(order.priceTicks) \(order.quantityLots)"
        }
    }

    private static func bytes(_ text: String) -> [UInt8] {
        guard text != "-" else { return [] }
        var bytes = [UInt8](repeating: 0, count: text.utf8.count / 2)
        precondition(bytes.withUnsafeMutableBytes { Hexadecimal.decode(text, into: $0) })
        return bytes
    }

    private static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String { Hexadecimal.encode(bytes) }
}
