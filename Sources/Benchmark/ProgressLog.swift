import Glibc
import Platform

/// Says on standard error what goes on, so that standard output holds results alone.
public struct ProgressLog: Sendable {
    /// Whether anything is said.
    public let isVerbose: Bool
    private let start = SystemClock.monotonicNanoseconds()

    public init(isVerbose: Bool = true) { self.isVerbose = isVerbose }

    /// A line with the seconds since the start.
    public func say(_ text: String) {
        guard isVerbose else { return }
        let milliseconds = (SystemClock.monotonicNanoseconds() - start) / 1_000_000
        let line = "[\(pad("\(milliseconds / 1000).\(milliseconds / 100 % 10)", 6)) s] \(text)\n"
        _ = Array(line.utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}

/// Says at most once a second how far something has come.
struct ProgressMeter {
    private let progress: ProgressLog
    private var due: UInt64

    init(_ progress: ProgressLog) {
        self.progress = progress
        due = SystemClock.monotonicNanoseconds() + 1_000_000_000
    }

    /// Says it when a second has gone by.
    mutating func update(_ text: @autoclosure () -> String) {
        let now = SystemClock.monotonicNanoseconds()
        guard now >= due else { return }
        due = now + 1_000_000_000
        progress.say(text())
    }
}

/// The text with spaces before it.
func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.utf8.count)) + text
}

/// A number with a comma every three digits.
func grouped(_ value: some BinaryInteger) -> String {
    let digits = String(value.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
        if index > 0 && (digits.count - index) % 3 == 0 { result.append(",") }
        result.append(digit)
    }
    return value < 0 ? "-" + result : result
}
