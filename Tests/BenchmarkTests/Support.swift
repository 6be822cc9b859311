import Foundation

/// Files of a test.
enum TemporaryPath {
    static func make(_ name: String) -> String {
        FileManager.default.temporaryDirectory.path + "/glassbook-" + UUID().uuidString + "-" + name
    }

    static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}

/// Executables stand beside the test bundle, or in the directory that GLASSBOOK_EXECUTABLES names.
func executable(_ name: String) -> String {
    if let directory = ProcessInfo.processInfo.environment["GLASSBOOK_EXECUTABLES"] { return directory + "/" + name }
    return URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent(name).path
}

/// A workload file as bytes.
struct WorkloadBuilder {
    private var records: [UInt8] = []
    private var count: UInt64 = 0
    private var idMax: UInt64 = 0

    mutating func add(
        _ operation: UInt8, side: UInt8, price: UInt32 = 0, quantity: UInt32 = 0, id: UInt64, newId: UInt64 = 0
    ) {
        records += [operation, side, 0, 0] + bytes(price) + bytes(quantity) + bytes(UInt32(0)) + bytes(id)
        records += bytes(newId)
        count += 1
        idMax = max(idMax, id, newId)
    }

    func write(_ path: String, magic: String = "LOBWKLD1") throws {
        var file = Array(magic.utf8) + bytes(UInt32(1)) + bytes(UInt32(1)) + bytes(count) + bytes(UInt64(0))
        file += bytes(idMax) + bytes(UInt32(1)) + bytes(UInt32(1000)) + bytes(UInt64(0)) + bytes(UInt64(0))
        try Data(file + records).write(to: URL(fileURLWithPath: path))
    }

    private func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
    }
}
