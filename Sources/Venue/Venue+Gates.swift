import Wire

/// Whether orders are taken at all: states and kill switches (INS-5, INS-6, NEW-1).
///
/// Inlined, and larger helpers that only read are `mutating` all the same: a call of a function that borrows the venue
/// from one that changes it copies the whole value first, half a kilobyte.
extension Venue {
    /// INS-6, for new orders and replaces.
    @inline(__always) var venueGate: Refusal? {
        switch state {
        case .closed, .endOfMessages: Refusal(.venueClosed, UInt32(state.rawValue))
        case .halted, .cancelOnly: Refusal(.cancelOnly, UInt32(state.rawValue))
        default: nil
        }
    }

    /// INS-6, for cancels.
    @inline(__always) var cancelGate: Refusal? {
        state == .closed || state == .endOfMessages ? Refusal(.venueClosed, UInt32(state.rawValue)) : nil
    }

    /// Kill switches, for new orders and replaces.
    @inline(__always) func killSwitchGate(_ account: UInt32) -> Refusal? {
        if isBlocked { return Refusal(.venueBlocked) }
        return ledger.isBlocked(account) ? Refusal(.accountBlocked) : nil
    }
}

extension Instrument {
    /// INS-5, for new orders and replaces.
    var gate: Refusal? {
        switch state {
        case .closed: Refusal(.instrumentClosed, UInt32(state.rawValue))
        case .halted: Refusal(.instrumentHalted, UInt32(state.rawValue))
        case .cancelOnly: Refusal(.cancelOnly, UInt32(state.rawValue))
        default: nil
        }
    }

    /// INS-5, for cancels.
    var cancelGate: Refusal? {
        state == .closed ? Refusal(.instrumentClosed, UInt32(state.rawValue)) : nil
    }
}
