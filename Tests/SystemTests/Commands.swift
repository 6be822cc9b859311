import Cryptography
import Wire

/// Commands as unsigned messages.
enum Commands {
    static func createAccount(
        _ account: UInt32, _ key: SigningKey, nonce: UInt64, _ venue: VenueFixture, proof: Signature? = nil,
        slot: UInt16 = 0
    ) -> [UInt8] {
        let proof = proof ?? venue.prefixes.signPossession(account: account, key: key)
        return bytes(CreateAccountMessage.size) {
            CreateAccountMessage.encode(
                at: $0, account: 1, keySlot: slot, nonce: nonce, deadline: 0, newAccount: account, flags: 0,
                ownerKey: key.publicKey.bytes32, proof: proof.bytes64)
        }
    }

    static func deposit(_ account: UInt32, asset: UInt32, amount: UInt64, nonce: UInt64) -> [UInt8] {
        bytes(DepositMessage.size) {
            DepositMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: nonce, deadline: 0, target: account, asset: asset,
                amount: amount, reference: Bytes32(nonce, 7, 7, 7))
        }
    }

    static func order(
        _ account: UInt32, _ side: Side, _ price: UInt32, _ quantity: UInt32, nonce: UInt64, id: UInt64? = nil,
        slot: UInt16 = 0, instrument: UInt32 = 0, deadline: UInt64 = 0
    ) -> [UInt8] {
        bytes(NewOrderMessage.size) {
            NewOrderMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: nonce, deadline: deadline, instrument: instrument,
                side: side, orderType: .limit, timeInForce: .goodTillCancel, selfTradePrevention: .cancelTaker,
                clientOrderId: id ?? nonce, priceTicks: price, quantityLots: quantity, expiry: Null.u64,
                displayLots: Null.u32, minimumLots: Null.u32, stopPriceTicks: Null.u32, flags: [])
        }
    }

    static func massCancel(_ account: UInt32, nonce: UInt64) -> [UInt8] {
        bytes(MassCancelMessage.size) {
            MassCancelMessage.encode(
                at: $0, account: account, keySlot: 0, nonce: nonce, deadline: 0, instrument: Null.u32, side: nil)
        }
    }

    /// A batch whose entries are the bytes of a record, as far as entries go.
    static func batch(_ account: UInt32, nonce: UInt64, imitating record: [UInt8]) -> [UInt8] {
        let count = (record.count + BatchEntry.size - 1) / BatchEntry.size
        let head = bytes(BatchMessage.size) {
            BatchMessage.encode(
                at: $0, account: account, keySlot: 0, nonce: nonce, deadline: 0, entryCount: UInt16(count))
        }
        let padding = [UInt8](repeating: 0, count: count * BatchEntry.size - record.count)
        return head + record + padding
    }

    static func addTradingKey(
        _ account: UInt32, slot: UInt16, _ key: SigningKey, nonce: UInt64, _ venue: VenueFixture
    ) -> [UInt8] {
        bytes(AddTradingKeyMessage.size) {
            AddTradingKeyMessage.encode(
                at: $0, account: account, keySlot: 0, nonce: nonce, deadline: 0, slot: slot, flags: [],
                key: key.publicKey.bytes32,
                proof: venue.prefixes.signPossession(account: account, key: key).bytes64)
        }
    }

    /// Rotates the operator's key: proofs by the old key and by the new one, as far as the caller is honest.
    static func rotateOperatorKey(
        _ new: SigningKey, slot: UInt16, old: SigningKey, proving: SigningKey, nonce: UInt64, _ venue: VenueFixture
    ) -> [UInt8] {
        let purpose = VenueKeyPurpose.venueOperator
        let signed = venue.prefixes.rotationMessage(venueKey: purpose.rawValue, newKey: new.publicKey)
        let (oldProof, newProof) = signed.withUnsafeBytes { (old.sign($0), proving.sign($0)) }
        return bytes(RotateVenueKeyMessage.size) {
            RotateVenueKeyMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: nonce, deadline: 0, purpose: purpose, slot: slot,
                newKey: new.publicKey.bytes32, oldProof: oldProof.bytes64, newProof: newProof.bytes64)
        }
    }

    static func revokeTradingKey(_ account: UInt32, slot: UInt16, nonce: UInt64) -> [UInt8] {
        bytes(RevokeTradingKeyMessage.size) {
            RevokeTradingKeyMessage.encode(
                at: $0, account: account, keySlot: 0, nonce: nonce, deadline: 0, slot: slot)
        }
    }
}
