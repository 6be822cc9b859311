import Glibc

/// The number of descriptors that the process may have open: every session is one.
enum DescriptorLimit {
    /// Descriptors beside the sessions: files, rings, listeners, the journal's segments.
    private static let others = 256

    /// Raises the limit so that so many connections fit, if it is lower.
    ///
    /// - Throws: when the system does not allow that many: better at start than at the thousandth connection.
    static func raise(to connections: Int) throws(NodeError) {
        let needed = rlim_t(connections + others)
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        if limit.rlim_cur >= needed { return }
        let hard = limit.rlim_max
        limit.rlim_cur = needed
        limit.rlim_max = max(hard, needed)
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { return }
        throw .resources("\(needed) descriptors are needed for the connections, the system allows \(hard) (ulimit -n)")
    }
}
