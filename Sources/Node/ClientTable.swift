import OrderEntry
import Platform
import Settings

/// The memory of all sessions, taken once: places, and for each a frame in pieces and its output.
struct ClientTable: ~Copyable {
    let clients: UnsafeMutablePointer<ClientSession>
    let count: Int
    private let memory: PreallocatedMemory

    init(_ settings: OrderEntrySettings, _ rules: SessionRules) throws(PlatformError) {
        let perClient = settings.sendBufferBytes + FrameReader.memoryBytes
        let memory = try PreallocatedMemory(byteCount: settings.sessionsMax * perClient)
        count = settings.sessionsMax
        clients = .allocate(capacity: count)
        for place in 0..<count {
            let base = memory.base + place * perClient
            (clients + place).initialize(
                to: ClientSession(
                    session: Session(challenge: .zero, rules: rules, now: 0),
                    frames: FrameReader(memory: base + settings.sendBufferBytes),
                    output: SendBuffer(memory: base, capacity: settings.sendBufferBytes)))
        }
        self.memory = memory
    }

    deinit { clients.deallocate() }

    /// Bytes of memory that it holds.
    var byteCount: Int { memory.byteCount + count * MemoryLayout<ClientSession>.stride }
}
