import Foundation

/// strace, which starts the settlement plane and kills it at a system call.
enum Strace {
    static let path = "/usr/bin/strace"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// The command in front of the traced one: SIGKILL at the `number`th call of that name in any one thread.
    ///
    /// The traced process is the one that was started (`-D`), so that it can be told to end, and waited for.
    static func killing(_ call: String, at number: Int) -> [String] {
        [
            path, "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
            "inject=\(call):signal=KILL:when=\(number)",
        ]
    }

    /// The same with an error instead of the call.
    static func failing(_ call: String, _ error: String, at number: Int) -> [String] {
        [
            path, "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
            "inject=\(call):error=\(error):when=\(number)",
        ]
    }
}
