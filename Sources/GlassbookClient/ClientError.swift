import Cryptography
import Platform
import Proof
import Wire

/// What can go wrong between a client and a venue. Closed: a `switch` over it is total. After an error that
/// `endsSession` says so of, the session is over, and every later call throws it again.
public enum ClientError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A system call failed.
    case system(PlatformError)
    /// A key file could not be used.
    case keyFile(KeyFileError)
    /// The server closed the connection without a word; what was not answered may or may not have been journaled.
    case connectionLost
    /// The time that the caller gave was over before the answer came; a frame was perhaps sent in part.
    case timedOut
    /// The server is not the venue that signatures are meant for.
    case wrongVenue(found: Hash256)
    /// The server broke the protocol.
    case protocolViolation(ProtocolViolation)
    /// An account was not attached. `reason` is a code of Wire.md.
    case logonRejected(account: UInt32, reason: UInt16)
    /// The server ended the session.
    case terminated(TerminationReason)
    /// Nothing came for three heartbeat intervals.
    case serverSilent
    /// More messages came than are kept for a caller that does not take them.
    case tooManyPending
    /// A command that cannot be written: what was expected.
    case invalidCommand(String)
    /// The call does not fit the state of the session: what was expected.
    case invalidState(String)
    /// The snapshot server refused the login: its reason, a letter of SoupBinTCP.
    case snapshotRejected(UInt8)
    /// What came from the snapshot server is no snapshot.
    case malformedSnapshot
    /// A receipt does not hold, or is of another record, command or venue.
    case receipt(ReceiptError)
    /// A web server answered what no answer is, or with an error: what.
    case badAnswer(String)

    /// A number for each case that never changes.
    public var code: Int {
        switch self {
        case .system: 1
        case .keyFile: 2
        case .connectionLost: 3
        case .timedOut: 4
        case .wrongVenue: 5
        case .protocolViolation: 6
        case .logonRejected: 7
        case .terminated: 8
        case .serverSilent: 9
        case .tooManyPending: 10
        case .invalidCommand: 11
        case .invalidState: 12
        case .snapshotRejected: 13
        case .malformedSnapshot: 14
        case .receipt: 15
        case .badAnswer: 16
        }
    }

    /// Whether the session cannot go on.
    public var endsSession: Bool {
        switch self {
        case .logonRejected, .invalidCommand, .invalidState, .keyFile: false
        default: true
        }
    }

    /// One line for people.
    public var description: String {
        switch self {
        case .system(let error): error.description
        case .keyFile(let error): error.description
        case .connectionLost: "the server closed the connection"
        case .timedOut: "no answer in time"
        case .wrongVenue(let found): "the server is another venue: \(found)"
        case .protocolViolation(let violation): "the server broke the protocol: \(violation)"
        case .logonRejected(let account, let reason):
            "logon of account \(account) refused: \(Reason(rawValue: reason).map { "\($0)" } ?? "reason \(reason)")"
        case .terminated(let reason): "the server ended the session: \(reason)"
        case .serverSilent: "nothing came for three heartbeat intervals"
        case .tooManyPending: "more messages came than are kept for a caller that does not take them"
        case .invalidCommand(let text): "invalid command: \(text)"
        case .invalidState(let text): "out of place: \(text)"
        case .snapshotRejected(let reason): "snapshot refused: \(Character(UnicodeScalar(reason)))"
        case .malformedSnapshot: "what came is no snapshot"
        case .receipt(let error): "the receipt does not hold: \(error)"
        case .badAnswer(let text): "bad answer of a web server: \(text)"
        }
    }
}

/// How a server broke the protocol.
public enum ProtocolViolation: Error, Equatable, Sendable {
    /// A frame of another encoding.
    case encoding(UInt16)
    /// A frame whose length no message has.
    case frameLength(UInt32)
    /// A message whose length, schema or version is not that of its template.
    case structure(Reason)
    /// A template that servers do not send.
    case template(UInt16)
    /// A field with a value that its type does not have, in a message of that template.
    case fieldValue(template: UInt16)
    /// A message that does not belong to this state of the session.
    case outOfPlace(template: UInt16)
    /// A reply of an account that is not attached.
    case foreignAccount(UInt32)
    /// A reply whose number is not above that of the reply before it.
    case outOfOrder(ReplyNumber)
}
