import Cryptography
import Foundation
import HTTP
import Platform
import Proof
import Settings

/// One witness over HTTP (C2SP tlog-witness: `add-checkpoint`, and the latest checkpoint). Blocking, on one thread.
///
/// Nothing that a witness answers is believed: a cosignature counts when it holds for its key; a size that it names in
/// a 409 is only where the next proof begins.
final class WitnessClient {
    /// What came of it.
    enum Outcome: Equatable {
        /// The signature line, ended by LF.
        case cosigned(String)
        /// It remembers a checkpoint that this one does not continue: what it said.
        case contested(String)
        /// Nothing that counts: why.
        case failed(String)
    }

    /// The latest checkpoint of this log that it has cosigned.
    enum Latest: Equatable {
        /// The note, as it came.
        case note([UInt8])
        /// It has none.
        case empty
        /// No answer that counts: why.
        case failed(String)
    }

    /// Requests for one checkpoint at most: a stale size is corrected once, and once more when it moved meanwhile.
    private static let requestsMax = 3
    /// Longest body of an answer that is read, bytes.
    private static let answerBytesMax = 16_384
    /// Furthest that the time of a cosignature may be ahead of this machine's, seconds.
    private static let aheadMax: UInt64 = 300

    /// Name of its key.
    let name: String
    private let address: URL
    /// Of its latest checkpoint of this log.
    private let latestAddress: URL
    private let key: VerifierKey
    private let tiles: String
    private let client: HTTPClient
    private let timeoutMilliseconds: Int
    /// Size that the witness is believed to have seen last.
    private var knownSize: UInt64 = 0

    init(_ context: FollowerContext, _ settings: WitnessSettings) throws(SettlementError) {
        do throws(LogError) { key = try VerifierKey(settings.key) } catch {
            throw .configuration("settlement.witness: \(error)")
        }
        guard key.kind == .cosignature else {
            throw .configuration("settlement.witness: \(settings.key) is no key for cosignatures (type 04)")
        }
        let prefix = settings.url.hasSuffix("/") ? String(settings.url.dropLast()) : settings.url
        let log = Sha256.hash(Array(context.venue.origin.utf8)).hexadecimal
        guard let address = URL(string: prefix + "/add-checkpoint"),
            let latestAddress = URL(string: "\(prefix)/\(log)/checkpoint")
        else {
            throw .configuration("settlement.witness: \(settings.url) is no address")
        }
        name = key.name
        self.address = address
        self.latestAddress = latestAddress
        tiles = context.settings.settlement.published
        timeoutMilliseconds = context.settings.settlement.witnessTimeoutMilliseconds
        // A checkpoint goes where the configuration says, nowhere else: redirections are not followed.
        client = HTTPClient(timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Asks for a cosignature of a checkpoint.
    func cosign(_ checkpoint: LogCheckpoint) -> Outcome {
        for _ in 0..<Self.requestsMax {
            // A witness that has seen more than this log ever signed is told the truth, and refuses.
            let old = min(knownSize, checkpoint.size)
            let proof: [Hash256]
            do throws(LogError) { proof = try consistency(old, checkpoint.size) } catch {
                return .failed("no proof from \(old): \(error)")
            }
            var body = Array("old \(old)\n".utf8)
            for hash in proof { body += Array((Base64.encode(Array(hash)) + "\n").utf8) }
            body += Array("\n".utf8) + checkpoint.note([])
            switch client.post(address, body, contentType: "text/plain; charset=utf-8", limit: Self.answerBytesMax) {
            case .failed(let reason, _): return .failed(reason)
            case .late: return .failed("no answer in \(timeoutMilliseconds) ms")
            case .tooLong: return .failed("an answer of more than \(Self.answerBytesMax) bytes")
            case .answered(200, let answer): return accept(answer, checkpoint)
            case .answered(409, let answer):
                guard let size = Self.size(answer) else { return .failed("409 with a body that is no size") }
                guard size <= checkpoint.size else {
                    return .contested("it has seen size \(size), which this log has not signed")
                }
                guard size != old else { return .contested("409, and yet size \(size)") }
                knownSize = size
            case .answered(422, let answer):
                return .contested("status 422: \(Self.printable(answer))")
            case .answered(let status, let answer):
                return .failed("status \(status): \(Self.printable(answer))")
            }
        }
        return .failed("its size moves")
    }

    /// Asks for its latest checkpoint of this log.
    func latest() -> Latest {
        switch client.get(latestAddress, limit: SignedNote.bytesMax) {
        case .failed(let reason, _): .failed(reason)
        case .late: .failed("no answer in \(timeoutMilliseconds) ms")
        case .tooLong: .failed("a checkpoint of more than \(SignedNote.bytesMax) bytes")
        case .answered(200, let note): .note(note)
        case .answered(404, _): .empty
        case .answered(let status, let answer): .failed("status \(status): \(Self.printable(answer))")
        }
    }

    private func accept(_ answer: [UInt8], _ checkpoint: LogCheckpoint) -> Outcome {
        guard let text = String(validating: answer, as: UTF8.self), text.hasSuffix("\n") else {
            return .failed("an answer that is no signature line")
        }
        for line in text.split(separator: "\n").prefix(16) {
            guard let signature = try? NoteSignature(line: line), signature.name == key.name, signature.id == key.id
            else { continue }
            guard let verified = NoteVerification(signature, by: key, of: checkpoint.text), let time = verified.time
            else { return .failed("its cosignature does not hold") }
            guard time <= SystemClock.realtimeNanoseconds() / 1_000_000_000 + Self.aheadMax else {
                return .failed("its cosignature is from the future: \(time)")
            }
            knownSize = checkpoint.size
            return .cosigned(signature.line)
        }
        return .failed("an answer without a cosignature of its key")
    }

    private func consistency(_ old: UInt64, _ size: UInt64) throws(LogError) -> [Hash256] {
        guard old > 0, old < size else { return [] }
        return try MerkleTree.consistencyProof(old: old, size: size, TileReader(TileDirectory(tiles), size: size))
    }

    /// The size of a 409.
    static func size(_ body: [UInt8]) -> UInt64? {
        guard body.count <= 21, body.last == 0x0A, let text = String(validating: body.dropLast(), as: UTF8.self),
            let size = UInt64(text), String(size) == text
        else { return nil }
        return size
    }

    /// The beginning of a body, for a log line.
    static func printable(_ body: [UInt8]) -> String {
        String(decoding: body.prefix(80).map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
    }
}
