import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Files behind a URL, fetched one at a time. An answer that grows past its limit is cut off.
final class RemoteFiles: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private let place: String
    private var session: URLSession!
    private let condition = NSCondition()
    // The request under way; guarded by the condition.
    private var task: URLSessionDataTask?
    private var bytes: [UInt8] = []
    private var limit = 0
    private var isTooLarge = false
    private var isDone = false
    private var failure: String?

    /// Seconds that a server may take for an answer.
    private static let timeoutSeconds = 30.0

    init(_ place: String) {
        self.place = place.hasSuffix("/") ? place : place + "/"
        super.init()
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = Self.timeoutSeconds
        configuration.timeoutIntervalForResource = 10 * Self.timeoutSeconds
        // What is published changes, and nothing else may answer for it.
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
    }

    /// Lets go of the session, which holds its delegate.
    func close() { session.invalidateAndCancel() }

    /// A file's bytes, of which there are at most `limit`.
    func read(_ name: String, limit: Int) throws(PublishedFiles.Failure) -> [UInt8] {
        guard let url = URL(string: place + name) else { throw .unreadable("\(place) is no URL") }
        condition.lock()
        defer { condition.unlock() }
        (bytes, self.limit, isTooLarge, isDone, failure) = ([], limit, false, false, nil)
        let task = session.dataTask(with: url)
        self.task = task
        task.resume()
        while !isDone { condition.wait() }
        self.task = nil
        if isTooLarge { throw .tooLarge(name) }
        let status = (task.response as? HTTPURLResponse)?.statusCode
        if status == 404 || status == 410 { throw .missing(place + name) }
        if let failure { throw .unreadable("\(place)\(name): \(failure)") }
        guard status == 200 else { throw .unreadable("\(place)\(name): status \(status.map(String.init) ?? "none")") }
        return bytes
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        condition.lock()
        defer { condition.unlock() }
        guard dataTask === task, !isTooLarge else { return }
        if bytes.count + data.count > limit {
            isTooLarge = true
            bytes = []
            dataTask.cancel()
        } else {
            bytes.append(contentsOf: data)
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        condition.lock()
        defer { condition.unlock() }
        guard task === self.task else { return }
        if let error { failure = error.localizedDescription }
        isDone = true
        condition.signal()
    }
}
