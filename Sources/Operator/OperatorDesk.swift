import Cryptography
import Genesis
import GlassbookClient
import Platform
import Settings
import Wire

/// A session of the operator's account with the node, and one command after the other on it.
public struct OperatorDesk {
    /// Where the node is, and whose key signs.
    public struct Access: Sendable {
        /// The configuration file of the node: where it listens, where its genesis is, assets and instruments.
        public var config: String
        /// The operator's key file; nil: `operator.key` in the directory of `[settlement]` keys.
        public var key: String?
        /// The owner slot of account 1.
        public var slot: UInt16
        /// Where order entry is, when that is not what the configuration says: a port, or an address and a port.
        public var orderEntry: String?
        /// The venue's id; nil: that of the genesis file.
        public var venue: Hash256?

        public init(
            config: String, key: String? = nil, slot: UInt16 = 0, orderEntry: String? = nil, venue: Hash256? = nil
        ) {
            (self.config, self.key, self.slot, self.orderEntry, self.venue) = (config, key, slot, orderEntry, venue)
        }
    }

    /// Longest wait for an answer.
    static let answerNanoseconds: UInt64 = 10_000_000_000

    public let settings: NodeSettings
    public let venue: Hash256
    private let endpoint: IPv4Endpoint
    private let signer: Signer

    /// Reads configuration, genesis and key; no connection is made yet.
    public init(_ access: Access) throws(OperatorError) {
        do throws(SettingsError) { settings = try NodeSettings.load(access.config) } catch {
            throw .configuration("\(error)")
        }
        if let venue = access.venue {
            self.venue = venue
        } else {
            do throws(GenesisError) { venue = try FoundedVenue(settings).id } catch { throw .configuration("\(error)") }
        }
        endpoint = try Self.endpoint(settings.orderEntry, access.orderEntry)
        let file = access.key ?? VenueKeys.path(.operator, in: settings.settlement.keys)
        let key: SigningKey
        do throws(KeyFileError) { key = try KeyFile.load(file, role: .operator).key } catch { throw .key(error) }
        signer = Signer(account: WellKnownAccount.venueOperator, keySlot: access.slot, key: key, venue: venue)
    }

    private static func endpoint(_ settings: OrderEntrySettings, _ other: String?) throws(OperatorError) -> IPv4Endpoint
    {
        if let other, let endpoint = IPv4Endpoint(other) { return endpoint }
        guard let address = IPv4Address(settings.address) else {
            throw .configuration("order_entry.address \(settings.address)")
        }
        // A node that listens on every interface is reached by the loopback one.
        let reached = address == .any ? .loopback : address
        guard let other else { return IPv4Endpoint(reached, port: settings.port) }
        guard let port = UInt16(other) else {
            throw .input("--order-entry \(other): expected a port, or an IPv4 address and a port")
        }
        return IPv4Endpoint(reached, port: port)
    }

    /// Signs a command, sends it, and waits for its answer.
    ///
    /// - Returns: the answer of a command that was applied.
    /// - Throws: `refused`, `notSent`, `unanswered`, `input`.
    public func apply(_ body: CommandBody) throws(OperatorError) -> Reply {
        let session: Session
        do throws(ClientError) { session = try Session.open(endpoint, [signer]) } catch { throw .notSent(error) }
        // The signer counts on when the frame is made, before anything is sent.
        let frame: [UInt8]
        do throws(ClientError) { frame = try signer.frame(body) } catch { throw .input("\(error)") }
        let nonce = signer.nonce
        let reply: Reply
        do throws(ClientError) {
            try session.send(frames: frame)
            reply = try Self.answer(session, nonce)
        } catch { throw .unanswered(error, nonce: nonce) }
        // What was answered is journaled; how the session ends changes nothing.
        _ = try? session.terminate()
        if case .commandRejected(let refusal) = reply.body { throw .refused(refusal, sequence: reply.number.sequence) }
        return reply
    }

    /// The answer to the command with that nonce. Other sessions of the operator's account have answers here too.
    private static func answer(_ session: Session, _ nonce: UInt64) throws(ClientError) -> Reply {
        let end = SystemClock.monotonicNanoseconds() + answerNanoseconds
        while true {
            let now = SystemClock.monotonicNanoseconds()
            guard now < end, let reply = try session.receiveReply(timeoutMilliseconds: Int((end - now) / 1_000_000))
            else { throw .timedOut }
            switch reply.body {
            case .commandAccepted(let accepted) where accepted.nonce == nonce: return reply
            case .commandRejected(let refusal) where refusal.nonce == nonce: return reply
            default: continue
            }
        }
    }

    // MARK: Names

    /// An asset by its symbol or its number.
    public func asset(_ name: String) throws(OperatorError) -> AssetSettings {
        do throws(UnknownName) { return try settings.venue.asset(named: name) } catch { throw .input("\(error)") }
    }

    /// An instrument by its symbol or its number.
    public func instrument(_ name: String) throws(OperatorError) -> InstrumentSettings {
        do throws(UnknownName) { return try settings.venue.instrument(named: name) } catch { throw .input("\(error)") }
    }
}
