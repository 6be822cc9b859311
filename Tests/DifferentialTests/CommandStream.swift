import Wire

/// A seeded stream of commands, mostly meaningful, some hostile: every template, small ids, values at the edges.
struct CommandStream {
    private var random: SplitMix
    /// Highest nonce that was given out, by account and slot.
    private var nonces: [UInt64: UInt64] = [:]
    private var clientOrderId: UInt64 = 0
    private var reference: UInt64 = 0
    private var assets: UInt32 = 0
    private var instruments: UInt32 = 0
    /// Slot of the owner key, by account: rotations move it.
    private var ownerSlots: [UInt32: UInt16] = [:]
    /// Accounts and slots that can sign.
    private var signers: [(account: UInt32, slot: UInt16)] = [(0, 0), (1, 0), (2, 0)]

    init(seed: UInt64) { random = SplitMix(state: seed) }

    /// Everything that may sign: after a command that was accepted, the test tells.
    mutating func learn(_ effects: EffectCursor) {
        var cursor = effects
        while let effect = cursor.read() {
            switch effect.template {
            case Template.accountCreated: signers.append((AccountCreatedMessage(effect.base).newAccount, 0))
            case Template.keyAdded:
                let added = KeyAddedMessage(effect.base)
                signers.append((added.account, added.slot))
            case Template.keyRevoked:
                let revoked = KeyRevokedMessage(effect.base)
                signers.removeAll { $0.account == revoked.account && $0.slot == revoked.slot }
            case Template.venueKeyRotated: rotate(VenueKeyRotatedMessage(effect.base))
            case Template.assetListed: assets += 1
            case Template.instrumentListed: instruments += 1
            default: break
            }
        }
    }

    private mutating func rotate(_ rotated: VenueKeyRotatedMessage) {
        let owners: [UInt32] =
            switch rotated.purpose {
            case .venueOperator: [0, 1]
            case .settlement: [2]
            default: []
            }
        for owner in owners {
            let old = ownerSlots[owner] ?? 0
            signers.removeAll { $0.account == owner && $0.slot == old }
            signers.append((owner, rotated.slot))
            ownerSlots[owner] = rotated.slot
        }
    }

    /// The bytes of the next command.
    mutating func next(time: UInt64) -> [UInt8] {
        var bytes = command(time)
        // One in forty has a byte of its body turned.
        if random.below(40) == 0 {
            let offset = 24 + 8 + Int(random.below(UInt64(bytes.count - 32)))
            // The group's sizes are structure, which is checked before.
            let isBatch = bytes[2] == UInt8(Template.batch)
            if !(isBatch && (36..<40).contains(offset)) { bytes[offset] ^= UInt8(1 << random.below(8)) }
        }
        return bytes
    }

    private mutating func command(_ time: UInt64) -> [UInt8] {
        switch random.below(100) {
        case 0..<4: createAccount()
        case 4..<6: listAsset()
        case 6..<9: listInstrument()
        case 9..<16: deposit()
        case 16..<18: withdraw()
        case 18..<20: keys()
        case 20..<23: administration(time)
        case 23..<24: massCancel()
        case 24..<34: cancel()
        case 34..<46: replace()
        case 46..<62: batch()
        default: newOrder()
        }
    }

    // MARK: Heads

    private mutating func head(_ account: UInt32, _ slot: UInt16) -> (UInt32, UInt16, UInt64) {
        let key = UInt64(account) << 16 | UInt64(slot)
        nonces[key, default: 0] += 1 + random.below(3)
        return (account, slot, nonces[key]!)
    }

    private mutating func operatorHead() -> (UInt32, UInt16, UInt64) {
        if random.below(20) == 0 { return traderHead() }
        return head(1, ownerSlots[1] ?? 0)
    }

    private mutating func traderHead() -> (UInt32, UInt16, UInt64) {
        let signer = signers[Int(random.below(UInt64(signers.count)))]
        return head(signer.account, signer.slot)
    }

    private mutating func deadline() -> UInt64 { random.below(60) == 0 ? 1 + random.below(2000) : 0 }

    private func bytes(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        bytes.withUnsafeMutableBytes { encode($0.baseAddress!) }
        return bytes
    }

    // MARK: Administration

    private mutating func createAccount() -> [UInt8] {
        let (account, slot, nonce) = operatorHead()
        let id = UInt32(random.below(14)), key = Bytes32(random.next(), random.next(), 0, UInt64(id))
        return bytes(CreateAccountMessage.size) {
            CreateAccountMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, newAccount: id, flags: 0,
                ownerKey: key, proof: Bytes64())
        }
    }

    private mutating func listAsset() -> [UInt8] {
        let (account, slot, nonce) = operatorHead()
        let id = assets &+ UInt32(random.below(8) == 0 ? 1 : 0)
        let symbol = FixedText.eight(random.below(6) == 0 ? "a" : "A\(random.below(6))")!
        let decimals = UInt8(random.below(20))
        return bytes(ListAssetMessage.size) {
            ListAssetMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, asset: id, decimals: decimals,
                symbol: symbol)
        }
    }

    private mutating func listInstrument() -> [UInt8] {
        let (account, slot, nonce) = operatorHead()
        let id = instruments &+ UInt32(random.below(8) == 0 ? 1 : 0)
        let (low, high) = (1 + UInt32(random.below(50)), 60 + UInt32(random.below(80)))
        let values = (0..<8).map { _ in random.next() }
        let isLarge = random.below(5) == 0
        return bytes(ListInstrumentMessage.size) {
            ListInstrumentMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, instrument: id,
                baseAsset: UInt32(values[0] % 3), quoteAsset: UInt32(values[1] % 3), priceMultiplier: 100,
                symbol: FixedText.eight("I\(values[2] % 9)")!, lotSize: isLarge ? 1 << 30 : 1 + values[3] % 50,
                tickValue: isLarge ? 1 << 27 : 1 + values[4] % 100, priceMinTicks: low, priceMaxTicks: high,
                referencePriceTicks: 55, bandBasisPoints: values[5] % 3 == 0 ? 0 : 5000,
                protectionBasisPoints: UInt32(values[6] % 4000), makerFee: Int32(values[7] % 4000) - 1500,
                takerFee: Int32(values[6] % 5000), feeMode: values[5] % 2 == 0 ? .quote : .received,
                state: .continuous, quantityMaxLots: 1 + values[4] % 2000,
                notionalMax: UInt64(Int64.max) >> (values[3] % 40))
        }
    }

    private mutating func deposit() -> [UInt8] {
        let (account, slot, nonce) = operatorHead()
        if random.below(12) > 0 { reference += 1 }
        let amount = random.below(8) == 0 ? random.next() : random.below(1 << (10 + random.below(50)))
        let (target, asset, reference) = (UInt32(random.below(14)), UInt32(random.below(4)), reference)
        return bytes(DepositMessage.size) {
            DepositMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, target: target, asset: asset,
                amount: amount, reference: Bytes32(reference.byteSwapped, 0, 7, reference))
        }
    }

    private mutating func withdraw() -> [UInt8] {
        let (account, slot, nonce) = traderHead()
        let (asset, amount) = (UInt32(random.below(4)), random.below(1 << (1 + random.below(40))))
        return bytes(WithdrawMessage.size) {
            WithdrawMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, asset: asset, amount: amount,
                reference: .zero)
        }
    }

    private mutating func keys() -> [UInt8] {
        let target = UInt16(random.below(5)), key = Bytes32(random.next(), random.next(), 1, 1)
        if random.below(6) == 0 {
            let (account, slot, nonce) = operatorHead()
            let purpose = VenueKeyPurpose(rawValue: UInt8(1 + random.below(4)))!
            return bytes(RotateVenueKeyMessage.size) {
                RotateVenueKeyMessage.encode(
                    at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, purpose: purpose,
                    slot: target, newKey: key, oldProof: Bytes64(), newProof: Bytes64())
            }
        }
        let (account, slot, nonce) = traderHead()
        if random.below(3) == 0 {
            return bytes(RevokeTradingKeyMessage.size) {
                RevokeTradingKeyMessage.encode(
                    at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, slot: target)
            }
        }
        return bytes(AddTradingKeyMessage.size) {
            AddTradingKeyMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, slot: target, flags: [],
                key: key, proof: Bytes64())
        }
    }

    private mutating func administration(_ time: UInt64) -> [UInt8] {
        let (account, slot, nonce) = operatorHead()
        let values = (0..<8).map { _ in random.next() }
        switch random.below(4) {
        case 0:
            // Mostly open, so that there is something to compare.
            let others: [TradingState] = [.halted, .cancelOnly, .closed]
            let state = values[1] % 5 == 0 ? others[Int(values[2] % 3)] : .continuous
            let instrument = values[0] % 3 == 0 ? Null.u32 : UInt32(values[0] % 5)
            return bytes(SetTradingStateMessage.size) {
                SetTradingStateMessage.encode(
                    at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, instrument: instrument,
                    state: state, reason: FixedText.four("T1")!)
            }
        case 1:
            let isEngaged = values[1] % 6 == 0
            let target =
                !isEngaged || values[0] % 6 == 0
                ? (values[2] % 2 == 0 ? Null.u32 : UInt32(values[0] % 12)) : UInt32(values[0] % 12)
            return bytes(KillSwitchMessage.size) {
                KillSwitchMessage.encode(
                    at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, target: target,
                    engage: isEngaged ? 1 : 0)
            }
        case 2:
            return bytes(StateCommitmentMessage.size) {
                StateCommitmentMessage.encode(
                    at: $0, account: 2, keySlot: ownerSlots[2] ?? 0, nonce: 0, deadline: 0,
                    through: values[1] % 8 == 0 ? 0 : values[0] % 4000, stateRoot: .zero, chainHead: .zero,
                    dataThrough: 0, dataDigest: .zero)
            }.withNonce(head(2, ownerSlots[2] ?? 0).2)
        default:
            let isAccount = values[0] % 3 == 0
            return bytes(SetLimitsMessage.size) {
                SetLimitsMessage.encode(
                    at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0,
                    scope: isAccount ? .account : .instrument, target: UInt32(values[1] % 6),
                    openOrdersMax: isAccount ? UInt32(values[2] % 900) : Null.u32,
                    bandBasisPoints: isAccount || values[3] % 2 == 0 ? Null.u32 : UInt32(values[3] % 9000),
                    protectionBasisPoints: Null.u32,
                    makerFee: isAccount || values[4] % 2 == 0 ? Null.i32 : Int32(values[4] % 3000) - 1000,
                    takerFee: isAccount || values[5] % 2 == 0 ? Null.i32 : Int32(values[5] % 6000),
                    quantityMaxLots: isAccount ? Null.u64 : 1 + values[6] % 3000, notionalMax: Null.u64)
            }
        }
    }

    // MARK: Trading

    private mutating func newOrder() -> [UInt8] {
        let (account, slot, nonce) = traderHead()
        let order = wish(), deadline = deadline()
        return bytes(NewOrderMessage.size) {
            NewOrderMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: nonce, deadline: deadline,
                instrument: order.instrument, side: order.side, orderType: order.type,
                timeInForce: order.timeInForce, selfTradePrevention: order.prevention,
                clientOrderId: order.clientOrderId, priceTicks: order.price, quantityLots: order.quantity,
                expiry: Null.u64, displayLots: Null.u32, minimumLots: Null.u32, stopPriceTicks: Null.u32,
                flags: order.flags)
        }
    }

    private struct Wish {
        var instrument: UInt32, side: Side, type: OrderType, timeInForce: TimeInForce
        var prevention: SelfTradePrevention, clientOrderId: UInt64, price: UInt32, quantity: UInt32
        var flags: OrderFlags
    }

    private mutating func wish() -> Wish {
        if random.below(10) > 0 { clientOrderId += 1 }
        let isMarket = random.below(10) == 0
        let times: [TimeInForce] = [.goodTillCancel, .goodTillCancel, .goodTillCancel, .immediateOrCancel, .fillOrKill]
        return Wish(
            instrument: UInt32(random.below(UInt64(instruments) + 1 + (random.below(30) == 0 ? 1 : 0)))
                % max(instruments + 1, 1),
            side: random.below(2) == 0 ? .buy : .sell, type: isMarket ? .market : .limit,
            timeInForce: times[Int(random.below(5))],
            prevention: SelfTradePrevention(rawValue: UInt8(1 + random.below(4)))!,
            clientOrderId: random.below(30) == 0 ? random.below(3) &- 1 : clientOrderId,
            price: isMarket ? Null.u32 : 40 + UInt32(random.below(30)),
            quantity: random.below(25) == 0 ? 0 : 1 + UInt32(random.below(random.below(20) == 0 ? 5000 : 20)),
            flags: random.below(12) == 0 ? .postOnly : [])
    }

    /// An order by one of its two ids; sometimes both or none.
    private mutating func name() -> (orderId: UInt64, clientOrderId: UInt64) {
        let order = 1 + random.below(clientOrderId * 2 + 2), client = 1 + random.below(clientOrderId + 1)
        let recent = clientOrderId - random.below(min(clientOrderId, 30) + 1)
        switch random.below(20) {
        case 0: return (Null.u64, Null.u64)
        case 1: return (order, client)
        case 2..<6: return (order, Null.u64)
        default: return (Null.u64, recent)
        }
    }

    private mutating func cancel() -> [UInt8] {
        let (account, slot, nonce) = traderHead()
        let name = name()
        return bytes(CancelOrderMessage.size) {
            CancelOrderMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, orderId: name.orderId,
                clientOrderId: name.clientOrderId)
        }
    }

    private mutating func replace() -> [UInt8] {
        let (account, slot, nonce) = traderHead()
        let name = name(), newId = newName()
        let (price, quantity) = (40 + UInt32(random.below(30)), UInt32(random.below(30)))
        let flags: ReplaceFlags = random.below(3) == 0 ? .losePriority : []
        return bytes(ReplaceOrderMessage.size) {
            ReplaceOrderMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, orderId: name.orderId,
                clientOrderId: name.clientOrderId, newClientOrderId: newId, priceTicks: price,
                quantityLots: quantity, flags: flags)
        }
    }

    private mutating func newName() -> UInt64 {
        switch random.below(6) {
        case 0: return random.below(clientOrderId + 2)
        case 1:
            clientOrderId += 1
            return clientOrderId
        default: return Null.u64
        }
    }

    private mutating func massCancel() -> [UInt8] {
        let (account, slot, nonce) = traderHead()
        let instrument = random.below(2) == 0 ? Null.u32 : UInt32(random.below(5))
        let side: Side? = random.below(3) == 0 ? .buy : nil
        return bytes(MassCancelMessage.size) {
            MassCancelMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, instrument: instrument,
                side: side)
        }
    }

    private mutating func batch() -> [UInt8] {
        let (account, slot, nonce) = traderHead()
        let count = 1 + Int(random.below(random.below(6) == 0 ? 128 : 6))
        var message = bytes(BatchMessage.size + count * BatchEntry.size) {
            BatchMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: nonce, deadline: 0, entryCount: UInt16(count))
        }
        for index in 0..<count {
            let at = BatchMessage.size + index * BatchEntry.size
            let kind = random.below(10)
            let (order, name, newId) = (wish(), name(), newName())
            let flags = UInt16(random.below(4) == 0 ? 1 : 0)
            message.withUnsafeMutableBytes { buffer in
                let base = buffer.baseAddress! + at
                if kind < 6 {
                    BatchEntry.encode(
                        at: base, kind: .new, side: order.side, orderType: order.type,
                        timeInForce: order.timeInForce, selfTradePrevention: order.prevention,
                        flags: order.flags.rawValue, instrument: order.instrument, priceTicks: order.price,
                        quantityLots: order.quantity, clientOrderId: order.clientOrderId, orderId: Null.u64,
                        newClientOrderId: Null.u64)
                } else {
                    BatchEntry.encode(
                        at: base, kind: kind < 8 ? .cancel : .replace, side: nil, orderType: nil, timeInForce: nil,
                        selfTradePrevention: nil, flags: kind < 8 ? 0 : flags, instrument: Null.u32,
                        priceTicks: kind < 8 ? Null.u32 : min(order.price, 70),
                        quantityLots: kind < 8 ? Null.u32 : order.quantity, clientOrderId: name.clientOrderId,
                        orderId: name.orderId, newClientOrderId: kind < 8 ? Null.u64 : newId)
                }
            }
        }
        return message
    }
}

extension [UInt8] {
    /// The command with another nonce.
    fileprivate func withNonce(_ nonce: UInt64) -> [UInt8] {
        var bytes = self
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: nonce, toByteOffset: 16, as: UInt64.self) }
        return bytes
    }
}

/// SplitMix64: the same stream everywhere.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    mutating func below(_ bound: UInt64) -> UInt64 { bound == 0 ? 0 : next() % bound }
}
