import Book
import Ledger
import Wire

/// Cancels, mass cancels, kill switches (CAN, INS-3).
extension Venue {
    /// CAN-1.
    mutating func cancelOpen(_ slot: OrderSlot, _ reason: Reason, entry: UInt16, _ effects: inout EffectWriter) {
        let lots = books.node(slot).pointee.quantityLots
        release(slot, after: 0)
        tellCancelled(slot, lots, leaves: 0, reason, entry, &effects)
        books.remove(slot)
    }

    /// Takes lots off an order in the book, fewer than it has.
    mutating func reduceOpen(_ slot: OrderSlot, by lots: UInt32, _ reason: Reason, _ effects: inout EffectWriter) {
        let leaves = books.node(slot).pointee.quantityLots &- lots
        release(slot, after: leaves)
        tellCancelled(slot, lots, leaves: leaves, reason, Null.u16, &effects)
        books.reduce(slot, by: lots)
    }

    /// What is reserved for an order in the book, if it had that open quantity.
    mutating func hold(of slot: OrderSlot, quantityLots: UInt32) -> UInt64 {
        let node = books.node(slot), detail = books.detail(slot)
        return instrument(node.pointee.instrument).pointee.hold(
            side: node.pointee.side.side, priceTicks: node.pointee.priceTicks, quantityLots: quantityLots,
            carry: detail.pointee.carry, rate: Instrument.restingRate(maker: detail.pointee.makerRate))
    }

    /// Releases what an order in the book no longer needs when its open quantity falls.
    mutating func release(_ slot: OrderSlot, after quantityLots: UInt32) {
        let node = books.node(slot)
        let amount =
            hold(of: slot, quantityLots: node.pointee.quantityLots) &- hold(of: slot, quantityLots: quantityLots)
        let asset = instrument(node.pointee.instrument).pointee.heldAsset(node.pointee.side.side)
        ledger.release(amount, account: books.detail(slot).pointee.account, asset: asset)
    }

    private mutating func tellCancelled(
        _ slot: OrderSlot, _ lots: UInt32, leaves: UInt32, _ reason: Reason, _ entry: UInt16,
        _ effects: inout EffectWriter
    ) {
        let node = books.node(slot), detail = books.detail(slot)
        CancelledMessage.encode(
            at: effects.next, account: detail.pointee.account, instrument: node.pointee.instrument,
            orderId: node.pointee.orderId, clientOrderId: detail.pointee.clientOrderId,
            priceTicks: node.pointee.priceTicks, quantityLots: lots, leavesLots: leaves, reason: reason,
            entry: entry, side: node.pointee.side.side, displayed: 1)
        effects.advance(CancelledMessage.size)
    }

    /// CAN-2.
    mutating func cancel(
        orderId: UInt64, clientOrderId: UInt64, _ origin: Origin, _ effects: inout EffectWriter
    ) {
        guard (orderId == Null.u64) != (clientOrderId == Null.u64) else {
            return reject(Refusal(.orderIdInvalid), origin, &effects)
        }
        if let refusal = cancelGate { return reject(refusal, origin, &effects) }
        let slot = openOrder(origin.account, orderId: orderId, clientOrderId: clientOrderId)
        guard !slot.isNone else { return reject(Refusal(.unknownOrder), origin, &effects) }
        if let refusal = instrument(books.node(slot).pointee.instrument).pointee.cancelGate {
            return reject(refusal, origin, &effects)
        }
        cancelOpen(slot, .requested, entry: origin.entry, &effects)
    }

    /// The account's open order of that id or client order id, whichever is not null.
    mutating func openOrder(_ account: UInt32, orderId: UInt64, clientOrderId: UInt64) -> OrderSlot {
        guard orderId != Null.u64 else { return books.slot(ofAccount: account, clientOrderId: clientOrderId) }
        // Id 0 stands in free nodes.
        guard orderId != 0 else { return .none }
        let slot = books.slot(ofOrder: orderId)
        return !slot.isNone && books.detail(slot).pointee.account == account ? slot : .none
    }

    // MARK: Mass cancel

    /// CAN-3.
    mutating func massCancel(
        _ message: MassCancelMessage, _ origin: Origin, _ effects: inout EffectWriter
    ) -> Progress {
        var refusal = cancelGate
        if refusal == nil && message.instrument != Null.u32 {
            refusal =
                message.instrument < instrumentCount
                ? instrument(message.instrument).pointee.cancelGate : Refusal(.unknownInstrument, instrumentCount)
        }
        if let refusal {
            reject(refusal, origin, &effects)
            return .done
        }
        unfinished.account = origin.account
        unfinished.instrument = message.instrument
        unfinished.side = message.side
        unfinished.cancelled = 0
        unfinished.next = books.firstOrder(ofAccount: origin.account)
        let progress = goOnWithMassCancel(&effects)
        if progress == .done { unfinished = Unfinished() }
        return progress
    }

    mutating func goOnWithMassCancel(_ effects: inout EffectWriter) -> Progress {
        while !unfinished.next.isNone {
            let slot = unfinished.next
            if isMeant(slot) {
                guard effects.hasRoomForUnit else { return leave(.massCancel) }
                unfinished.next = books.nextOrderOfAccount(slot)
                cancelOpen(slot, .massCancel, entry: Null.u16, &effects)
                unfinished.cancelled += 1
            } else {
                unfinished.next = books.nextOrderOfAccount(slot)
            }
        }
        guard effects.hasRoomForUnit else { return leave(.massCancel) }
        MassCancelCompletedMessage.encode(
            at: effects.next, account: unfinished.account, cancelled: unfinished.cancelled)
        effects.advance(MassCancelCompletedMessage.size)
        return .done
    }

    private mutating func isMeant(_ slot: OrderSlot) -> Bool {
        let node = books.node(slot)
        if unfinished.instrument != Null.u32 && node.pointee.instrument != unfinished.instrument { return false }
        if let side = unfinished.side, node.pointee.side != side.bookSide { return false }
        return instrument(node.pointee.instrument).pointee.state != .closed
    }

    // MARK: Kill switch

    /// INS-3: the first unit. Orders are cancelled by `goOnWithKillSwitch`.
    mutating func killSwitch(_ message: KillSwitchMessage, _ effects: inout EffectWriter) -> Refusal? {
        let isEngaged = message.engage == 1
        if state == .endOfMessages && isEngaged { return Refusal(.venueClosed, UInt32(state.rawValue)) }
        let target = message.target
        if target == Null.u32 {
            isBlocked = isEngaged
        } else {
            guard ledger.hasAccount(target) else { return Refusal(.targetUnknown) }
            ledger.setBlocked(target, isEngaged)
        }
        KillSwitchChangedMessage.encode(
            at: effects.next, account: message.account, target: target, engaged: message.engage)
        effects.advance(KillSwitchChangedMessage.size)
        if isEngaged {
            unfinished.work = .killSwitch
            unfinished.account = target
            unfinished.instrument = 0
        }
        return nil
    }

    /// The rest of the command's own record.
    mutating func goOnAfterKillSwitch(_ effects: inout EffectWriter) -> Progress {
        let progress = goOnWithKillSwitch(&effects)
        if progress == .done { unfinished = Unfinished() }
        return progress
    }

    mutating func goOnWithKillSwitch(_ effects: inout EffectWriter) -> Progress {
        while true {
            let slot = nextToKill()
            if slot.isNone { return .done }
            guard effects.hasRoomForUnit else { return leave(.killSwitch) }
            cancelOpen(slot, .killSwitch, entry: Null.u16, &effects)
        }
    }

    private mutating func nextToKill() -> OrderSlot {
        if unfinished.account != Null.u32 { return books.firstOrder(ofAccount: unfinished.account) }
        while unfinished.instrument < instrumentCount {
            let slot = books.firstOrder(ofInstrument: unfinished.instrument)
            if !slot.isNone { return slot }
            unfinished.instrument += 1
        }
        return .none
    }
}
