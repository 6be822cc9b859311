import Cryptography
import GlassbookClient
import Wire

/// Accounts, keys, money.
extension Example {
    static let accounts = [
        Example(name: "create-account", needs: .venueKeys, shows: "CreateAccount, by the operator") { venue in
            let boss = try venue.operatorSigner()
            let session = try venue.session(boss)
            let key = SigningKey()
            let account = UInt32.random(in: 3_000..<4_000)
            let proof = boss.prefixes.signPossession(account: account, key: key)
            switch try session.ask(.createAccount(account, ownerKey: key.publicKey, proof: proof), by: boss) {
            case .commandAccepted: break
            // Somebody has that id already.
            case .commandRejected(let refusal) where refusal.reason == .accountIdInvalid: break
            case let answer: throw Unexpected(answer)
            }
        },
        Example(
            name: "add-trading-key", needs: .venueKeys, shows: "AddTradingKey, by the owner; the key trades at once"
        ) { venue in
            let trader = try venue.newTrader()
            let session = try venue.session(trader.signer)
            let key = SigningKey()
            let proof = trader.signer.prefixes.signPossession(account: trader.signer.account, key: key)
            try session.apply(.addTradingKey(slot: 1, key: key.publicKey, proof: proof), by: trader.signer)
            let second = Signer(account: trader.signer.account, keySlot: 1, key: key, venue: venue.venue)
            try session.place(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1), by: second)
            try session.cancel(1, by: second)
        },
        Example(name: "revoke-trading-key", needs: .venueKeys, shows: "RevokeTradingKey, for ever") { venue in
            let trader = try venue.newTrader()
            let session = try venue.session(trader.signer)
            let key = SigningKey()
            let proof = trader.signer.prefixes.signPossession(account: trader.signer.account, key: key)
            try session.apply(.addTradingKey(slot: 1, key: key.publicKey, proof: proof), by: trader.signer)
            try session.apply(.revokeTradingKey(slot: 1), by: trader.signer)
            let second = Signer(account: trader.signer.account, keySlot: 1, key: key, venue: venue.venue)
            try session.refused(.massCancel(), by: second, for: .revokedKey)
        },
        Example(name: "deposit", needs: .venueKeys, shows: "Deposit, by the operator; a reference counts once") {
            venue in
            let trader = try venue.newTrader()
            let boss = try venue.operatorSigner()
            let session = try venue.session(boss)
            let owner = try venue.session(trader.signer)
            let deposit = CommandBody.deposit(
                to: trader.signer.account, asset: 0, amount: 1_000_000, reference: Bytes32(SecureRandom.hash256()))
            try session.apply(deposit, by: boss)
            guard case .balanceUpdate = try owner.next() else { throw Unexpected("no balance") }
            try session.refused(deposit, by: boss, for: .referenceUsed)
        },
        Example(name: "withdraw", needs: .venueKeys, shows: "Withdraw, by the owner, BalanceUpdate") { venue in
            let trader = try venue.newTrader()
            let session = try venue.session(trader.signer)
            let reference = Bytes32(SecureRandom.hash256())
            let answer = try session.ask(
                .withdraw(asset: 0, amount: 1_000_000, reference: reference), by: trader.signer)
            guard case .balanceUpdate = answer else { throw Unexpected(answer) }
            try session.refused(
                .withdraw(asset: 0, amount: 1 << 60, reference: reference), by: trader.signer, for: .insufficientFunds)
        },
    ]
}
