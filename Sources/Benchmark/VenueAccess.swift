import Cryptography
import Foundation
import Platform
import Settings
import Wire

/// The node that is measured: one that the benchmark started for itself, or one that runs already.
final class VenueAccess {
    let settings: NodeSettings
    let identity: VenueIdentity
    let orderEntry: IPv4Endpoint
    let request: IPv4Endpoint
    let snapshot: IPv4Endpoint
    private let own: OwnVenue?
    private let process: NodeProcess?
    private var venueOperator: Trader

    /// Makes a venue and starts its node.
    init(_ profile: VenueProfile, _ progress: ProgressLog) throws(BenchmarkError) {
        let own = try OwnVenue(profile)
        progress.say("starting a node of its own in \(own.directory)")
        let process = try NodeProcess(configuration: own.configurationFile, executable: profile.executable)
        settings = own.settings
        identity = own.identity
        orderEntry = IPv4Endpoint(.loopback, port: process.orderEntryPort)
        request = IPv4Endpoint(.loopback, port: process.requestPort)
        snapshot = IPv4Endpoint(.loopback, port: process.snapshotPort)
        venueOperator = Trader(account: WellKnownAccount.venueOperator, key: own.operatorKey)
        self.own = own
        self.process = process
    }

    /// Attaches to a node that runs with this configuration file.
    ///
    /// - Parameters:
    ///   - operatorKey: file of the operator's key: accounts and deposits are its commands.
    ///   - ports: where the node listens when that is not what the configuration says.
    init(configuration: String, operatorKey: String, ports: NodePorts) throws(BenchmarkError) {
        do throws(SettingsError) { settings = try NodeSettings.load(configuration) } catch {
            throw .input("\(configuration): \(error)")
        }
        guard let genesis = FileManager.default.contents(atPath: settings.genesisFile),
            genesis.count == GenesisMessage.size
        else { throw .input("\(settings.genesisFile): expected a genesis message of \(GenesisMessage.size) bytes") }
        identity = VenueIdentity(
            id: [UInt8](genesis).withUnsafeBytes { Blake2b256.hash(.init(rebasing: $0[MessageHeader.size...])) })
        do throws(KeyFileError) {
            let key = try KeyFile.load(operatorKey, role: .operator).key
            venueOperator = Trader(account: WellKnownAccount.venueOperator, key: key)
        } catch { throw .input("\(error)") }
        func address(_ text: String) -> IPv4Address {
            let address = IPv4Address(text) ?? .loopback
            return address == .any ? .loopback : address
        }
        orderEntry = IPv4Endpoint(
            address(settings.orderEntry.address), port: ports.orderEntry ?? settings.orderEntry.port)
        request = IPv4Endpoint(
            address(settings.marketData.serverAddress), port: ports.request ?? settings.marketData.requestPort)
        snapshot = IPv4Endpoint(
            address(settings.marketData.serverAddress), port: ports.snapshot ?? settings.marketData.snapshotPort)
        (own, process) = (nil, nil)
    }

    /// Ends the node that was started for this, and removes its venue. Every user calls it when all is measured: the
    /// compiler ends what nobody names any more, and the node would go in the middle of a run.
    func close() {
        process?.stop()
        own?.remove()
    }

    /// Where the node multicasts.
    var feedGroup: IPv4Endpoint {
        IPv4Endpoint(IPv4Address(settings.marketData.group) ?? .any, port: settings.marketData.port)
    }

    /// The interface to receive from.
    var feedInterface: IPv4Address { IPv4Address(settings.marketData.interface) ?? .loopback }

    /// Opens accounts under new keys, by commands of the operator, and credits each with `amount` of every asset.
    func openAccounts(_ count: Int, amount: UInt64) throws(BenchmarkError) -> [Trader] {
        var operators = [venueOperator]
        var link = try OrderLink.established(orderEntry, identity, &operators)
        venueOperator = operators[0]
        var traders: [Trader] = []
        var candidate = WellKnownAccount.firstCreated
        while traders.count < count {
            let key = SigningKey()
            if try create(candidate, key, &link) {
                traders.append(Trader(account: candidate, key: key))
                for asset in settings.venue.assets { try deposit(candidate, asset.id, amount, &link) }
            }
            candidate += 1
        }
        return traders
    }

    /// False when the id is in use.
    private func create(
        _ account: UInt32, _ key: SigningKey, _ link: inout OrderLink
    ) throws(BenchmarkError) -> Bool {
        let proof = identity.prefixes.signPossession(account: account, key: key).wireBytes
        let nonce = venueOperator.nextNonce()
        do throws(BenchmarkError) {
            _ = try link.apply(CreateAccountMessage.size, identity, venueOperator.key) {
                CreateAccountMessage.encode(
                    at: $0, account: WellKnownAccount.venueOperator, keySlot: 0, nonce: nonce, deadline: 0,
                    newAccount: account, flags: 0, ownerKey: key.publicKey.wireBytes, proof: proof)
            }
            return true
        } catch {
            if case .refused(_, .accountIdInvalid, _) = error, account < settings.venue.accountsMax { return false }
            throw error
        }
    }

    private func deposit(
        _ account: UInt32, _ asset: UInt32, _ amount: UInt64, _ link: inout OrderLink
    ) throws(BenchmarkError) {
        let nonce = venueOperator.nextNonce()
        let reference = SigningKey().publicKey.wireBytes
        _ = try link.apply(DepositMessage.size, identity, venueOperator.key) {
            DepositMessage.encode(
                at: $0, account: WellKnownAccount.venueOperator, keySlot: 0, nonce: nonce, deadline: 0,
                target: account, asset: asset, amount: amount, reference: reference)
        }
    }
}
