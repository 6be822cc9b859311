import Cryptography
import Platform
import Proof
import Synchronization

/// Why a witness does not start.
public enum WitnessError: Error, Sendable, CustomStringConvertible {
    /// Another process uses the directory.
    case busy(String)
    /// What the witness remembers of a log is damaged: it might cosign what it must not.
    case damaged(String, LogError)
    /// No logs, or a key twice, or one that signs no checkpoints.
    case logs(String)
    /// The operating system refused.
    case system(PlatformError)

    public var description: String {
        switch self {
        case .busy(let path): "another witness uses \(path)"
        case .damaged(let path, let error): "\(path) is not what this witness has written: \(error)"
        case .logs(let text): text
        case .system(let error): "\(error)"
        }
    }
}

/// A witness (C2SP tlog-witness): it remembers the last checkpoint of each log, and cosigns only what continues it.
///
/// What it cosigns is on the disk, file and name, before the signature leaves `add`. One request at a time is compared
/// and remembered; others wait. Checkpoints that a log signed and that cannot both be true are kept as evidence.
public final class Witness: Sendable {
    /// Evidence that is kept at most, files.
    public static let evidenceMax = 1024

    /// The key as others know it.
    public var verifierKey: VerifierKey { signer.verifierKey }

    private let directory: String
    private let signer: NoteSigner
    private let logs: [VerifierKey]
    private let now: @Sendable () -> UInt64
    private let memory: Mutex<[String: Remembered]>
    /// Held as long as the witness is.
    private let lock: ExclusiveLock

    /// The last checkpoint of a log.
    private struct Remembered {
        var checkpoint: Checkpoint
        /// With the log's signature and the witness's own.
        var note: [UInt8]
        /// Of the cosignature, seconds.
        var time: UInt64
    }

    /// Opens the memory of a witness, or makes it.
    ///
    /// - Parameters:
    ///   - signer: of kind `cosignature`.
    ///   - logs: keys of the logs that it knows; their names are the origins. A log whose key was replaced has several.
    ///   - now: seconds since 1970 UTC.
    public init(
        directory: String, signer: NoteSigner, logs: [VerifierKey],
        now: @escaping @Sendable () -> UInt64 = { SystemClock.realtimeNanoseconds() / 1_000_000_000 }
    ) throws(WitnessError) {
        precondition(signer.verifierKey.kind == .cosignature, "a witness's key")
        guard !logs.isEmpty, logs.allSatisfy({ $0.kind == .ed25519 }), Set(logs).count == logs.count else {
            throw .logs("a witness needs the keys of one or more logs, type 1, each once")
        }
        self.directory = directory
        self.signer = signer
        self.logs = logs
        self.now = now
        let lock: ExclusiveLock?
        do throws(PlatformError) {
            // What is remembered in a directory is durable only when the directory is.
            try FileDirectory.createDurably("\(directory)/evidence")
            for log in logs { try FileDirectory.createDurably("\(directory)/\(Self.name(log.name))") }
            lock = try File.lockExclusively(try File.open("\(directory)/lock", .createOrOpen))
        } catch { throw .system(error) }
        guard let lock else { throw .busy(directory) }
        self.lock = lock
        do throws(PlatformError) {
            // And when every name in it is: the process before may have been killed between a rename and that. It may
            // have done so until it gave up the lock.
            for log in logs { try FileDirectory.synchronize("\(directory)/\(Self.name(log.name))") }
            // Evidence that is there is not written again.
            try FileDirectory.synchronize("\(directory)/evidence")
        } catch { throw .system(error) }
        var remembered: [String: Remembered] = [:]
        for log in logs {
            let keys = logs.filter { $0.name == log.name }
            remembered[log.name] = try Self.load("\(directory)/\(Self.name(log.name))/checkpoint", keys, signer)
        }
        memory = Mutex(remembered)
    }

    /// Name of the directory of a log: lower-case hexadecimal of SHA-256(origin).
    public static func name(_ origin: String) -> String { Sha256.hash(Array(origin.utf8)).hexadecimal }

    private static func load(
        _ path: String, _ keys: [VerifierKey], _ signer: NoteSigner
    ) throws(WitnessError) -> Remembered? {
        guard File.exists(path) else { return nil }
        let bytes: [UInt8]
        do throws(PlatformError) { bytes = try File.readPrefix(path, limit: SignedNote.bytesMax + 1) } catch {
            throw .system(error)
        }
        do throws(LogError) {
            let signed = try SignedCheckpoint(bytes, logs: keys, witnesses: [signer.verifierKey])
            guard let time = signed.witnesses.first?.time else { throw .signature("none of this witness") }
            return Remembered(checkpoint: signed.checkpoint, note: bytes, time: time)
        } catch { throw .damaged(path, error) }
    }

    /// What is answered to a request.
    public struct Reply: Equatable, Sendable {
        /// HTTP status.
        public var status: Int
        /// Value of Content-Type.
        public var contentType: String
        /// The body.
        public var body: String
    }

    /// Answers `add-checkpoint`: a cosignature line with 200, which is durable by then.
    public func add(_ body: [UInt8]) -> Reply {
        memory.withLock { memory in
            let answer = WitnessRules.answer(body, logs: logs) { memory[$0]?.checkpoint }
            switch answer {
            case .accepted(let signed): return accept(signed, &memory)
            case .conflict(let size):
                keepEvidence(body, memory)
                return Reply(status: 409, contentType: "text/x.tlog.size", body: "\(size)\n")
            case .inconsistent(let text):
                keepEvidence(body, memory)
                return plain(422, text)
            case .badRequest(let text), .forbidden(let text): return plain(answer.status, text)
            case .unknownOrigin: return plain(404, "this witness does not know the log")
            }
        }
    }

    /// Answers `<hex of SHA-256(origin)>/checkpoint`: the last cosigned checkpoint.
    public func latest(_ name: String) -> Reply {
        memory.withLock { memory in
            guard let log = logs.first(where: { Self.name($0.name) == name }), let known = memory[log.name] else {
                return plain(404, "no checkpoint")
            }
            return Reply(
                status: 200, contentType: "text/plain; charset=utf-8", body: String(decoding: known.note, as: UTF8.self)
            )
        }
    }

    private func plain(_ status: Int, _ text: String) -> Reply {
        Reply(status: status, contentType: "text/plain; charset=utf-8", body: text + "\n")
    }

    private func accept(_ signed: SignedCheckpoint, _ memory: inout [String: Remembered]) -> Reply {
        let origin = signed.checkpoint.origin
        // A clock that is set back must not make a later tree look older.
        let time = max(now(), memory[origin]?.time ?? 0)
        let cosignature = signer.sign(signed.note.text, time: time)
        guard let note = remembering(signed, cosignature) else {
            return plain(400, "the checkpoint cannot be remembered: too long with a cosignature")
        }
        do throws(PlatformError) {
            try File.replace("\(directory)/\(Self.name(origin))/checkpoint", with: note)
        } catch { return plain(500, "the checkpoint cannot be remembered: \(error)") }
        memory[origin] = Remembered(checkpoint: signed.checkpoint, note: note, time: time)
        return Reply(status: 200, contentType: "text/plain; charset=utf-8", body: cosignature.line)
    }

    /// The note to remember: the log's signature that holds, and the witness's own. A line is a claim until it is
    /// checked: one may bear the id of the log's key, and be neither the log's nor a signature.
    private func remembering(_ signed: SignedCheckpoint, _ cosignature: NoteSignature) -> [UInt8]? {
        for log in logs where log.name == signed.checkpoint.origin {
            let line = signed.note.signatures.first { NoteVerification($0, by: log, of: signed.note.text) != nil }
            guard let line else { continue }
            // What cannot be read again would keep the witness from its next start.
            let note = SignedNote(text: signed.note.text, signatures: [line, cosignature]).bytes
            guard (try? SignedCheckpoint(note, log: log, witnesses: [verifierKey]))?.witnesses.isEmpty == false else {
                return nil
            }
            return note
        }
        return nil
    }

    /// Keeps what a log signed and what contradicts the remembered checkpoint. A disk that is full loses it; the answer
    /// stays the same.
    private func keepEvidence(_ body: [UInt8], _ memory: [String: Remembered]) {
        guard let evidence = evidence(body, memory) else { return }
        let bytes = evidence.encoded
        let path = "\(directory)/evidence/\(Sha256.hash(bytes).hexadecimal.prefix(32)).evidence"
        guard !File.exists(path),
            let count = try? FileDirectory.names("\(directory)/evidence").count, count < Self.evidenceMax
        else { return }
        try? File.replace(path, with: bytes)
    }

    private func evidence(_ body: [UInt8], _ memory: [String: Remembered]) -> Evidence? {
        guard let request = try? WitnessRequest(body),
            let log = logs.first(where: { log in (try? SignedCheckpoint(request.checkpoint, log: log)) != nil }),
            let signed = try? SignedCheckpoint(request.checkpoint, log: log), let known = memory[log.name]
        else { return nil }
        return SignedHeads.contradiction(
            known: (known.checkpoint, known.note), other: (signed.checkpoint, request.checkpoint),
            proof: request.oldSize == known.checkpoint.size ? request.proof : nil)
    }
}
