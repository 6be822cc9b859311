import Cryptography
import Genesis
import Ledger
import Logging
import Platform
import Ring
import Wire

/// The operator's commands in a file, through the same checks as a client's: signature, nonce, venue. Before clients.
struct OperatorCommands {
    private let check: SignatureCheck
    private let prefixes: Prefixes

    init(check: SignatureCheck, prefixes: Prefixes) {
        self.check = check
        self.prefixes = prefixes
    }

    /// The tables as they will be when the venue takes all that was not journaled before. Journals nothing: a start
    /// that is refused for what they will be, or for a bad file, leaves the journal as it was, however often it is
    /// tried.
    ///
    /// - Parameter keys: the keys and nonce marks as of the last record.
    func forecast(
        _ directory: String, _ replayed: JournaledVenue, _ keys: KeyTable
    ) throws(NodeError) -> JournaledVenue {
        var tables = replayed
        let memory = SlotMemory(prefixes)
        let slot = memory.slot
        for (index, bytes) in try GenesisFile.commands(directory).enumerated() {
            fill(slot, bytes)
            let isInForce = try admit(slot, index + 1)
            let header = slot.command
            guard isInForce, header.nonce > keys.nonceMark(account: header.account, slot: header.keySlot) else {
                continue
            }
            tables.expect(UnsafeRawPointer(slot.message))
        }
        return tables
    }

    /// Journals those that were not journaled before. Returns how many.
    func run(_ directory: String, _ sequencer: inout Sequencer, _ log: Logger) throws(NodeError) -> Int {
        let memory = SlotMemory(prefixes)
        var journaled = 0
        for (index, bytes) in try GenesisFile.commands(directory).enumerated() {
            fill(memory.slot, bytes)
            if try journal(memory.slot, index + 1, &sequencer) { journaled += 1 }
        }
        return journaled
    }

    private func fill(_ slot: Slot, _ bytes: [UInt8]) {
        bytes.withUnsafeBytes { slot.message.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        slot.messageLength = UInt32(bytes.count - Limits.signatureBytes)
        slot.signatureLength = UInt16(Limits.signatureBytes)
    }

    /// Checks the command of a slot, all but its nonce.
    ///
    /// - Returns: false when its key was rotated away since: what it signed was journaled by an earlier start, or
    ///   never will be.
    private func admit(_ slot: Slot, _ frame: Int) throws(NodeError) -> Bool {
        let message = UnsafeRawPointer(slot.message)
        let place = "\(GenesisFile.commandsName): frame \(frame)"
        if let refusal = MessageStructure.refusal(message, count: Int(slot.messageLength)) {
            throw .genesis("\(place): \(refusal.text)")
        }
        guard CommandHeader.isCommand(MessageHeader(message).templateId) else {
            throw .genesis("\(place): template \(MessageHeader(message).templateId) is no command")
        }
        let header = slot.command
        slot.kind = SlotKind.command.rawValue
        slot.template = header.templateId
        slot.account = header.account
        slot.keySlot = header.keySlot
        if check.check(slot) { return true }
        let reason = Reason(rawValue: slot.reason)
        if reason == .revokedKey { return false }
        throw .genesis("\(place): \(reason?.text ?? "refused")")
    }

    private func journal(_ slot: Slot, _ frame: Int, _ sequencer: inout Sequencer) throws(NodeError) -> Bool {
        guard try admit(slot, frame) else { return false }
        guard case .fresh = sequencer.judge(slot.command, signature: UnsafeRawPointer(slot.signature)).0 else {
            return false
        }
        let now = SystemClock.realtimeNanoseconds()
        let input = Sequencer.Input(
            command: UnsafeRawPointer(slot.message), commandLength: Int(slot.messageLength) + Int(slot.signatureLength),
            messageLength: Int(slot.messageLength), kind: .command,
            flags: sequencer.proofsHold(slot, check) ? .proofsHold : [], arrivalTime: now, arrivalTicket: 0)
        guard sequencer.append(input, now: now) != nil else { throw .noSpaceAtStart }
        while sequencer.isPending {
            guard sequencer.continuePending(now: SystemClock.realtimeNanoseconds()) else { throw .noSpaceAtStart }
        }
        return true
    }
}

/// A slot outside any ring, for one command at a time.
private struct SlotMemory: ~Copyable {
    let slot: Slot
    private let base: UnsafeMutableRawPointer

    init(_ prefixes: Prefixes) {
        let byteCount = Slot.messageOffset + Limits.frameBytesMax
        base = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        slot = Slot(base: base)
        prefixes.command.store(to: slot.prefix)
    }

    deinit { base.deallocate() }
}
