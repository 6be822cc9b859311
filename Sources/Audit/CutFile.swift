import Glibc

/// What happens when a mapped file is cut while it is read: the kernel says so by SIGBUS, and nothing can go on from
/// there. The program says what it knows and ends with status 2, instead of being killed.
enum CutFile {
    /// For the whole process, which reads other people's files.
    static func catchSignal(json: Bool) {
        // A handler captures nothing and allocates nothing.
        if json {
            signal(SIGBUS) { _ in
                CutFile.end(#"{"exit":2,"verdict":null,"notChecked":["a file was cut while it was read"]}"#)
            }
        } else {
            signal(SIGBUS) { _ in CutFile.end("NOT CHECKED   a file was cut while it was read") }
        }
    }

    private static func end(_ text: StaticString) -> Never {
        write(STDOUT_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        write(STDOUT_FILENO, "\n", 1)
        _exit(2)
    }
}
