/// Ports of a running node, as its ready line tells them; nil: what the configuration says.
public struct NodePorts: Sendable, Equatable {
    public var orderEntry: UInt16?
    public var request: UInt16?
    public var snapshot: UInt16?

    public init(orderEntry: UInt16? = nil, request: UInt16? = nil, snapshot: UInt16? = nil) {
        (self.orderEntry, self.request, self.snapshot) = (orderEntry, request, snapshot)
    }
}

/// Which node is measured.
public enum Target: Sendable {
    /// One that is started for the run.
    case own(VenueProfile)
    /// One that runs with this configuration file; the file of the operator's key.
    case running(configuration: String, operatorKey: String, ports: NodePorts)

    var isAttached: Bool {
        if case .running = self { return true }
        return false
    }

    func open(_ progress: ProgressLog) throws(BenchmarkError) -> VenueAccess {
        switch self {
        case .own(let profile): try VenueAccess(profile, progress)
        case .running(let configuration, let key, let ports):
            try VenueAccess(configuration: configuration, operatorKey: key, ports: ports)
        }
    }
}
