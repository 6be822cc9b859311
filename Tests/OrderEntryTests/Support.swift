import Wire

@testable import OrderEntry

/// Memory that a test owns.
final class Memory {
    let base: UnsafeMutableRawPointer
    let count: Int

    init(_ count: Int) {
        self.count = count
        base = .allocate(byteCount: max(count, 1), alignment: 16)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 1))
    }

    convenience init(_ bytes: [UInt8]) {
        self.init(bytes.count)
        bytes.withUnsafeBytes { base.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(base), byteCount: $0.count) }
    }

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}

/// The same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Bytes of a message that `encode` writes.
func message(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        encode(UnsafeMutableRawPointer(buffer.baseAddress!))
        count = size
    }
}

/// A frame around some content.
func frame(_ content: [UInt8]) -> [UInt8] {
    message(FrameHeader.size) { FrameHeader.encode(at: $0, contentBytes: content.count) } + content
}

let signature = [UInt8](repeating: 0xAA, count: Limits.signatureBytes)

func newOrder(account: UInt32 = 7, nonce: UInt64 = 1, clientOrderId: UInt64 = 11) -> [UInt8] {
    message(NewOrderMessage.size) {
        NewOrderMessage.encode(
            at: $0, account: account, keySlot: 1, nonce: nonce, deadline: 0, instrument: 0, side: .buy,
            orderType: .limit, timeInForce: .goodTillCancel, selfTradePrevention: .cancelTaker,
            clientOrderId: clientOrderId, priceTicks: 100, quantityLots: 5, expiry: Null.u64, displayLots: Null.u32,
            minimumLots: Null.u32, stopPriceTicks: Null.u32, flags: [])
    }
}

/// A batch of so many cancels.
func batch(account: UInt32 = 7, nonce: UInt64 = 1, entries: Int) -> [UInt8] {
    message(BatchMessage.size + entries * BatchEntry.size) { place in
        place.initializeMemory(as: UInt8.self, repeating: 0, count: BatchMessage.size + entries * BatchEntry.size)
        BatchMessage.encode(
            at: place, account: account, keySlot: 1, nonce: nonce, deadline: 0, entryCount: UInt16(entries))
    }
}

func negotiate(version: UInt16 = 1, heartbeatMilliseconds: UInt32 = 0) -> [UInt8] {
    message(NegotiateMessage.size) {
        NegotiateMessage.encode(at: $0, protocolVersion: version, heartbeatMilliseconds: heartbeatMilliseconds)
    }
}

func logon(account: UInt32 = 7, challenge: Bytes32, flags: LogonFlags = []) -> [UInt8] {
    message(LogonMessage.size) {
        LogonMessage.encode(
            at: $0, account: account, keySlot: 1, flags: flags, resumeSequence: 0, resumeIndex: 0,
            challenge: challenge)
    } + signature
}

func establish() -> [UInt8] { message(EstablishMessage.size) { EstablishMessage.encode(at: $0) } }
func heartbeat() -> [UInt8] { message(HeartbeatMessage.size) { HeartbeatMessage.encode(at: $0, time: 5) } }

func terminate() -> [UInt8] {
    message(TerminateMessage.size) { TerminateMessage.encode(at: $0, reason: .logout, detail: 0) }
}
