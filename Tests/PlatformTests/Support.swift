import Glibc
import Platform
import Testing

/// A ring that is started on the calling thread.
func makeRing(_ change: (inout IOUring.Configuration) -> Void = { _ in }) throws -> IOUring {
    var configuration = IOUring.Configuration()
    configuration.submissionEntries = 64
    configuration.completionEntries = 256
    change(&configuration)
    var ring = try IOUring(configuration)
    try ring.start()
    return ring
}

/// The next completion; waits for it, and fails the test if none comes in two minutes.
func awaitCompletion(_ ring: inout IOUring) throws -> Completion {
    let deadline = SystemClock.monotonicNanoseconds() + 120_000_000_000
    while SystemClock.monotonicNanoseconds() < deadline {
        if let completion = ring.nextCompletion() { return completion }
        ring.wait(nanoseconds: 100_000_000)
    }
    throw PlatformError.systemCall("awaitCompletion", subject: "", .timedOut)
}

/// A directory for one test, removed at the end.
func withDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/glassbook-platform-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
    let path = String(cString: try #require(made))
    defer {
        for name in (try? FileDirectory.names(path)) ?? [] { try? File.remove("\(path)/\(name)") }
        rmdir(path)
    }
    return try body(path)
}

func withBytes<Result>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try bytes.withUnsafeBytes(body)
}

/// A listener on a free loopback port, and its endpoint.
func makeListener() throws -> (Int32, IPv4Endpoint) {
    let listener = try Sockets.listen(at: IPv4Endpoint(.loopback, port: 0))
    let endpoint = try Sockets.localEndpoint(of: listener.raw)
    return (listener.release(), endpoint)
}

/// `#expect` for expressions with non-copyable values, which its macro cannot take apart.
func check(_ holds: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(holds, sourceLocation: sourceLocation)
}
