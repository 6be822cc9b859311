import Foundation
import FoundationNetworking

/// Requests whose answers are bounded, in time from the first byte sent to the last one received, and in size.
///
/// Blocks the calling thread; what arrives is gathered on threads of `URLSession`. The time of an exchange is measured
/// here: the one of `URLSession` is cut to whole seconds, and begins anew with every byte.
public final class HTTPClient: Sendable {
    /// How a request ended.
    public enum Outcome: Equatable, Sendable {
        /// Status and body.
        case answered(Int, [UInt8])
        /// A body of more bytes than the limit.
        case tooLong
        /// Nothing whole in the time that there was.
        case late
        /// No connection, or no whole answer: why, and the status if there was one.
        case failed(String, status: Int?)
    }

    /// What becomes of a connection behind an answer.
    public enum Connections: Sendable {
        /// Each request has its own: none fails because the other side was just closing an old one.
        case single
        /// They are kept as long as the client is, which is faster. For requests that may be repeated.
        case kept
    }

    private let timeoutMilliseconds: Int
    private let silenceSeconds: Int
    private let followsRedirects: Bool
    /// Where connections are kept.
    private let kept: (session: URLSession, gathering: Gathering)?

    /// - Parameters:
    ///   - timeoutMilliseconds: of a whole exchange.
    ///   - silenceSeconds: longest time in which nothing comes; nil where only the whole exchange counts.
    ///   - followsRedirects: for what is judged by what it says, not by where it comes from.
    public init(
        timeoutMilliseconds: Int, silenceSeconds: Int? = nil, connections: Connections = .single,
        followsRedirects: Bool = false
    ) {
        self.timeoutMilliseconds = timeoutMilliseconds
        // Otherwise much later than the exchange's own end, which has a name of its own, and may be seen late.
        self.silenceSeconds = silenceSeconds ?? timeoutMilliseconds / 1_000 + 120
        self.followsRedirects = followsRedirects
        switch connections {
        case .single: kept = nil
        case .kept: kept = Self.session(silenceSeconds: self.silenceSeconds, followsRedirects: followsRedirects)
        }
    }

    deinit { kept?.session.invalidateAndCancel() }

    /// Asks for what is behind a URL, and waits for the answer, of at most `limit` bytes.
    public func get(_ url: URL, limit: Int) -> Outcome { send(URLRequest(url: url), limit) }

    /// Posts a body, and waits for the answer, of at most `limit` bytes.
    public func post(_ url: URL, _ body: [UInt8], contentType: String, limit: Int) -> Outcome {
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = Data(body)
        request.setValue(contentType, forHTTPHeaderField: "Content-Type")
        return send(request, limit)
    }

    private func send(_ request: URLRequest, _ limit: Int) -> Outcome {
        let (session, gathering) =
            kept ?? Self.session(silenceSeconds: silenceSeconds, followsRedirects: followsRedirects)
        // A session holds its delegate, and itself, until it is told to end.
        defer { if kept == nil { session.invalidateAndCancel() } }
        let task = session.dataTask(with: request)
        let answer = GatheredAnswer(limit: limit)
        gathering.begin(task, answer)
        task.resume()
        let isInTime = answer.wait(milliseconds: timeoutMilliseconds)
        // What still comes belongs to no request.
        gathering.end(task)
        if isInTime { return answer.outcome }
        task.cancel()
        return .late
    }

    private static func session(
        silenceSeconds: Int, followsRedirects: Bool
    ) -> (session: URLSession, gathering: Gathering) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        // What is asked for changes, and nothing else may answer for it.
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.timeoutIntervalForRequest = Double(silenceSeconds)
        let gathering = Gathering(followsRedirects: followsRedirects)
        return (URLSession(configuration: configuration, delegate: gathering, delegateQueue: nil), gathering)
    }
}

/// Gives what arrives to the requests that it belongs to.
private final class Gathering: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private let followsRedirects: Bool
    private let lock = NSLock()
    /// By the number of their task; guarded by the lock.
    private var answers: [Int: GatheredAnswer] = [:]

    init(followsRedirects: Bool) { self.followsRedirects = followsRedirects }

    func begin(_ task: URLSessionTask, _ answer: GatheredAnswer) {
        lock.withLock { answers[task.taskIdentifier] = answer }
    }

    func end(_ task: URLSessionTask) { lock.withLock { answers[task.taskIdentifier] = nil } }

    private func answer(_ task: URLSessionTask) -> GatheredAnswer? {
        lock.withLock { answers[task.taskIdentifier] }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(followsRedirects ? request : nil)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        if answer(dataTask)?.take(data) == false { dataTask.cancel() }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        answer(task)?.finish((task.response as? HTTPURLResponse)?.statusCode, error)
    }
}

/// The answer to one request, as it comes.
private final class GatheredAnswer: @unchecked Sendable {
    private let limit: Int
    private let done = DispatchSemaphore(value: 0)
    private let lock = NSLock()
    // Guarded by the lock.
    private var body: [UInt8] = []
    private var isTooLong = false
    private var ended: HTTPClient.Outcome?

    init(limit: Int) { self.limit = limit }

    /// Waits for the end; false when it did not come in time.
    func wait(milliseconds: Int) -> Bool { done.wait(timeout: .now() + .milliseconds(milliseconds)) == .success }

    var outcome: HTTPClient.Outcome { lock.withLock { ended ?? .failed("no answer", status: nil) } }

    /// Takes a part of the body; false when no more is wanted.
    func take(_ data: Data) -> Bool {
        lock.withLock {
            isTooLong = isTooLong || body.count + data.count > limit
            if isTooLong { body = [] } else { body += data }
            return !isTooLong
        }
    }

    func finish(_ status: Int?, _ error: (any Error)?) {
        lock.withLock {
            ended =
                if isTooLong {
                    .tooLong
                } else if let error {
                    .failed(error.localizedDescription, status: status)
                } else if let status {
                    .answered(status, body)
                } else {
                    .failed("no HTTP answer", status: nil)
                }
        }
        done.signal()
    }
}
