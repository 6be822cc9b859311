import Cryptography

/// What a log asks of a witness (C2SP tlog-witness, add-checkpoint): the size that the witness is thought to know, a
/// proof of consistency from there, and the signed checkpoint.
public struct WitnessRequest: Equatable, Sendable {
    public let oldSize: UInt64
    public let proof: [Hash256]
    /// The signed checkpoint, a note.
    public let checkpoint: [UInt8]

    /// Bytes of a body at most.
    public static let bytesMax = SignedNote.bytesMax + 4_096

    public init(oldSize: UInt64, proof: [Hash256], checkpoint: [UInt8]) {
        (self.oldSize, self.proof, self.checkpoint) = (oldSize, proof, checkpoint)
    }

    /// The body.
    public var bytes: [UInt8] {
        Array(("old \(oldSize)\n" + proof.map { LogText.base64($0) + "\n" }.joined() + "\n").utf8) + checkpoint
    }

    /// Reads a body.
    public init(_ bytes: [UInt8]) throws(LogError) {
        let expected = "old DECIMAL, at most 63 base64 hashes, an empty line, a note"
        guard bytes.count <= Self.bytesMax, let head = bytes.firstEmptyLine else {
            throw .malformed("the request", expected: expected)
        }
        let lines = bytes[..<head].split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
        guard let first = lines.first, first.hasPrefix("old "), let old = LogText.decimal(first.dropFirst(4)),
            lines.count <= 1 + MerkleTree.proofHashesMax
        else { throw .malformed("the request", expected: expected) }
        var proof: [Hash256] = []
        for line in lines.dropFirst() {
            guard let hash = LogText.hash(line) else { throw .malformed("the request", expected: expected) }
            proof.append(hash)
        }
        self.init(oldSize: old, proof: proof, checkpoint: Array(bytes[(head + 1)...]))
    }
}

/// What a witness answers.
public enum WitnessAnswer: Equatable, Sendable {
    /// 200: the checkpoint may be remembered and, once that is durable, cosigned.
    case accepted(SignedCheckpoint)
    /// 400: no request, or the old size is larger than the checkpoint's.
    case badRequest(String)
    /// 403: no signature of the log that holds.
    case forbidden(String)
    /// 404: no log that this witness knows.
    case unknownOrigin
    /// 409: the witness knows another size, this one.
    case conflict(size: UInt64)
    /// 422: the checkpoint does not continue the one that the witness knows.
    case inconsistent(String)

    /// The HTTP status.
    public var status: Int {
        switch self {
        case .accepted: 200
        case .badRequest: 400
        case .forbidden: 403
        case .unknownOrigin: 404
        case .conflict: 409
        case .inconsistent: 422
        }
    }
}

/// The rules of a witness: what it answers to a request, given the last checkpoint that it has remembered of the log. A
/// function; persisting what is accepted, before answering, is the caller's.
public enum WitnessRules {
    /// What a request with this body is answered.
    ///
    /// - Parameters:
    ///   - logs: the logs that the witness knows, by their keys; several keys may have one origin.
    ///   - latest: the checkpoint remembered for an origin; nil = none yet.
    public static func answer(
        _ body: [UInt8], logs: [VerifierKey], latest: (String) -> Checkpoint?
    ) -> WitnessAnswer {
        let request: WitnessRequest, note: SignedNote, checkpoint: Checkpoint
        do throws(LogError) {
            request = try WitnessRequest(body)
            note = try SignedNote(request.checkpoint)
            checkpoint = try Checkpoint(text: note.text)
        } catch { return .badRequest(error.description) }
        let keys = logs.filter { LogText.areEqual($0.name, checkpoint.origin) }
        guard !keys.isEmpty else { return .unknownOrigin }
        var signed: SignedCheckpoint?
        do throws(LogError) {
            let verified = try note.verified(by: keys)
            guard let key = verified.first?.key else { return unsigned(checkpoint) }
            signed = try SignedCheckpoint(request.checkpoint, log: key)
        } catch { return .forbidden(error.description) }
        guard let signed else { return unsigned(checkpoint) }
        guard request.oldSize <= checkpoint.size else {
            return .badRequest("old \(request.oldSize) > \(checkpoint.size)")
        }
        let known = latest(checkpoint.origin)
        guard request.oldSize == known?.size ?? 0 else { return .conflict(size: known?.size ?? 0) }
        let isConsistent = MerkleTree.isConsistent(
            old: request.oldSize, oldRoot: known?.root ?? MerkleHash.empty, size: checkpoint.size,
            root: checkpoint.root, proof: request.proof)
        guard isConsistent else { return .inconsistent("size \(checkpoint.size) does not continue \(request.oldSize)") }
        return .accepted(signed)
    }

    private static func unsigned(_ checkpoint: Checkpoint) -> WitnessAnswer {
        .forbidden("no signature of \(checkpoint.origin) by a key that this witness knows")
    }
}
