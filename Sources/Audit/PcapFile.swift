import Glibc
import Platform

/// UDP payloads of a classic pcap file, one after the other: either byte order, times in microseconds or nanoseconds,
/// Ethernet (VLAN tags included), Linux "cooked" or raw IPv4. Everything else in it is passed over. Reads forward in
/// pieces: memory is one packet's.
final class PcapFile {
    /// Why it cannot be read.
    enum Failure: Error {
        case unreadable(String)
    }

    private let file: Descriptor
    private let isSwapped: Bool
    private let linkType: UInt32
    private var offset: UInt64 = 24
    private var buffer: [UInt8] = []
    /// Where in the file the buffer begins.
    private var bufferOffset: UInt64 = 0
    /// Whether it ends within a packet.
    private(set) var isCut = false

    /// A packet longer than this is none.
    private static let packetBytesMax = 262_144
    private static let bufferBytes = 1 << 20

    init(_ path: String) throws(Failure) {
        do throws(PlatformError) { file = try File.open(path, .readOnly) } catch { throw .unreadable("\(error)") }
        guard let header = Self.read(file.raw, 24, at: 0), header.count == 24 else {
            throw .unreadable("\(path) is no pcap file: it is shorter than its header")
        }
        let magic = Self.word(header, 0, swapped: false)
        switch magic {
        case 0xA1B2_C3D4, 0xA1B2_3C4D: isSwapped = false
        case 0xD4C3_B2A1, 0x4D3C_B2A1: isSwapped = true
        default: throw .unreadable("\(path) is no classic pcap file")
        }
        linkType = Self.word(header, 20, swapped: isSwapped) & 0xFFFF
        guard [1, 101, 113, 228].contains(linkType) else {
            throw .unreadable("\(path): link type \(linkType), expected Ethernet, cooked or raw IPv4")
        }
    }

    /// The next UDP payload, and where in the file it stands; nil at the end.
    func next() -> (offset: UInt64, bytes: ArraySlice<UInt8>)? {
        while true {
            guard let head = bytes(16), head.count == 16 else { return nil }
            let length = Int(Self.word(Array(head), 8, swapped: isSwapped))
            guard length <= Self.packetBytesMax else {
                isCut = true
                return nil
            }
            offset += 16
            guard let packet = bytes(length), packet.count == length else {
                isCut = true
                return nil
            }
            let start = offset
            offset += UInt64(length)
            if let payload = payload(packet) {
                return (start + UInt64(payload.startIndex - packet.startIndex), payload)
            }
        }
    }

    /// `count` bytes at a place in the file, as they were handed out before.
    func payload(at offset: UInt64, count: Int) -> [UInt8]? { Self.read(file.raw, count, at: offset) }

    /// The bytes from `offset` on: fewer at the end, nil when nothing is left.
    private func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        let isThere = offset >= bufferOffset && offset + UInt64(count) <= bufferOffset + UInt64(buffer.count)
        if !isThere {
            guard let read = Self.read(file.raw, max(Self.bufferBytes, count), at: offset), !read.isEmpty else {
                return count == 0 ? [] : nil
            }
            (buffer, bufferOffset) = (read, offset)
        }
        let start = Int(offset - bufferOffset)
        return buffer[start..<min(start + count, buffer.count)]
    }

    private static func read(_ descriptor: Int32, _ count: Int, at offset: UInt64) -> [UInt8]? {
        guard offset < UInt64(Int64.max) - UInt64(count) else { return nil }
        var filled = 0
        var bytes = [UInt8](repeating: 0, count: count)
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + filled, count - filled, off_t(offset) + off_t(filled))
            }
            if got < 0 { return nil }
            if got == 0 { break }
            filled += got
        }
        return Array(bytes[..<filled])
    }

    private static func word(_ bytes: [UInt8], _ offset: Int, swapped: Bool) -> UInt32 {
        let word = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
        return swapped ? word.byteSwapped : word
    }

    /// The payload of a frame that carries an unfragmented UDP datagram over IPv4.
    private func payload(_ frame: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        func u16(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> Int? {
            let at = bytes.startIndex + offset
            return at + 1 < bytes.endIndex ? Int(bytes[at]) << 8 | Int(bytes[at + 1]) : nil
        }
        var packet = frame
        switch linkType {
        case 1:
            var at = 12
            while u16(frame, at) == 0x8100 || u16(frame, at) == 0x88A8 { at += 4 }
            guard u16(frame, at) == 0x0800 else { return nil }
            packet = frame.dropFirst(at + 2)
        case 113:
            guard u16(frame, 14) == 0x0800 else { return nil }
            packet = frame.dropFirst(16)
        default: break
        }
        guard let first = packet.first, first >> 4 == 4, let total = u16(packet, 2), let fragment = u16(packet, 6),
            fragment & 0x3FFF == 0, case let header = Int(first & 15) * 4, header >= 20, total >= header + 8,
            packet.count >= total, packet[packet.startIndex + 9] == 17
        else { return nil }
        let datagram = packet.prefix(total).dropFirst(header)
        guard let length = u16(datagram, 4), length >= 8, length <= datagram.count else { return nil }
        return datagram.prefix(length).dropFirst(8)
    }
}
