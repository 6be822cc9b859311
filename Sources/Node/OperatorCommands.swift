import Cryptography
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

    /// Journals those that were not journaled before. Returns how many.
    func run(_ directory: String, _ sequencer: inout Sequencer, _ log: Logger) throws(NodeError) -> Int {
        let byteCount = Slot.messageOffset + Limits.frameBytesMax
        let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        let slot = Slot(base: memory)
        prefixes.command.store(to: slot.prefix)
        var journaled = 0
        for (index, bytes) in try GenesisFile.commands(directory).enumerated() {
            bytes.withUnsafeBytes { slot.message.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            slot.messageLength = UInt32(bytes.count - Limits.signatureBytes)
            slot.signatureLength = UInt16(Limits.signatureBytes)
            if try journal(slot, index + 1, &sequencer, log) { journaled += 1 }
        }
        return journaled
    }

    private func journal(
        _ slot: Slot, _ frame: Int, _ sequencer: inout Sequencer, _ log: Logger
    ) throws(NodeError) -> Bool {
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
        // A key that was rotated away since: what it signed was journaled by an earlier start, or never will be.
        guard check.check(slot) else {
            let reason = Reason(rawValue: slot.reason)
            if reason == .revokedKey { return false }
            throw .genesis("\(place): \(reason?.text ?? "refused")")
        }
        guard case .fresh = sequencer.judge(header, signature: UnsafeRawPointer(slot.signature)).0 else { return false }
        let now = SystemClock.realtimeNanoseconds()
        let input = Sequencer.Input(
            command: message, commandLength: Int(slot.messageLength) + Int(slot.signatureLength),
            messageLength: Int(slot.messageLength), kind: .command,
            flags: sequencer.proofsHold(slot, check) ? .proofsHold : [], arrivalTime: now, arrivalTicket: 0)
        guard sequencer.append(input, now: now) != nil else { throw .noSpaceAtStart }
        while sequencer.isPending {
            guard sequencer.continuePending(now: SystemClock.realtimeNanoseconds()) else { throw .noSpaceAtStart }
        }
        return true
    }
}
