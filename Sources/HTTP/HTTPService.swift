/// What a server says: the names that it has, and what it answers to each.
///
/// Called on the server's thread, one request at a time: an answer that takes long makes everybody wait, though
/// nobody's time runs meanwhile.
public protocol HTTPService {
    /// The longest body that a POST to a path may have, bytes; nil where there is no POST.
    func bodyBytesMax(_ path: [String]) -> Int?

    /// The answer to a request. A POST comes only where `bodyBytesMax` has a bound, with a body within it.
    func answer(_ request: HTTPRequest) -> HTTPAnswer
}

extension HTTPService {
    /// Nothing is posted.
    public func bodyBytesMax(_ path: [String]) -> Int? { nil }
}
