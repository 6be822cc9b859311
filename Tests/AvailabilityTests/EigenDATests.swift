import Foundation
import Testing

@testable import Availability

@Suite("EigenDA through its proxy", .serialized)
struct EigenDATests {
    /// Where a fault is met.
    enum Request: Sendable { case put, get }

    @Test("batches go through the proxy and come back by their certificates")
    func plain() throws {
        let scratch = Scratch()
        let journal = try makeJournal(scratch.journal, count: 25)
        let proxy = ProxyStandIn()
        let layer = EigenDALayer(url: proxy.url + "/", timeoutMilliseconds: 120_000)
        var publisher = try makePublisher(scratch, layer)
        var published = 0
        while case .published = try publisher.step(durable: 25, now: later, isClosing: true) { published += 1 }
        #expect(published == 3 && proxy.stored.count == 3)
        #expect(try walk(CertifiedBatches(certificates: scratch.certificates, layer: layer)) == journal)
    }

    @Test(
        "after each fault nothing counts as published; the same bytes go again, and then they count",
        arguments: [
            (Request.put, ProxyStandIn.Fault.status(429, "rate"), 20_000),
            (.put, .status(503, "failover"), 20_000), (.put, .status(500, "error"), 20_000),
            (.put, .status(400, "blob"), 20_000), (.put, .status(302, ""), 20_000), (.put, .lost, 20_000),
            (.put, .silence, 300), (.put, .empty, 20_000), (.put, .long, 20_000), (.put, .truncated, 20_000),
            (.put, .wrong, 20_000),
            (.get, .status(418, #"{"StatusCode":3,"Msg":"invalid"}"#), 20_000),
            (.get, .status(429, "rate"), 20_000), (.get, .status(503, "failover"), 20_000), (.get, .lost, 20_000),
            (.get, .silence, 300), (.get, .wrong, 20_000), (.get, .short, 20_000), (.get, .truncated, 20_000),
            (.get, .long, 20_000), (.get, .empty, 20_000), (.get, .other, 20_000), (.get, .expired, 20_000),
        ])
    func fault(_ request: Request, _ fault: ProxyStandIn.Fault, _ timeout: Int) throws {
        let scratch = Scratch()
        let journal = try makeJournal(scratch.journal, count: 20)
        let proxy = ProxyStandIn()
        let layer = EigenDALayer(url: proxy.url, timeoutMilliseconds: timeout)
        let patient = EigenDALayer(url: proxy.url, timeoutMilliseconds: 120_000)
        var first = try makePublisher(scratch, patient)
        _ = try first.step(durable: 10, now: later, isClosing: true)
        #expect(scratch.names(scratch.certificates).count == 1)

        proxy.script(puts: request == .put ? [fault] : [], gets: request == .get ? [fault] : [])
        var publisher = try makePublisher(scratch, layer)
        let step = try publisher.step(durable: 20, now: later, isClosing: true)
        #expect(isRight(step, request, fault), "\(request) \(fault): \(step)")
        #expect(scratch.names(scratch.certificates).count == 1, "nothing became available")
        #expect(try PublisherState(path: scratch.position).through == 10)

        // As after a crash at this point; and with patience, because it may take its time on a busy machine.
        proxy.script()
        let asked = proxy.requests.last { $0.hasPrefix("GET") }
        var again = try makePublisher(scratch, patient)
        let second = try again.step(durable: 20, now: later, isClosing: true)
        guard case .published(20, _) = second else {
            Issue.record("\(second)")
            return
        }
        let sent = Set(proxy.stored.dropFirst())
        #expect(sent.count == 1, "the same bytes each time")
        if request == .get {
            #expect(
                proxy.requests.last { $0.hasPrefix("GET") } != asked, "the certificate that failed is not asked for")
        }
        #expect(try walk(CertifiedBatches(certificates: scratch.certificates, layer: patient)) == journal)
    }

    /// Whether a step ended as its fault asks for.
    private func isRight(_ step: DataPublisher.Step, _ request: Request, _ fault: ProxyStandIn.Fault) -> Bool {
        switch (step, request, fault) {
        case (.failed(.busy, _), _, .status(429, _)), (.failed(.dropped, _), _, .status(418, _)),
            (.failed(.unavailable, _), _, .status(500..., _)), (.failed(.unavailable, _), _, .status(302, _)),
            (.failed(.refused, _), _, .status(400, _)), (.failed(.lost, _), _, .lost),
            (.failed(.lost, _), _, .silence), (.failed(.lost, _), _, .truncated),
            (.failed(.malformed, _), _, .long), (.failed(.malformed, _), .put, .empty),
            // A commitment that was altered on its way names nothing that the layer has.
            (.failed(.unavailable, _), .put, .wrong), (.failed(.unavailable, _), .get, .expired),
            (.mismatch, .get, .wrong), (.mismatch, .get, .short), (.mismatch, .get, .empty),
            (.mismatch, .get, .other):
            true
        default: false
        }
    }

    @Test("the pause doubles up to its limit while the proxy fails, and begins anew after a success")
    func pauses() throws {
        let scratch = Scratch()
        try makeJournal(scratch.journal, count: 20)
        let proxy = ProxyStandIn()
        proxy.script(puts: Array(repeating: .status(429, ""), count: 12) + [nil, .status(503, "")])
        var publisher = try makePublisher(scratch, EigenDALayer(url: proxy.url, timeoutMilliseconds: 120_000))
        var pauses: [UInt64] = []
        for _ in 0..<12 {
            if case .failed(_, let pause) = try publisher.step(durable: 20, now: later) { pauses.append(pause) }
        }
        #expect(Array(pauses.prefix(3)) == [100_000_000, 200_000_000, 400_000_000])
        #expect(pauses.count == 12 && pauses.last == 30_000_000_000)
        _ = try publisher.step(durable: 20, now: later)
        let next = try publisher.step(durable: 20, now: later)
        #expect(next == .failed(.unavailable("503 "), pause: 100_000_000))
    }

    @Test("no proxy at all is a failure like another")
    func absent() throws {
        let scratch = Scratch()
        try makeJournal(scratch.journal, count: 5)
        let url = ProxyStandIn().url
        var publisher = try makePublisher(scratch, EigenDALayer(url: url, timeoutMilliseconds: 120_000))
        let step = try publisher.step(durable: 5, now: later, isClosing: true)
        guard case .failed(.lost, _) = step else {
            Issue.record("\(step)")
            return
        }
    }
}
