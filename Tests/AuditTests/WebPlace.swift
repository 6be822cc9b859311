import Foundation
import HTTP
import Platform
import Synchronization

/// What is published in a directory, behind the server of this project on a thread of its own.
final class WebPlace {
    /// `http://127.0.0.1:PORT`.
    let url: String
    private let files: Files
    private let stopping = StopFlag()
    private var thread: PinnedThread?

    /// - Parameters:
    ///   - other: the directory that is served once `name` was.
    ///   - served: called with each name behind its answer.
    init(
        _ directory: String, then other: String? = nil, behind name: String = "",
        served: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        let server = try HTTPServer(at: IPv4Endpoint(.loopback, port: 0))
        url = "http://\(server.endpoint)"
        let files = Files(directory) { [other, name] files, asked in
            if let other, asked == name { files.directory.withLock { $0 = other } }
            served(asked)
        }
        self.files = files
        nonisolated(unsafe) let running = server
        thread = try PinnedThread(name: "web") { [stopping] in try? running.run(until: stopping, files) }
    }

    deinit {
        stopping.stop()
        thread = nil
    }

    /// Serves another directory from now on.
    func change(to directory: String) { files.directory.withLock { $0 = directory } }

    /// Names that were asked for.
    var names: [String] { files.names.withLock { $0 } }

    private final class Files: HTTPService, Sendable {
        let directory: Mutex<String>
        let names = Mutex<[String]>([])
        private let served: @Sendable (Files, String) -> Void

        init(_ directory: String, _ served: @escaping @Sendable (Files, String) -> Void) {
            self.directory = Mutex(directory)
            self.served = served
        }

        func answer(_ request: HTTPRequest) -> HTTPAnswer {
            let name = request.path.joined(separator: "/")
            names.withLock { $0.append(name) }
            let file = HTTPFile(directory.withLock { $0 } + "/" + name)
            served(self, name)
            return file.map { .found(.file($0), HTTPAnswer.binary, isImmutable: false) } ?? .refused(404, "not here")
        }
    }
}
