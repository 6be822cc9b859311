import Cryptography
import Wire

/// The check of one signed new order, as a verifier does it: in place, prefix before the message.
final class SignatureBenchmark {
    private static let count = 2_000
    private let key = SigningKey(insecureDeterministic: 1)
    private let memory: UnsafeMutableRawPointer
    private let signedBytes = SigningPrefix.byteCount + NewOrderMessage.size

    init() {
        Sodium.initialize()
        memory = .allocate(byteCount: signedBytes + Limits.signatureBytes, alignment: 64)
        SigningPrefix.make(.command, venue: .zero).store(to: memory)
        NewOrderMessage.encode(
            at: memory + SigningPrefix.byteCount, account: 5, keySlot: 1, nonce: 1, deadline: 0, instrument: 0,
            side: .buy, orderType: .limit, timeInForce: .goodTillCancel, selfTradePrevention: .cancelTaker,
            clientOrderId: 1, priceTicks: 100, quantityLots: 5, expiry: Null.u64, displayLots: Null.u32,
            minimumLots: Null.u32, stopPriceTicks: Null.u32, flags: [])
        key.sign(memory, count: signedBytes, into: memory + signedBytes)
    }

    deinit { memory.deallocate() }

    func verify() -> Double {
        var held = 0
        let each = withUnsafeBytes(of: key.publicKey) { publicKey in
            nanosecondsEach(Self.count) { _ in
                let holds = Ed25519.verify(
                    signature: memory + signedBytes, message: memory, count: signedBytes,
                    publicKey: publicKey.baseAddress!)
                held += holds ? 1 : 0
            }
        }
        precondition(held == Self.count, "a signature that holds")
        return each
    }
}
