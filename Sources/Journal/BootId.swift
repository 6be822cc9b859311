import Platform
import Wire

/// Which boot of the machine this is: what a process wrote into a mapping is still there after any end of the
/// process, and may be gone only when the machine went down as well.
public enum BootId {
    /// The kernel's boot id as 32 hexadecimal digits in ASCII; zero where the kernel tells none.
    public static func current() -> Bytes32 {
        guard let text = try? File.readPrefix("/proc/sys/kernel/random/boot_id", limit: 64) else { return .zero }
        let digits = text.filter { $0 != UInt8(ascii: "-") && $0 > 0x20 }
        guard digits.count == 32 else { return .zero }
        return digits.withUnsafeBytes { Bytes32(from: $0.baseAddress!) }
    }
}
