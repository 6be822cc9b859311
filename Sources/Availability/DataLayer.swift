/// Where batches are kept so that others can read them without the venue.
///
/// What a layer says is never believed: a batch counts as available when it was fetched back and has its digest.
public protocol DataLayer: Sendable {
    /// Name in certificates: `directory`, `eigenda`.
    var name: String { get }
    /// Hands over a batch; returns the commitment under which it can be fetched. May be called again with the same
    /// batch.
    func submit(_ batch: Batch) throws(LayerError) -> [UInt8]
    /// The bytes of a commitment.
    func fetch(_ commitment: [UInt8]) throws(LayerError) -> [UInt8]
}

/// Why a layer did not do what was asked, and what follows from it.
public enum LayerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It takes less than is sent (429): wait, then submit again.
    case busy(String)
    /// It is down, or does not confirm in time (503): wait, then submit again.
    case unavailable(String)
    /// The certificate is worthless (418): never ask for it again; submit again for another.
    case dropped(String)
    /// No answer in time, or none at all: whether it has the batch is unknown; submit again.
    case lost(String)
    /// An answer that is none: too long, empty, not what its kind is.
    case malformed(String)
    /// It refuses this request whatever the time (400, 403, 405, …): configuration or version is wrong.
    case refused(String)

    public var description: String {
        switch self {
        case .busy(let text): "the layer is busy: \(text)"
        case .unavailable(let text): "the layer is not available: \(text)"
        case .dropped(let text): "the layer dropped the certificate: \(text)"
        case .lost(let text): "no answer of the layer: \(text)"
        case .malformed(let text): "the layer's answer is malformed: \(text)"
        case .refused(let text): "the layer refuses: \(text)"
        }
    }
}
