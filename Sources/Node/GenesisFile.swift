import Cryptography
import Platform
import Wire

/// The two files that `keys genesis` puts beside the segments: what a venue begins with.
enum GenesisFile {
    /// The genesis message: SBE header and body.
    static let name = "genesis"
    /// Operator-signed commands, each framed as on the wire: the listings that the venue starts with, and what
    /// `keys apply` adds later. Nonces make each of them happen once, however often they are read.
    static let commandsName = "operator.commands"
    /// Bytes that are read at most: a full set of instruments is far below.
    private static let bytesMax = 64 << 20

    /// Reads the genesis message.
    static func read(_ directory: String) throws(NodeError) -> [UInt8] {
        let path = "\(directory)/\(name)"
        guard File.exists(path) else {
            throw .genesis("no journal and no genesis in \(directory): make one with `keys genesis`")
        }
        let bytes = try platform { () throws(PlatformError) in try File.readPrefix(path, limit: bytesMax) }
        guard bytes.count == GenesisMessage.size else {
            throw .genesis("\(path) has \(bytes.count) bytes, expected \(GenesisMessage.size)")
        }
        let isGenesis = bytes.withUnsafeBytes { buffer in
            let header = MessageHeader(buffer.baseAddress!)
            return header.templateId == Template.genesis && header.schemaId == MessageHeader.journalSchema
                && header.version == MessageHeader.version && Int(header.blockLength) == GenesisMessage.blockLength
        }
        guard isGenesis else { throw .genesis("\(path) is no genesis message") }
        return bytes
    }

    /// The venue's id: BLAKE2b-256 of the genesis body, its SBE header not included.
    static func venueId(_ message: UnsafeRawPointer) -> Bytes32 {
        var id = Bytes32.zero
        withUnsafeMutableBytes(of: &id) {
            Blake2b256.hash(
                message + MessageHeader.size, count: GenesisMessage.size - MessageHeader.size, into: $0.baseAddress!)
        }
        return id
    }

    /// The operator's commands in order, each with its signature behind it. Empty when there is no file.
    static func commands(_ directory: String) throws(NodeError) -> [[UInt8]] {
        let path = "\(directory)/\(commandsName)"
        guard File.exists(path) else { return [] }
        let bytes = try platform { () throws(PlatformError) in try File.readPrefix(path, limit: bytesMax) }
        var commands: [[UInt8]] = []
        var offset = 0
        while offset < bytes.count {
            let length = try frameLength(bytes, offset, "\(path): frame \(commands.count + 1) at offset \(offset)")
            commands.append(Array(bytes[(offset + FrameHeader.size)..<(offset + length)]))
            offset += length
        }
        return commands
    }

    private static func frameLength(_ bytes: [UInt8], _ offset: Int, _ place: String) throws(NodeError) -> Int {
        let left = bytes.count - offset
        guard left >= FrameHeader.size else { throw .genesis("\(place): \(left) bytes are no frame header") }
        let (length, encoding) = bytes.withUnsafeBytes {
            (Int(FrameHeader.length($0.baseAddress! + offset)), FrameHeader.encoding($0.baseAddress! + offset))
        }
        let lengthMin = FrameHeader.size + MessageHeader.size + Limits.signatureBytes
        guard encoding == FrameHeader.sbeLittleEndian, length >= lengthMin, length <= min(left, Limits.frameBytesMax)
        else { throw .genesis("\(place): length \(length), encoding \(encoding), with \(left) bytes left") }
        return length
    }
}
