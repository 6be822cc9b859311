import Foundation

/// Hands the latest value to a thread: one place, a newer value replaces one that was not taken. So whoever puts never
/// waits, and a reader that is slow does the newest work next.
final class Mailbox<Value: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var value: Value?
    private var isClosed = false

    /// Puts a value. Returns the one that it replaced, which nobody will take.
    @discardableResult
    func put(_ new: Value) -> Value? {
        condition.lock()
        defer { condition.unlock() }
        let old = value
        value = new
        condition.signal()
        return old
    }

    /// Whether a value waits.
    var isEmpty: Bool {
        condition.lock()
        defer { condition.unlock() }
        return value == nil
    }

    /// Takes the value; waits for one until the time is over or the box is closed. What was put before it was closed is
    /// still handed out.
    func take(timeoutMilliseconds: Int? = nil) -> Value? {
        let deadline = timeoutMilliseconds.map { Date(timeIntervalSinceNow: Double($0) / 1_000) }
        condition.lock()
        defer { condition.unlock() }
        while value == nil && !isClosed {
            if let deadline {
                if !condition.wait(until: deadline) { break }
            } else {
                condition.wait()
            }
        }
        defer { value = nil }
        return value
    }

    /// Ends all waiting.
    func close() {
        condition.lock()
        defer { condition.unlock() }
        isClosed = true
        condition.broadcast()
    }

    /// Waits so long, or until the box is closed or a value comes, which stays. False when it was closed.
    func pause(milliseconds: Int) -> Bool {
        let deadline = Date(timeIntervalSinceNow: Double(milliseconds) / 1_000)
        condition.lock()
        defer { condition.unlock() }
        while value == nil && !isClosed {
            if !condition.wait(until: deadline) { break }
        }
        return !isClosed
    }
}
