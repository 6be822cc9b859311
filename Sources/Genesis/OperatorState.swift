import Cryptography
import Journal
import Wire

/// What a journal says of its operator: key, slot, nonce mark, and the `[venue]` tables. Reads all of it.
struct OperatorState {
    let venueId: Hash256
    private(set) var tables = JournaledVenue()
    /// Highest nonce that the operator key in force has used.
    private(set) var nonceMark: UInt64 = 0
    private var key = Bytes32.zero
    private var slot: UInt16 = 0

    init(directory: String) throws(JournalError) {
        var reader = try TailReader.open(directory: directory, hashing: false)
        venueId = Hash256(reader.venueId)
        while let record = try reader.next() { take(record) }
    }

    /// The operator's key slot, if the key is the one in force.
    func slot(of key: PublicKey) -> UInt16? {
        key.bytes.withUnsafeBytes { Bytes32(from: $0.baseAddress!) } == self.key ? slot : nil
    }

    private mutating func take(_ record: RecordView) {
        tables.take(record)
        if record.kind == .genesis { key = GenesisMessage(record.command).operatorKey }
        guard record.kind == .command else { return }
        let header = CommandHeader(record.command)
        if header.account == WellKnownAccount.venueOperator && header.keySlot == slot { nonceMark = header.nonce }
        guard header.templateId == Template.rotateVenueKey else { return }
        var effects = record.effects
        while let effect = effects.read() {
            guard effect.template == Template.venueKeyRotated else { continue }
            let rotated = VenueKeyRotatedMessage(effect.base)
            guard rotated.purpose == .venueOperator else { continue }
            key = rotated.newKey
            slot = rotated.slot
            nonceMark = 0
        }
    }
}
