import Foundation
import FoundationNetworking

/// HTTP requests whose answers are bounded in time, from the first byte sent to the last one received, and in size.
public final class HTTPExchange: Sendable {
    /// How a request ended.
    public enum Outcome: Equatable, Sendable {
        /// Status and body.
        case answered(Int, [UInt8])
        /// A body of more bytes than the limit.
        case tooLong
        /// No connection, no answer, or none in time.
        case failed(String)
    }

    private let timeoutMilliseconds: Int

    /// - Parameter timeoutMilliseconds: of a whole exchange.
    public init(timeoutMilliseconds: Int) { self.timeoutMilliseconds = timeoutMilliseconds }

    /// Sends a POST with a body, or a GET without one, and waits for the answer. Redirections are not followed.
    public func send(_ url: URL, body: [UInt8]?, limit: Int) -> Outcome {
        var request = URLRequest(url: url)
        request.httpMethod = body == nil ? "GET" : "POST"
        request.timeoutInterval = Double(timeoutMilliseconds) / 1000
        if let body {
            request.httpBody = Data(body)
            request.setValue("application/octet-stream", forHTTPHeaderField: "Content-Type")
        }
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        let collector = Collector(limit: limit)
        let session = URLSession(configuration: configuration, delegate: collector, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        session.dataTask(with: request).resume()
        guard collector.done.wait(timeout: .now() + .milliseconds(timeoutMilliseconds)) == .success else {
            return .failed("nothing in \(timeoutMilliseconds) ms")
        }
        return collector.outcome
    }

    /// Gathers one answer.
    private final class Collector: NSObject, URLSessionDataDelegate, @unchecked Sendable {
        let done = DispatchSemaphore(value: 0)
        private let limit: Int
        private let lock = NSLock()
        private var body: [UInt8] = []
        private var isTooLong = false
        private var ended: Outcome?

        init(limit: Int) { self.limit = limit }

        var outcome: Outcome { lock.withLock { ended ?? .failed("no answer") } }

        func urlSession(
            _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
            newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
        ) {
            completionHandler(nil)
        }

        func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
            lock.withLock {
                if body.count + data.count > limit {
                    isTooLong = true
                    dataTask.cancel()
                } else if !isTooLong {
                    body += data
                }
            }
        }

        func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
            lock.withLock {
                guard ended == nil else { return }
                if isTooLong {
                    ended = .tooLong
                } else if let error {
                    ended = .failed(error.localizedDescription)
                } else if let status = (task.response as? HTTPURLResponse)?.statusCode {
                    ended = .answered(status, body)
                } else {
                    ended = .failed("no HTTP answer")
                }
            }
            done.signal()
        }
    }
}
