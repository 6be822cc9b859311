import Cryptography
import Wire

/// One key of one account at one venue: signs commands and logons, and counts nonces.
///
/// A signer belongs to one thread. Two signers of the same key need different ranges of nonces: the venue takes a nonce
/// only above the largest one that it journaled.
public final class Signer {
    /// Account that it speaks for.
    public let account: UInt32
    /// Slot of the key: 0 is the owner's, trading keys follow.
    public let keySlot: UInt16
    /// The venue's id, BLAKE2b-256 of the genesis body: signatures hold at this venue only.
    public let venue: Hash256
    /// What stands before every signed message, for each purpose.
    public let prefixes: Prefixes
    /// The nonce that was used last; 0 when none was.
    public private(set) var nonce: UInt64

    let key: SigningKey
    /// Prefix, message, signature. The frame header takes the prefix's last bytes once the message is signed.
    private let memory: UnsafeMutableRawPointer
    private static let messageOffset = Limits.prefixBytes

    /// - Parameter lastNonce: the last nonce that was used; a logon raises it to the venue's mark.
    public init(account: UInt32, keySlot: UInt16 = 0, key: SigningKey, venue: Hash256, lastNonce: UInt64 = 0) {
        self.account = account
        self.keySlot = keySlot
        self.key = key
        self.venue = venue
        prefixes = Prefixes(venue: venue)
        nonce = lastNonce
        memory = .allocate(
            byteCount: Self.messageOffset + Limits.messageBytesMax + Limits.signatureBytes, alignment: 64)
    }

    /// A signer with the key of a file.
    public convenience init(
        account: UInt32, keySlot: UInt16 = 0, keyFile: String, venue: Hash256, lastNonce: UInt64 = 0
    ) throws(ClientError) {
        let key: SigningKey
        do { key = try KeyFile.load(keyFile).key } catch { throw .keyFile(error) }
        self.init(account: account, keySlot: keySlot, key: key, venue: venue, lastNonce: lastNonce)
    }

    deinit { memory.deallocate() }

    /// The public half of the key.
    public var publicKey: PublicKey { key.publicKey }

    /// Goes on above a nonce that is known to be used.
    public func skipNonces(through mark: UInt64) { nonce = max(nonce, mark) }

    /// The whole frame of a command under the next nonce.
    ///
    /// - Parameter deadline: ns since 1970 UTC after which the venue refuses it; 0 = none.
    public func frame(_ body: CommandBody, deadline: UInt64 = 0) throws(ClientError) -> [UInt8] {
        [UInt8](try sign(body, deadline: deadline))
    }

    /// Writes the whole frame of a command under the next nonce. Returns its bytes.
    ///
    /// - Throws: `invalidCommand` also when `buffer` is smaller than `body.frameBytes`; no nonce was used then.
    public func write(
        _ body: CommandBody, deadline: UInt64 = 0, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ClientError) -> Int {
        guard buffer.count >= body.frameBytes else {
            throw .invalidCommand("a buffer of \(buffer.count) bytes, expected \(body.frameBytes)")
        }
        let frame = try sign(body, deadline: deadline)
        buffer.copyMemory(from: frame)
        return frame.count
    }

    /// Signs in the signer's memory: the frame is there until the next one.
    func sign(_ body: CommandBody, deadline: UInt64) throws(ClientError) -> UnsafeRawBufferPointer {
        guard body.messageBytes <= Limits.messageBytesMax else {
            throw .invalidCommand("more than \(Limits.batchEntriesMax) entries in a batch")
        }
        guard nonce < UInt64.max - 1 else { throw .invalidCommand("the nonces of this key are used up") }
        let sender = CommandSender(account: account, keySlot: keySlot, nonce: nonce + 1, deadline: deadline)
        try body.encode(at: memory + Self.messageOffset, sender)
        nonce += 1
        let purpose = body.template == Template.stateCommitment ? prefixes.commitment : prefixes.command
        return finish(body.messageBytes, purpose)
    }

    /// Signs a logon.
    func signLogon(
        challenge: Bytes32, flags: LogonFlags, resume: ReplyNumber?
    ) -> UnsafeRawBufferPointer {
        LogonMessage.encode(
            at: memory + Self.messageOffset, account: account, keySlot: keySlot, flags: flags,
            resumeSequence: resume?.sequence ?? 0, resumeIndex: resume?.index ?? 0, challenge: challenge)
        return finish(LogonMessage.size, prefixes.logon)
    }

    private func finish(_ messageBytes: Int, _ prefix: Hash256) -> UnsafeRawBufferPointer {
        let message = memory + Self.messageOffset
        prefix.store(to: memory)
        key.sign(memory, count: Self.messageOffset + messageBytes, into: message + messageBytes)
        let content = messageBytes + Limits.signatureBytes
        FrameHeader.encode(at: message - FrameHeader.size, contentBytes: content)
        return UnsafeRawBufferPointer(start: message - FrameHeader.size, count: FrameHeader.size + content)
    }
}
