import Cryptography
import Foundation
import GlassbookClient
import Platform
import Settings
import Wire

/// Longest time for an answer, milliseconds: the machine may be busy with other things.
let patience = 60_000

/// The node that the examples talk to, and the keys of its operator.
public final class ExampleVenue {
    let endpoint: IPv4Endpoint
    let feed: FeedAddresses
    /// Hash of the genesis body.
    let venue: Hash256
    /// Where receipts come from.
    let receipts: ReceiptClient.Source
    /// Where they are kept.
    let receiptDirectory: String
    private let settings: NodeSettings
    /// Directory of the venue's keys; nil: none of them may be used.
    private let keyDirectory: String?
    private let given: Trader?

    /// - Parameters:
    ///   - config: configuration file of the node.
    ///   - keys: directory of the venue's keys; nil: the venue is not to be changed by any of them.
    ///   - account: an account of the caller's own, and the file of its owner key.
    ///   - port: of order entry, when the configuration leaves it to the system; the others likewise.
    public init(
        config: String, keys: String?, account: (number: UInt32, keyFile: String)? = nil, port: UInt16?,
        requestPort: UInt16?, snapshotPort: UInt16?
    ) throws {
        settings = try NodeSettings.load(config)
        let market = settings.marketData
        endpoint = try Self.endpoint(settings.orderEntry.address, port ?? settings.orderEntry.port)
        feed = FeedAddresses(
            group: try Self.endpoint(market.group, market.port),
            interface: try Self.endpoint(market.interface, 0).address,
            requestServer: try Self.endpoint(market.serverAddress, requestPort ?? market.requestPort),
            snapshotServer: try Self.endpoint(market.serverAddress, snapshotPort ?? market.snapshotPort))
        let genesis = try Data(contentsOf: URL(fileURLWithPath: settings.genesisFile))
        venue = Blake2b256.hash([UInt8](genesis.dropFirst(MessageHeader.size)))
        keyDirectory = keys
        given = try account.map { [venue] in
            let key = try KeyFile.load($0.keyFile, role: .account).key
            return Trader(key: key, signer: Signer(account: $0.number, key: key, venue: venue))
        }
        // Without a server, the published files do as well.
        receipts = .directory(settings.settlement.published)
        receiptDirectory = settings.dataDirectory + "/receipts"
    }

    private static func endpoint(_ address: String, _ port: UInt16) throws -> IPv4Endpoint {
        guard let address = IPv4Address(address) else { throw Unexpected("\(address), expected an IPv4 address") }
        // A node that listens on every interface is reached by the loopback one.
        return IPv4Endpoint(address == .any ? .loopback : address, port: port)
    }

    /// A key of the venue.
    func key(_ role: KeyRole) throws -> SigningKey {
        guard let keyDirectory else { throw Unexpected("the use of a key of the venue, \(role.name)") }
        return try KeyFile.load("\(keyDirectory)/\(role.name).key", role: role).key
    }

    /// The operator's signer.
    func operatorSigner() throws -> Signer {
        Signer(account: WellKnownAccount.venueOperator, key: try key(.operator), venue: venue)
    }

    /// A session of one account.
    func session(_ signers: Signer...) throws -> ExampleSession {
        ExampleSession(try Session.open(endpoint, signers))
    }

    /// The caller's account; without one an account like `newTrader`.
    func trader() throws -> Trader {
        if let given { return given }
        return try newTrader()
    }

    /// An account that nobody has: made by the operator, with funds in the assets of instrument 0.
    func newTrader() throws -> Trader {
        let key = SigningKey()
        let boss = try operatorSigner()
        let session = try Session.open(endpoint, [boss])
        let account = UInt32.random(in: WellKnownAccount.firstCreated..<settings.venue.accountsMax)
        let proof = boss.prefixes.signPossession(account: account, key: key)
        try session.send(.createAccount(account, ownerKey: key.publicKey, proof: proof), by: boss)
        guard case .commandAccepted? = try session.receiveReply(timeoutMilliseconds: patience)?.body else {
            return try newTrader()
        }
        for asset in 0..<2 as Range<UInt32> {
            let deposit = CommandBody.deposit(
                to: account, asset: asset, amount: 1_000_000_000_000, reference: Bytes32(SecureRandom.hash256()))
            try session.send(deposit, by: boss)
            guard case .commandAccepted? = try session.receiveReply(timeoutMilliseconds: patience)?.body else {
                throw Unexpected("no deposit")
            }
        }
        _ = try session.terminate()
        return Trader(key: key, signer: Signer(account: account, key: key, venue: venue))
    }
}

/// A funded account and the key of its owner.
struct Trader {
    let key: SigningKey
    let signer: Signer
}

/// A session that prints what goes in and what comes out.
final class ExampleSession {
    let session: Session

    init(_ session: Session) { self.session = session }

    /// Sends a command and waits for its answer.
    @discardableResult
    func ask(_ body: CommandBody, by signer: Signer, deadline: UInt64 = 0) throws -> Reply.Body {
        let nonce = try session.send(body, by: signer, deadline: deadline)
        print("-> account=\(signer.account) nonce=\(nonce) \(body)")
        return try next()
    }

    /// Sends a command whose answer has to be that it was applied.
    func apply(_ body: CommandBody, by signer: Signer) throws {
        let answer = try ask(body, by: signer)
        guard case .commandAccepted = answer else { throw Unexpected(answer) }
    }

    /// Sends an order that has to be accepted. Returns its id.
    @discardableResult
    func place(_ order: NewOrder, by signer: Signer) throws -> UInt64 {
        let answer = try ask(.newOrder(order), by: signer)
        guard case .orderAccepted(let accepted) = answer else { throw Unexpected(answer) }
        return accepted.orderId
    }

    /// Sends a command that has to be refused. Returns what was expected.
    @discardableResult
    func refused(_ body: CommandBody, by signer: Signer, for reason: Reason) throws -> UInt64 {
        let answer = try ask(body, by: signer)
        guard case .commandRejected(let refusal) = answer, refusal.reason == reason else { throw Unexpected(answer) }
        return refusal.expected
    }

    /// The next reply.
    func next() throws -> Reply.Body {
        guard let reply = try session.receiveReply(timeoutMilliseconds: patience) else { throw Unexpected("silence") }
        print("<- \(reply)")
        return reply.body
    }
}
