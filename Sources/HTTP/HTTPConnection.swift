import Platform

/// One connection of a server: a request at a time, in memory that never grows past one request and a piece of answer.
final class HTTPConnection {
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
    /// So many times the patience for the whole answer of a file that was removed meanwhile.
    static let removedPatiences: UInt64 = 10
    /// Receives, and pieces sent, of one connection before others get their turn.
    private static let stepsMax = 16
    private static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    let socket: Descriptor
    /// When it is closed unless something happens before, monotonic ns.
    private(set) var deadline: UInt64
    private(set) var wait = Wait.request
    /// Whether its last step took everything that had come.
    private(set) var isDrained = true
    private var reader = HTTPRequestReader()
    private var output: [UInt8] = []
    private var sent = 0
    private var body: (file: HTTPFile, offset: Int)?
    /// When the answer began, monotonic ns.
    private var begun: UInt64 = 0
    private var keepsAlive = true
    private var drained = 0
    private let patience: UInt64
    private let clock: () -> UInt64

    /// - Parameters:
    ///   - patience: longest time for a request to come, and between two steps of an answer, ns.
    ///   - clock: monotonic ns. It is read whenever a deadline is set: what else the server did meanwhile, and however
    ///     long its thread did not run, is not taken from this connection's time.
    init(_ socket: consuming Descriptor, patience: UInt64, clock: @escaping () -> UInt64) {
        self.socket = socket
        self.patience = patience
        self.clock = clock
        deadline = clock() + patience
    }

    /// Whether it is between two requests: it can be closed without harm, unless one is on its way.
    var isIdle: Bool { wait == .request && reader.isEmpty }

    /// Goes on after its socket became readable or writable.
    func step(_ service: any HTTPService) {
        switch wait {
        case .request: receive(service)
        case .room:
            send()
            advance(service)
        case .end: drain()
        case .nothing: break
        }
    }

    /// Says that it waited too long, when a request was begun; then it is over.
    func expire() {
        guard wait == .request, !reader.isEmpty else { return close() }
        refuse(.refused(408, "the request did not come in time"))
    }

    /// Answers without having been asked, and ends.
    func refuse(_ answer: HTTPAnswer) {
        keepsAlive = false
        begin(answer, isHead: false)
    }

    /// Ends after the answer that is under way.
    func finish() {
        keepsAlive = false
        if wait != .room { close() }
    }

    private func receive(_ service: any HTTPService) {
        isDrained = false
        for _ in 0..<Self.stepsMax where wait == .request {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: reader.room) { buffer, initialized in
                count = Sockets.receive(socket.raw, into: UnsafeMutableRawBufferPointer(buffer), blocking: false)
                initialized = max(count, 0)
            }
            guard count > 0 else {
                isDrained = true
                let error = Errno(rawValue: Int32(-count))
                if count == 0 || (error != .wouldBlock && error != .interrupted) { close() }
                return
            }
            // The time of a request begins with its first byte, not with the end of the one before.
            if reader.isEmpty { deadline = clock() + patience }
            reader.append(bytes)
            advance(service)
        }
    }

    /// Answers what has come whole, one request after the other, as long as the network takes the answers.
    private func advance(_ service: any HTTPService) {
        while wait == .request {
            do throws(HTTPRequest.Refusal) {
                guard let request = try reader.next(service.bodyBytesMax) else {
                    // It fits: nothing else is on its way to the other side.
                    if reader.takeContinue(), sendNow(Self.goOn[...]) < Self.goOn.count { close() }
                    return
                }
                keepsAlive = request.keepsAlive
                begin(service.answer(request), isHead: request.method == .head)
            } catch {
                refuse(.refused(error))
            }
        }
    }

    private func begin(_ content: HTTPAnswer, isHead: Bool) {
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
        begun = clock()
        deadline = begun + patience
        send()
    }

    /// Sends what the network takes.
    private func send() {
        for _ in 0..<Self.stepsMax {
            while sent < output.count {
                let count = sendNow(output[sent...])
                guard count > 0 else {
                    let error = Errno(rawValue: Int32(-count))
                    if error != .wouldBlock && error != .interrupted { close() }
                    return
                }
                sent += count
                guard prolong() else { return close() }
            }
            guard let (file, offset) = body, offset < file.byteCount else { return finishAnswer() }
            // A file that became shorter cannot be answered as was announced: the connection ends.
            guard let chunk = file.read(at: offset, limit: Self.chunkBytes) else { return close() }
            output = chunk
            sent = 0
            body = (file, offset + chunk.count)
        }
    }

    /// Something went on: there is time for the next step. A file that was removed keeps its place on the disk until
    /// its answer ends: who reads a byte now and then, on each of many connections, would keep every large file that
    /// there ever was. False when the time of such an answer is over.
    private func prolong() -> Bool {
        let now = clock()
        deadline = now + patience
        guard let file = body?.file, !file.hasName else { return true }
        deadline = min(deadline, begun + Self.removedPatiences * patience)
        return now < deadline
    }

    /// - Returns: bytes taken, or a negated error number.
    private func sendNow(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBytes { Sockets.send(socket.raw, $0, blocking: false) }
    }

    private func finishAnswer() {
        output = []
        body = nil
        if keepsAlive {
            wait = .request
            return
        }
        Sockets.endSending(socket.raw)
        reader = HTTPRequestReader()
        wait = .end
    }

    /// Takes what still comes, up to a bound, and forgets it.
    private func drain() {
        while wait == .end {
            let count = withUnsafeTemporaryAllocation(byteCount: Self.chunkBytes, alignment: 8) {
                Sockets.receive(socket.raw, into: $0, blocking: false)
            }
            let error = Errno(rawValue: Int32(-min(count, 0)))
            if count < 0, error == .wouldBlock || error == .interrupted { return }
            drained += max(count, 0)
            if count <= 0 || drained > Self.drainBytesMax { close() }
        }
    }

    private func close() {
        wait = .nothing
        reader = HTTPRequestReader()
        output = []
        body = nil
    }
}
