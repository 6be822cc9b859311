import Cryptography
import Wire

/// Frames that were signed before the clock starts: one signature takes half as long as the node's check of it.
struct FramePool: ~Copyable {
    /// Frames that it holds.
    let count: Int
    /// Bytes of each.
    let frameBytes: Int
    private let memory: UnsafeMutableRawPointer
    private let stride: Int

    /// - Parameters:
    ///   - messageBytes: bytes of each message, all of one size.
    ///   - encode: writes message number `Int`; returns the key that signs it.
    init(
        count: Int, messageBytes: Int, prefix: Hash256, _ progress: ProgressLog,
        _ encode: (Int, UnsafeMutableRawPointer) -> SigningKey
    ) {
        precondition(count > 0, "something to send")
        self.count = count
        frameBytes = FrameHeader.size + messageBytes + Limits.signatureBytes
        stride = (SignedFrame.headroom + messageBytes + Limits.signatureBytes + 63) & ~63
        memory = .allocate(byteCount: count * stride, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: count * stride)
        var meter = ProgressMeter(progress)
        for index in 0..<count {
            let message = memory + index * stride + SignedFrame.headroom
            let key = encode(index, message)
            _ = SignedFrame.seal(message, count: messageBytes, prefix: prefix, key: key)
            if index % 1024 == 0 { meter.update("signing: \(grouped(index)) of \(grouped(count)) frames") }
        }
    }

    deinit { memory.deallocate() }

    /// One frame.
    @inline(__always)
    subscript(_ index: Int) -> UnsafeRawBufferPointer {
        assert(index >= 0 && index < count, "a frame of the pool")
        let start = memory + index &* stride + (SignedFrame.headroom &- FrameHeader.size)
        return UnsafeRawBufferPointer(start: start, count: frameBytes)
    }
}
