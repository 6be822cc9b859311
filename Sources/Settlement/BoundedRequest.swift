import Foundation
import FoundationNetworking

/// POST requests whose answers are bounded: in time, from the first byte sent to the last one received, and in size.
final class BoundedRequest: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    /// How a request ended.
    enum Outcome {
        case answered(Int, [UInt8])
        case failed(String)
    }

    /// Longest body of an answer that is read, bytes.
    static let answerBytesMax = 16_384

    private let timeoutMilliseconds: Int
    private let lock = NSLock()
    private var session: URLSession?
    private var task: URLSessionTask?
    private var body: [UInt8] = []
    private var status = 0
    private var failure: String?
    private var done = DispatchSemaphore(value: 0)

    init(timeoutMilliseconds: Int) {
        self.timeoutMilliseconds = timeoutMilliseconds
        super.init()
    }

    /// Sends a body and waits for the answer. One request at a time.
    func post(_ address: URL, _ content: [UInt8]) -> Outcome {
        var request = URLRequest(url: address)
        request.httpMethod = "POST"
        request.httpBody = Data(content)
        request.setValue("text/plain; charset=utf-8", forHTTPHeaderField: "Content-Type")
        request.timeoutInterval = Double(timeoutMilliseconds) / 1_000
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
        let task = session.dataTask(with: request)
        let done = DispatchSemaphore(value: 0)
        lock.withLock { (self.task, self.done, body, status, failure) = (task, done, [], 0, nil) }
        task.resume()
        let inTime = done.wait(timeout: .now() + .milliseconds(timeoutMilliseconds)) == .success
        // What still comes belongs to no request.
        lock.withLock { self.task = nil }
        session.invalidateAndCancel()
        guard inTime else { return .failed("no answer in \(timeoutMilliseconds) ms") }
        return lock.withLock {
            if let failure { return .failed(failure) }
            return .answered(status, body)
        }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        // A checkpoint goes where the configuration says, nowhere else.
        completionHandler(nil)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        lock.withLock {
            guard dataTask === task else { return }
            if body.count + data.count > Self.answerBytesMax {
                failure = "an answer of more than \(Self.answerBytesMax) bytes"
                dataTask.cancel()
                return
            }
            body += data
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        lock.withLock {
            guard task === self.task else { return }
            if let error, failure == nil { failure = error.localizedDescription }
            status = (task.response as? HTTPURLResponse)?.statusCode ?? 0
            if failure == nil, status == 0 { failure = "no HTTP answer" }
            done.signal()
        }
    }
}
