import Foundation
import Glibc
import Program
import Synchronization

/// An end at SIGTERM or SIGINT, whatever the process waits for just then, but never within a step that has to be whole:
/// what is being written is written first.
final class OrderlyEnd: Sendable {
    /// How the process ends when it is asked to.
    struct Answer: Sendable {
        var status: Int32
        /// What is printed.
        var words: String?
    }

    private let answer: Mutex<Answer>

    /// Before there are other threads, as `EndSignals`.
    init(status: Int32, words: String? = nil) {
        answer = Mutex(Answer(status: status, words: words))
        let signals = EndSignals()
        // What it prints is all that it is for: it ends with its reader, as any command in a pipe.
        signal(SIGPIPE, SIG_DFL)
        Thread.detachNewThread { [self] in
            signals.wait()
            answer.withLock { answer in
                if let words = answer.words { AuditFiles.say(words) }
                // Not `exit`, which takes down what other threads still use. Nothing printed waits in a buffer.
                _exit(answer.status)
            }
        }
    }

    /// Does something that is not cut, and may change how the process ends.
    func whole(_ step: (inout Answer) throws -> Void) rethrows { try answer.withLock { try step(&$0) } }
}
