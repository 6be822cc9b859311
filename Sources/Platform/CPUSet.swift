import CPlatform

/// A set of processor cores, by number.
public struct CPUSet: Sendable, Equatable, CustomStringConvertible {
    var set = platform_cpu_set()

    /// Cores that a set can name: 0 ..< 1024.
    public static let coresMax = UInt32(PLATFORM_CORES_MAX)

    /// The empty set.
    public init() {}

    /// A set of these cores; a number at or above `coresMax` is refused.
    public init(_ cores: some Sequence<UInt32>) throws(PlatformError) {
        self.init()
        for core in cores {
            guard core < Self.coresMax else {
                throw .invalidArgument("core \(core): expected a number below \(Self.coresMax)")
            }
            platform_cpu_add(core, &set)
        }
    }

    /// The cores that the calling thread may run on: containers and `taskset` make them fewer than the machine's.
    public static func available() throws(PlatformError) -> CPUSet {
        var available = CPUSet()
        let error = platform_affinity_get(&available.set)
        guard error == 0 else {
            throw .systemCall("pthread_getaffinity_np", subject: "", Errno(rawValue: error))
        }
        return available
    }

    /// The core that the calling thread runs on at this moment: no program asks, but tests of pinning do.
    public static var currentCore: UInt32 { UInt32(platform_current_core()) }

    /// Confines the calling thread to this set.
    public func confineCurrentThread() throws(PlatformError) {
        var set = set
        let error = platform_affinity_set(&set)
        guard error == 0 else {
            throw .systemCall("pthread_setaffinity_np", subject: description, Errno(rawValue: error))
        }
    }

    public func contains(_ core: UInt32) -> Bool {
        guard core < Self.coresMax else { return false }
        var set = set
        return platform_cpu_contains(core, &set) != 0
    }

    /// The cores of the set, ascending.
    public var cores: [UInt32] { (0..<Self.coresMax).filter { contains($0) } }

    public var count: Int { cores.count }

    /// The set without these cores.
    public func subtracting(_ other: CPUSet) -> CPUSet {
        var result = CPUSet()
        for core in cores where !other.contains(core) { platform_cpu_add(core, &result.set) }
        return result
    }

    public var description: String { cores.map(String.init).joined(separator: ",") }

    public static func == (left: CPUSet, right: CPUSet) -> Bool { left.cores == right.cores }
}
