import Platform
import Synchronization

/// `DATA/settlement/counters`: what followers count, for any other process to read (`CounterLayout`).
public final class SettlementCounters: Sendable {
    private let file: Mutex<Registered>

    private struct Registered: ~Copyable {
        var file: CounterFile
        var counters: [String: Counter] = [:]
    }

    /// Makes the file.
    public init(path: String) throws(SettlementError) {
        do throws(PlatformError) {
            file = Mutex(Registered(file: try CounterFile(path: path, counters: 128, histograms: 8)))
        } catch {
            throw .system(error)
        }
    }

    /// The counter of a name, made when there is none. One thread writes it.
    public func counter(_ name: String) throws(SettlementError) -> Counter {
        let result: Result<Counter, PlatformError> = file.withLock { state in
            if let known = state.counters[name] { return .success(known) }
            do throws(PlatformError) {
                let counter = try state.file.counter(name)
                state.counters[name] = counter
                return .success(counter)
            } catch {
                return .failure(error)
            }
        }
        return try system { () throws(PlatformError) in try result.get() }
    }
}
