import ArgumentParser
import Foundation
import Glibc
import Platform
import Proof

/// `verifier convict`.
struct ConvictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convict", abstract: "Judges a file of evidence: whether it proves fraud.",
        discussion: """
            Needs nothing but the file and the anchors: no network, no other file, nothing of the venue's. The format \
            and what each kind proves are in Sources/Proof/Evidence.md.

            Prints `CONVICTED: verdict at record N: …` when fraud is proven, `NOT CONVICTED: why` when the file proves \
            nothing wrong.

            Exit status, as for the other commands of this program: 1 fraud is proven, 0 the file proves nothing \
            wrong, 2 evidence or anchors cannot be read, 64 usage.
            """)
    @Argument(help: "The evidence.") var file: String
    @Option(help: "The anchors: venue id, log key, witnesses, quorum; `keys anchors` prints them.") var anchors: String
    @Flag(help: "One JSON object.") var json = false

    func run() throws {
        let anchors = try AuditFiles.anchors(anchors)
        let bytes = try AuditFiles.read(file, limit: Evidence.byteCountMax)
        let judgement: Judgement
        do throws(EvidenceError) { judgement = try EvidenceJudge(anchors).judge(bytes) } catch {
            throw AuditFiles.fail("\(file): \(error)")
        }
        print(json ? judgement.json : judgement.line)
        if case .convicted = judgement { throw ExitCode(1) }
    }
}

extension Judgement {
    /// The line that is printed.
    var line: String {
        switch self {
        case .convicted(let conviction): "CONVICTED: \(conviction)"
        case .notConvicted(let reason): "NOT CONVICTED: \(reason)"
        }
    }

    /// `convicted`, and `verdict`, `sequence`, `text`, or `reason`.
    var json: String {
        let object: [String: Any] =
            switch self {
            case .convicted(let conviction):
                [
                    "convicted": true, "verdict": conviction.verdict.rawValue, "sequence": conviction.sequence,
                    "text": conviction.text,
                ]
            case .notConvicted(let reason): ["convicted": false, "reason": reason]
            }
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? JSONSerialization.data(withJSONObject: object, options: options) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}

/// Files that are given on the command line.
enum AuditFiles {
    /// Says what went wrong; exit status 2.
    static func fail(_ text: String) -> any Error {
        FileHandle.standardError.write(Data("verifier: \(text)\n".utf8))
        return ExitCode(2)
    }

    /// Lets SIGTERM and SIGINT end the process, whatever its parent had blocked.
    static func endBySignals() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Prints a line at once, also into a pipe.
    static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    /// Reads a file of at most so many bytes.
    static func read(_ path: String, limit: Int) throws -> [UInt8] {
        let size: UInt64
        do throws(PlatformError) { size = try File.size(File.open(path, .readOnly), path: path) } catch {
            throw fail("\(error)")
        }
        guard size <= UInt64(limit) else { throw fail("\(path) has \(size) bytes, more than \(limit)") }
        do throws(PlatformError) { return try File.readPrefix(path, limit: min(limit, Int(size) + 4096)) } catch {
            throw fail("\(error)")
        }
    }

    /// Reads anchors.
    static func anchors(_ path: String) throws -> Anchors {
        let bytes = try read(path, limit: Anchors.byteCountMax)
        do throws(AnchorsError) { return try Anchors(bytes) } catch { throw fail("\(path): \(error)") }
    }
}
