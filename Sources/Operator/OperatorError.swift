import Cryptography
import GlassbookClient
import Wire

/// Why a command of the operator was not applied, or is not known to be.
public enum OperatorError: Error, Sendable, CustomStringConvertible {
    /// The venue refused it: journaled, unless the sequence is 0; nothing else changed.
    case refused(CommandRejected, sequence: UInt64)
    /// The configuration, or the venue's genesis.
    case configuration(String)
    /// A key file.
    case key(KeyFileError)
    /// What was asked for cannot be a command: a proof, an amount, a name.
    case input(String)
    /// No session with the node: nothing was sent.
    case notSent(ClientError)
    /// It was sent, and its answer did not come: it is in the journal, or it is not.
    case unanswered(ClientError, nonce: UInt64)

    /// Exit status of `operator`; never changes.
    public var exitStatus: Int32 {
        switch self {
        case .refused: 1
        case .configuration: 2
        case .key: 3
        case .notSent: 4
        case .unanswered: 5
        case .input: 6
        }
    }

    public var description: String {
        switch self {
        case .refused(let refusal, let sequence):
            "refused code=\(refusal.reasonCode) reason=\(refusal.reason.map { "\($0)" } ?? "unknown") "
                + "expected=\(refusal.expected) nonce=\(refusal.nonce) sequence=\(sequence) "
                + "text=\"\(refusal.reason?.text ?? "a reason that this program does not know")\""
        case .configuration(let text): "configuration: \(text)"
        case .key(let error): "\(error)"
        case .input(let text): text
        case .notSent(.logonRejected(_, let code)):
            "not sent: logon refused code=\(code) reason=\(Reason(rawValue: code).map { "\($0)" } ?? "unknown") "
                + "text=\"\(Reason(rawValue: code)?.text ?? "") A rotated operator key has another --slot.\""
        case .notSent(let error): "not sent: \(error)"
        case .unanswered(let error, let nonce):
            "sent with nonce=\(nonce), but not answered (\(error)): it is in the journal or it is not; `journal cat` "
                + "shows. A deposit may be sent again with the same reference: it is credited once"
        }
    }
}
