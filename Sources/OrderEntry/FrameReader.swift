import Wire

/// Why a stream of bytes is no stream of frames: what follows cannot be found any more, so the session ends.
@frozen public enum FrameFault: UInt8, Sendable, CaseIterable {
    /// The encoding type is not 0xEB50: no frame, or one that begins inside another.
    case encoding = 1
    /// The length holds no SBE header.
    case tooShort = 2
    /// The length is above `Limits.frameBytesMax`.
    case tooLong = 3
}

/// What a `FrameReader` found.
@frozen public enum FrameStep {
    /// A whole frame without its framing header: message, and signature where one is due. Valid until the next call,
    /// and for as long as the input's memory is.
    case frame(UnsafeRawBufferPointer)
    /// All input is used up; what there is of a frame is kept.
    case needMore
    /// The stream is lost.
    case fault(FrameFault)
}

/// Cuts one stream into frames (Simple Open Framing Header, FIX Trading Community), wherever TCP has split it.
///
/// A frame that lies whole in the input is handed out where it stands. Only one that is split is gathered, in memory
/// that the caller gives; nothing is allocated. A header is judged as soon as its six bytes are there, so that nobody
/// waits for the rest of a frame that will be refused.
@frozen public struct FrameReader {
    /// Bytes of memory that a reader needs.
    public static let memoryBytes = Limits.frameBytesMax
    /// Shortest frame: its header and an SBE header.
    public static let frameBytesMin = FrameHeader.size + MessageHeader.size

    @usableFromInline let memory: UnsafeMutableRawPointer
    /// Bytes of an unfinished frame.
    @usableFromInline var held: Int

    /// - Parameter memory: `memoryBytes` bytes that live as long as the reader.
    @inlinable public init(memory: UnsafeMutableRawPointer) {
        self.memory = memory
        held = 0
    }

    /// Whether a frame has begun and is not whole.
    @inlinable public var isInsideFrame: Bool { held > 0 }

    /// Takes the next frame from the beginning of `input`, and its bytes off it.
    @inlinable public mutating func next(_ input: inout UnsafeRawBufferPointer) -> FrameStep {
        if held > 0 { return gather(&input) }
        guard let base = input.baseAddress, input.count >= FrameHeader.size else { return keep(&input) }
        if let fault = Self.fault(base) { return .fault(fault) }
        let length = Int(FrameHeader.length(base))
        guard input.count >= length else { return keep(&input) }
        input = UnsafeRawBufferPointer(rebasing: input[length...])
        return .frame(Self.content(base, length))
    }

    /// Undoes the call that handed `content` out: the next one hands it out again.
    @inlinable public mutating func putBack(_ content: UnsafeRawBufferPointer, into input: inout UnsafeRawBufferPointer)
    {
        guard let first = content.baseAddress else { return }
        let length = content.count + FrameHeader.size
        if first == UnsafeRawPointer(memory + FrameHeader.size) {
            held = length
        } else {
            input = UnsafeRawBufferPointer(start: first - FrameHeader.size, count: input.count + length)
        }
    }

    /// Forgets an unfinished frame.
    @inlinable public mutating func removeAll() { held = 0 }

    /// Keeps what there is of a frame that goes on in later input.
    @usableFromInline mutating func keep(_ input: inout UnsafeRawBufferPointer) -> FrameStep {
        take(input.count, from: &input)
        return .needMore
    }

    /// Goes on with a frame whose beginning was kept.
    @usableFromInline mutating func gather(_ input: inout UnsafeRawBufferPointer) -> FrameStep {
        if held < FrameHeader.size {
            take(FrameHeader.size - held, from: &input)
            if held < FrameHeader.size { return .needMore }
        }
        if let fault = Self.fault(memory) { return .fault(fault) }
        let length = Int(FrameHeader.length(memory))
        take(length - held, from: &input)
        if held < length { return .needMore }
        held = 0
        return .frame(Self.content(UnsafeRawPointer(memory), length))
    }

    /// Moves at most `count` bytes of the input behind those that are held.
    @usableFromInline mutating func take(_ count: Int, from input: inout UnsafeRawBufferPointer) {
        let taken = min(count, input.count)
        guard taken > 0, let base = input.baseAddress else { return }
        assert(held + taken <= Self.memoryBytes, "never more than one frame")
        (memory + held).copyMemory(from: base, byteCount: taken)
        held += taken
        input = UnsafeRawBufferPointer(rebasing: input[taken...])
    }

    @inlinable static func fault(_ header: UnsafeRawPointer) -> FrameFault? {
        guard FrameHeader.encoding(header) == FrameHeader.sbeLittleEndian else { return .encoding }
        let length = FrameHeader.length(header)
        if length < UInt32(frameBytesMin) { return .tooShort }
        return length > UInt32(Limits.frameBytesMax) ? .tooLong : nil
    }

    @inlinable static func content(_ frame: UnsafeRawPointer, _ length: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: frame + FrameHeader.size, count: length - FrameHeader.size)
    }
}
