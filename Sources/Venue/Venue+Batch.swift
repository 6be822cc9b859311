import Wire

/// Batches (BAT).
extension Venue {
    /// A batch whose fields before the entries were checked.
    mutating func batch(_ message: BatchMessage, count: Int, _ effects: inout EffectWriter) -> Progress {
        let progress = entries(of: message, &effects)
        guard progress == .more else {
            unfinished = Unfinished()
            return .done
        }
        // The command's bytes are gone when the continuation comes.
        batchBytes.copyMemory(from: message.base, byteCount: count)
        return .more
    }

    mutating func goOnWithBatch(_ effects: inout EffectWriter) -> Progress {
        entries(of: BatchMessage(batchBytes), &effects)
    }

    /// The entries from `unfinished.nextEntry` on, after what is left of the one before.
    private mutating func entries(of message: BatchMessage, _ effects: inout EffectWriter) -> Progress {
        if var taker = unfinished.taker {
            unfinished.taker = nil
            if finish(&taker, .batch, &effects) == .more { return .more }
        }
        while unfinished.nextEntry < Int(message.entryCount) {
            guard effects.hasRoomForUnit else { return leave(.batch) }
            let index = unfinished.nextEntry
            unfinished.nextEntry += 1
            if var taker = start(message, index, &effects), finish(&taker, .batch, &effects) == .more { return .more }
        }
        return .done
    }

    /// The first unit of an entry. Returns an order that goes on.
    private mutating func start(_ message: BatchMessage, _ index: Int, _ effects: inout EffectWriter) -> Taker? {
        let entry = message.entry(index)
        let at = BatchMessage.size + index * BatchEntry.size
        let origin = Origin(
            account: message.account, entry: UInt16(truncatingIfNeeded: index), clientOrderId: entry.clientOrderId,
            orderId: entry.orderId)
        if let refusal = FieldChecks.refusal(entry: entry.base, at: at) {
            reject(refusal, origin, &effects)
            return nil
        }
        switch entry.kind {
        case .new: return accept(OrderRequest(entry, at: at), origin, &effects)
        case .replace: return replace(ReplaceRequest(entry), origin, &effects)
        case .cancel: cancel(orderId: entry.orderId, clientOrderId: entry.clientOrderId, origin, &effects)
        case nil: preconditionFailure("fields were checked")
        }
        return nil
    }
}
