import Cryptography
import Wire

/// The first fields of every command.
struct CommandSender {
    var account: UInt32
    var keySlot: UInt16
    var nonce: UInt64
    var deadline: UInt64
}

extension CommandBody {
    /// Writes the SBE message; `pointer` has room for `messageBytes`.
    func encode(at pointer: UnsafeMutableRawPointer, _ sender: CommandSender) throws(ClientError) {
        switch self {
        case .newOrder(let order): Self.encode(order, at: pointer, sender)
        case .cancelOrder(let name):
            CancelOrderMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, orderId: name.orderId, clientOrderId: name.clientOrderId)
        case .replaceOrder(let change):
            ReplaceOrderMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, orderId: change.order.orderId, clientOrderId: change.order.clientOrderId,
                newClientOrderId: change.newClientOrderId ?? Null.u64, priceTicks: change.priceTicks,
                quantityLots: change.quantityLots, flags: change.flags)
        case .massCancel(let instrument, let side):
            MassCancelMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, instrument: instrument ?? Null.u32, side: side)
        case .batch(let items):
            guard (1...Limits.batchEntriesMax).contains(items.count) else {
                throw .invalidCommand("a batch of \(items.count) entries, expected 1 to \(Limits.batchEntriesMax)")
            }
            BatchMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, entryCount: UInt16(items.count))
            for (index, item) in items.enumerated() {
                item.encode(at: pointer + BatchMessage.size + index * BatchEntry.size)
            }
        default: try encodeAdministration(at: pointer, sender)
        }
    }

    private static func encode(_ order: NewOrder, at pointer: UnsafeMutableRawPointer, _ sender: CommandSender) {
        NewOrderMessage.encode(
            at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
            deadline: sender.deadline, instrument: order.instrument, side: order.side, orderType: order.type,
            timeInForce: order.timeInForce, selfTradePrevention: order.selfTradePrevention,
            clientOrderId: order.clientOrderId, priceTicks: order.priceTicks ?? Null.u32,
            quantityLots: order.quantityLots, expiry: Null.u64, displayLots: Null.u32, minimumLots: Null.u32,
            stopPriceTicks: Null.u32, flags: order.flags)
    }

    private func encodeAdministration(
        at pointer: UnsafeMutableRawPointer, _ sender: CommandSender
    ) throws(ClientError) {
        switch self {
        case .createAccount(let account, let key, let proof):
            CreateAccountMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, newAccount: account, flags: 0, ownerKey: Bytes32(key.bytes),
                proof: Bytes64(proof))
        case .addTradingKey(let slot, let key, let proof, let isCustodial):
            AddTradingKeyMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, slot: slot, flags: isCustodial ? .custodial : [],
                key: Bytes32(key.bytes), proof: Bytes64(proof))
        case .revokeTradingKey(let slot):
            RevokeTradingKeyMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, slot: slot)
        case .deposit(let target, let asset, let amount, let reference):
            DepositMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, target: target, asset: asset, amount: amount, reference: reference)
        case .withdraw(let asset, let amount, let reference):
            WithdrawMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, asset: asset, amount: amount, reference: reference)
        default: try encodeOperation(at: pointer, sender)
        }
    }

    private func encodeOperation(at pointer: UnsafeMutableRawPointer, _ sender: CommandSender) throws(ClientError) {
        switch self {
        case .listAsset(let asset, let symbol, let decimals):
            ListAssetMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, asset: asset, decimals: decimals, symbol: try Self.symbol(symbol))
        case .listInstrument(let listing): try Self.encode(listing, at: pointer, sender)
        case .setTradingState(let state, let instrument, let reason):
            guard let letters = FixedText.four(reason) else {
                throw .invalidCommand("reason \"\(reason)\": expected at most 4 printable ASCII characters")
            }
            SetTradingStateMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, instrument: instrument ?? Null.u32, state: state, reason: letters)
        case .killSwitch(let account, let isEngaged):
            KillSwitchMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, target: account ?? Null.u32, engage: isEngaged ? 1 : 0)
        case .setLimits(let change):
            SetLimitsMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, scope: change.scope, target: change.target,
                openOrdersMax: change.openOrdersMax ?? Null.u32, bandBasisPoints: change.bandBasisPoints ?? Null.u32,
                protectionBasisPoints: change.protectionBasisPoints ?? Null.u32,
                makerFee: change.makerFee ?? Null.i32, takerFee: change.takerFee ?? Null.i32,
                quantityMaxLots: change.quantityMaxLots ?? Null.u64, notionalMax: change.notionalMax ?? Null.u64)
        case .rotateVenueKey(let purpose, let slot, let newKey, let oldProof, let newProof):
            RotateVenueKeyMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, purpose: purpose, slot: slot, newKey: Bytes32(newKey.bytes),
                oldProof: Bytes64(oldProof), newProof: Bytes64(newProof))
        case .stateCommitment(let through, let root, let head, let dataThrough, let digest):
            StateCommitmentMessage.encode(
                at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
                deadline: sender.deadline, through: through, stateRoot: root, chainHead: head,
                dataThrough: dataThrough, dataDigest: digest)
        default: preconditionFailure("every other body is encoded before")
        }
    }

    private static func encode(
        _ listing: InstrumentListing, at pointer: UnsafeMutableRawPointer, _ sender: CommandSender
    ) throws(ClientError) {
        ListInstrumentMessage.encode(
            at: pointer, account: sender.account, keySlot: sender.keySlot, nonce: sender.nonce,
            deadline: sender.deadline, instrument: listing.instrument, baseAsset: listing.baseAsset,
            quoteAsset: listing.quoteAsset, priceMultiplier: listing.priceMultiplier,
            symbol: try symbol(listing.symbol), lotSize: listing.lotSize, tickValue: listing.tickValue,
            priceMinTicks: listing.priceMinTicks, priceMaxTicks: listing.priceMaxTicks,
            referencePriceTicks: listing.referencePriceTicks, bandBasisPoints: listing.bandBasisPoints,
            protectionBasisPoints: listing.protectionBasisPoints, makerFee: listing.makerFee,
            takerFee: listing.takerFee, feeMode: listing.feeMode, state: listing.state,
            quantityMaxLots: listing.quantityMaxLots, notionalMax: listing.notionalMax)
    }

    private static func symbol(_ text: String) throws(ClientError) -> UInt64 {
        guard let packed = FixedText.eight(text) else {
            throw .invalidCommand("symbol \"\(text)\": expected at most 8 printable ASCII characters")
        }
        return packed
    }
}

extension Bytes32 {
    /// A hash, or a public key's bytes, as a field.
    public init(_ hash: Hash256) { self = hash.withUnsafeBytes { Bytes32(from: $0.baseAddress!) } }
}

extension Bytes64 {
    /// A signature as a field.
    public init(_ signature: Signature) { self = withUnsafeBytes(of: signature) { Bytes64(from: $0.baseAddress!) } }
}
