import Platform

/// One connection of the server of published files: a request at a time, in memory that never grows.
final class ServeConnection {
    /// What it waits for.
    enum Wait: Equatable {
        case request
        case room
        /// That the other side ends too: who closes with bytes unread takes back what was sent.
        case end
        /// It is over.
        case nothing
    }

    /// Bytes of a body that are in memory at a time.
    static let chunkBytes = 65_536
    /// Bytes that are taken and forgotten behind a refused request.
    static let drainBytesMax = 1 << 20

    let socket: Descriptor
    /// When it is closed unless something happens before, monotonic ns.
    private(set) var deadline: UInt64
    private(set) var wait = Wait.request
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var sent = 0
    private var body: (file: ServedFile, offset: Int)?
    private var keepsAlive = true
    private var drained = 0
    private let patience: UInt64

    /// - Parameter patience: longest time for a request to come, and between two steps of an answer, ns.
    init(_ socket: consuming Descriptor, patience: UInt64, now: UInt64) {
        self.socket = socket
        self.patience = patience
        deadline = now + patience
    }

    /// Whether it is between two requests: it can be closed without harm.
    var isIdle: Bool { wait == .request && input.isEmpty }

    /// Goes on after its socket became readable or writable.
    func step(now: UInt64, _ answer: (ServeRequest) -> ServeAnswer) {
        switch wait {
        case .request: receive(now, answer)
        case .room: send(now, answer)
        case .end: drain()
        case .nothing: break
        }
    }

    /// Says that it waited too long, when a request was begun; then it is over.
    func expire(now: UInt64) {
        guard wait == .request, !input.isEmpty else { return close() }
        refuse(.refused(408, "the request did not come in time"), now)
    }

    /// Answers without having been asked, and ends.
    func refuse(_ answer: ServeAnswer, _ now: UInt64) {
        keepsAlive = false
        begin(answer, isHead: false, now) { _ in answer }
    }

    private func receive(_ now: UInt64, _ answer: (ServeRequest) -> ServeAnswer) {
        let room = ServeRequest.headBytesMax - input.count
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
            count = Sockets.receive(socket.raw, into: UnsafeMutableRawBufferPointer(buffer), blocking: false)
            initialized = max(count, 0)
        }
        guard count > 0 else {
            let error = Errno(rawValue: Int32(-count))
            if count == 0 || (error != .wouldBlock && error != .interrupted) { close() }
            return
        }
        input += bytes
        takeRequest(now, answer)
    }

    private func takeRequest(_ now: UInt64, _ answer: (ServeRequest) -> ServeAnswer) {
        guard let length = ServeRequest.headLength(input) else {
            if input.count == ServeRequest.headBytesMax { refuse(.refused(.head), now) }
            return
        }
        do throws(ServeRequest.Refusal) {
            let request = try ServeRequest(input[..<length])
            input.removeFirst(length)
            keepsAlive = request.keepsAlive
            begin(answer(request), isHead: request.isHead, now, answer)
        } catch {
            refuse(.refused(error), now)
        }
    }

    private func begin(
        _ content: ServeAnswer, isHead: Bool, _ now: UInt64, _ answer: (ServeRequest) -> ServeAnswer
    ) {
        output = content.head(keepsAlive: keepsAlive)
        sent = 0
        body = nil
        if !isHead {
            switch content.body {
            case .bytes(let bytes): output += bytes
            case .file(let file): body = (file, 0)
            }
        }
        wait = .room
        deadline = now + patience
        send(now, answer)
    }

    /// Sends what the network takes.
    private func send(_ now: UInt64, _ answer: (ServeRequest) -> ServeAnswer) {
        while true {
            while sent < output.count {
                let count = output.withUnsafeBytes {
                    Sockets.send(socket.raw, UnsafeRawBufferPointer(rebasing: $0[sent...]), blocking: false)
                }
                guard count > 0 else {
                    let error = Errno(rawValue: Int32(-count))
                    if error != .wouldBlock && error != .interrupted { close() }
                    return
                }
                sent += count
                deadline = now + patience
            }
            guard let (file, offset) = body, offset < file.byteCount else { break }
            // A file that became shorter cannot be answered as was announced: the connection ends.
            guard let chunk = file.read(at: offset, limit: Self.chunkBytes) else { return close() }
            output = chunk
            sent = 0
            body = (file, offset + chunk.count)
        }
        finishAnswer(now, answer)
    }

    private func finishAnswer(_ now: UInt64, _ answer: (ServeRequest) -> ServeAnswer) {
        guard keepsAlive else {
            Sockets.endSending(socket.raw)
            (input, output, body) = ([], [], nil)
            wait = .end
            deadline = now + min(patience, 1_000_000_000)
            return
        }
        output = []
        body = nil
        wait = .request
        // A request that came with the one before.
        if !input.isEmpty { takeRequest(now, answer) }
    }

    /// Takes what still comes, up to a bound, and forgets it.
    private func drain() {
        let count = withUnsafeTemporaryAllocation(byteCount: Self.chunkBytes, alignment: 8) {
            Sockets.receive(socket.raw, into: $0, blocking: false)
        }
        drained += max(count, 0)
        let error = Errno(rawValue: Int32(-min(count, 0)))
        if count < 0, error == .wouldBlock || error == .interrupted { return }
        if count <= 0 || drained > Self.drainBytesMax { close() }
    }

    private func close() {
        wait = .nothing
        input = []
        output = []
        body = nil
    }
}
