/// Reason codes of refusals and cancels. Numbers are never reused; the table with texts stands in Wire.md.
///
/// Every refusal carries `expected`: what it means stands with the reason.
@frozen public enum Reason: UInt16, Sendable, CaseIterable {
    // Frames and sessions: answered, never journaled.
    /// The length does not fit the template. Expected: 0.
    case invalidLength = 1
    /// The schema or template id is unknown. Expected: 0.
    case unknownTemplate = 2
    /// The schema version is unknown. Expected: the version.
    case unsupportedVersion = 3
    /// The session is not established, or the message is out of place. Expected: 0.
    case notEstablished = 4
    /// The session speaks for an account that did not sign its logon. Expected: 0.
    case accountNotAttached = 5
    /// The account is attached to this session as a drop copy. Expected: 0.
    case readOnlySession = 6
    /// No more accounts fit this session. Expected: how many do.
    case tooManyAccounts = 7
    /// A logon asks for an option that rules version 1 does not have. Expected: 0.
    case unsupportedOption = 8
    /// The logon does not hold the challenge of this connection. Expected: 0.
    case challengeMismatch = 9
    // Authenticity: answered, never journaled.
    /// The signature does not hold under the key that the message names. Expected: 0.
    case badSignature = 20
    /// The account does not exist. Expected: 0.
    case unknownAccount = 21
    /// The key slot is empty. Expected: 0.
    case unknownKey = 22
    /// The key was revoked. Expected: 0.
    case revokedKey = 23
    /// The nonce is not greater than the mark of its key, and its message is not remembered. Expected: the mark.
    case nonceTooLow = 24
    /// Other bytes were sent under this nonce before. Expected: the mark.
    case nonceConflict = 25
    /// The largest value is no nonce. Expected: the mark.
    case nonceInvalid = 26
    /// The journal has no space left; nothing is accepted until it has. Expected: 0.
    case noJournalSpace = 27
    // Who may do what: journaled, as all that follow.
    /// The deadline lies before the time of sequencing. Expected: that time.
    case deadlinePassed = 40
    /// Only the owner key may sign this command. Expected: its slot.
    case ownerKeyRequired = 41
    /// Only the operator may send this command. Expected: 1, its account.
    case notOperator = 42
    /// Only settlement may send this command. Expected: 2, its account.
    case notSettlement = 43
    /// A field holds a value that its type does not have, or a reserved field is not zero. Expected: offset
    /// of the field in the message, bytes.
    case invalidField = 44
    /// The feature is reserved and not part of rules version 1. Expected: offset of the field in the message, bytes.
    case unsupportedFeature = 45
    // Accounts, keys, money.
    /// The id is used, reserved, or not below the capacity. Expected: the capacity.
    case accountIdInvalid = 60
    /// The account that the command is about does not exist. Expected: 0.
    case targetUnknown = 61
    /// The slot is 0, used before, or not below the number of slots. Expected: the number of slots.
    case keySlotInvalid = 62
    /// There is no key in force in that slot. Expected: 0.
    case keyNotFound = 63
    /// A key is not canonical or not of prime order, or a proof does not hold. Expected: 0.
    case proofInvalid = 64
    /// The asset is not listed. Expected: number of assets.
    case unknownAsset = 65
    /// The amount is 0 or above 2^63 - 1. Expected: largest amount.
    case amountInvalid = 66
    /// The balance, or the total of the asset, would pass 2^63 - 1. Expected: what still fits.
    case balanceOverflow = 67
    /// The reference was used before. Expected: 0.
    case referenceUsed = 68
    /// No more deposit references fit. Expected: the capacity.
    case referencesFull = 69
    /// The available balance is too small. Expected: the available balance.
    case insufficientFunds = 70
    // Listings and states.
    /// The id is not the next one, the table is full, or symbol or decimals are not valid. Expected: the next id.
    case assetInvalid = 80
    /// The id is not the next one, the table is full, or a value is not valid. Expected: the next id.
    case instrumentInvalid = 81
    /// Highest price times multiplier does not fit the four-decimal price of ITCH. Expected: 2,000,000,000.
    case tickNotExpressible = 82
    /// The largest quantity does not fit the 32-bit shares of ITCH. Expected: 4,294,967,294.
    case lotNotExpressible = 83
    /// The price range does not fit the levels that are left. Expected: levels left.
    case levelsFull = 84
    /// A rate is above 10 %, a rebate exceeds the taker fee, or a rebate is asked for in received mode.
    /// Expected: highest rate.
    case feeInvalid = 85
    /// The limit is not valid, or the scope does not have it. Expected: 0.
    case limitInvalid = 86
    // Orders.
    /// The instrument is not listed. Expected: number of instruments.
    case unknownInstrument = 100
    /// The venue is closed. Expected: state of the venue.
    case venueClosed = 101
    /// The instrument is closed. Expected: state of the instrument.
    case instrumentClosed = 102
    /// The instrument is halted: only cancels are accepted. Expected: state of the instrument.
    case instrumentHalted = 103
    /// Only cancels are accepted. Expected: state of the instrument, or of the venue.
    case cancelOnly = 104
    /// The kill switch of the account is engaged. Expected: 0.
    case accountBlocked = 105
    /// The kill switch of the venue is engaged. Expected: 0.
    case venueBlocked = 106
    /// The client order id is 0 or null. Expected: 0.
    case clientOrderIdInvalid = 107
    /// An open order of the account has this client order id. Expected: its order id.
    case duplicateClientOrderId = 108
    /// The quantity is 0. Expected: 1.
    case quantityInvalid = 109
    /// The quantity is above the largest of the instrument. Expected: the largest.
    case quantityTooLarge = 110
    /// A limit order has no price, or a market order has one. Expected: 0.
    case priceInvalid = 111
    /// The price lies outside the listed range. Expected: the nearer bound.
    case priceOutOfRange = 112
    /// The price lies outside the band around the reference price. Expected: the nearer bound.
    case priceOutsideBand = 113
    /// Price times quantity, with fees, does not fit 63 bits. Expected: 2^63 - 1.
    case notionalOverflow = 114
    /// The notional is above the largest of the instrument. Expected: the largest.
    case notionalTooLarge = 115
    /// The account has as many open orders as it may. Expected: how many.
    case tooManyOpenOrders = 116
    /// The venue has no room for another open order. Expected: the capacity.
    case ordersFull = 117
    /// A post-only order would trade. Expected: best opposite price.
    case wouldTrade = 118
    /// The account has no such open order. Expected: 0.
    case unknownOrder = 119
    /// Exactly one of order id and client order id must be given. Expected: 0.
    case orderIdInvalid = 120
    // Cancels: reasons of a cancelled order, not refusals.
    /// A cancel asked for it.
    case requested = 200
    /// A mass cancel.
    case massCancel = 201
    /// What an IOC order did not trade at once.
    case immediateOrCancel = 202
    /// An FOK order that could not trade in full.
    case fillOrKill = 203
    /// What a market order did not trade within its protection.
    case marketRemainder = 204
    /// Self-trade prevention.
    case selfTrade = 205
    /// A kill switch.
    case killSwitch = 206
}

extension Reason {
    /// One line for people.
    public var text: String {
        switch self {
        case .invalidLength: "The length does not fit the template."
        case .unknownTemplate: "The schema or template id is unknown."
        case .unsupportedVersion: "The schema version is unknown."
        case .notEstablished: "The session is not established, or the message is out of place."
        case .accountNotAttached: "The session speaks for an account that did not sign its logon."
        case .readOnlySession: "The account is attached to this session as a drop copy."
        case .tooManyAccounts: "No more accounts fit this session."
        case .unsupportedOption: "A logon asks for an option that rules version 1 does not have."
        case .challengeMismatch: "The logon does not hold the challenge of this connection."
        case .badSignature: "The signature does not hold under the key that the message names."
        case .unknownAccount: "The account does not exist."
        case .unknownKey: "The key slot is empty."
        case .revokedKey: "The key was revoked."
        case .nonceTooLow: "The nonce is not greater than the mark of its key, and its message is not remembered."
        case .nonceConflict: "Other bytes were sent under this nonce before."
        case .nonceInvalid: "The largest value is no nonce."
        case .noJournalSpace: "The journal has no space left; nothing is accepted until it has."
        case .deadlinePassed: "The deadline lies before the time of sequencing."
        case .ownerKeyRequired: "Only the owner key may sign this command."
        case .notOperator: "Only the operator may send this command."
        case .notSettlement: "Only settlement may send this command."
        case .invalidField: "A field holds a value that its type does not have, or a reserved field is not zero."
        case .unsupportedFeature: "The feature is reserved and not part of rules version 1."
        case .accountIdInvalid: "The id is used, reserved, or not below the capacity."
        case .targetUnknown: "The account that the command is about does not exist."
        case .keySlotInvalid: "The slot is 0, used before, or not below the number of slots."
        case .keyNotFound: "There is no key in force in that slot."
        case .proofInvalid: "A key is not canonical or not of prime order, or a proof does not hold."
        case .unknownAsset: "The asset is not listed."
        case .amountInvalid: "The amount is 0 or above 2^63 - 1."
        case .balanceOverflow: "The balance, or the total of the asset, would pass 2^63 - 1."
        case .referenceUsed: "The reference was used before."
        case .referencesFull: "No more deposit references fit."
        case .insufficientFunds: "The available balance is too small."
        case .assetInvalid: "The id is not the next one, the table is full, or symbol or decimals are not valid."
        case .instrumentInvalid: "The id is not the next one, the table is full, or a value is not valid."
        case .tickNotExpressible: "Highest price times multiplier does not fit the four-decimal price of ITCH."
        case .lotNotExpressible: "The largest quantity does not fit the 32-bit shares of ITCH."
        case .levelsFull: "The price range does not fit the levels that are left."
        case .feeInvalid:
            "A rate is above 10 %, a rebate exceeds the taker fee, or a rebate is asked for in received mode."
        case .limitInvalid: "The limit is not valid, or the scope does not have it."
        case .unknownInstrument: "The instrument is not listed."
        case .venueClosed: "The venue is closed."
        case .instrumentClosed: "The instrument is closed."
        case .instrumentHalted: "The instrument is halted: only cancels are accepted."
        case .cancelOnly: "Only cancels are accepted."
        case .accountBlocked: "The kill switch of the account is engaged."
        case .venueBlocked: "The kill switch of the venue is engaged."
        case .clientOrderIdInvalid: "The client order id is 0 or null."
        case .duplicateClientOrderId: "An open order of the account has this client order id."
        case .quantityInvalid: "The quantity is 0."
        case .quantityTooLarge: "The quantity is above the largest of the instrument."
        case .priceInvalid: "A limit order has no price, or a market order has one."
        case .priceOutOfRange: "The price lies outside the listed range."
        case .priceOutsideBand: "The price lies outside the band around the reference price."
        case .notionalOverflow: "Price times quantity, with fees, does not fit 63 bits."
        case .notionalTooLarge: "The notional is above the largest of the instrument."
        case .tooManyOpenOrders: "The account has as many open orders as it may."
        case .ordersFull: "The venue has no room for another open order."
        case .wouldTrade: "A post-only order would trade."
        case .unknownOrder: "The account has no such open order."
        case .orderIdInvalid: "Exactly one of order id and client order id must be given."
        case .requested: "A cancel asked for it."
        case .massCancel: "A mass cancel."
        case .immediateOrCancel: "What an IOC order did not trade at once."
        case .fillOrKill: "An FOK order that could not trade in full."
        case .marketRemainder: "What a market order did not trade within its protection."
        case .selfTrade: "Self-trade prevention."
        case .killSwitch: "A kill switch."
        }
    }
}
