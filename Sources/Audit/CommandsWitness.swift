import ArgumentParser
import Cryptography
import Foundation
import Platform
import Proof

/// `verifier witness`.
struct WitnessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness",
        abstract: "Serves a witness: cosigns checkpoints of logs that only ever continue.",
        discussion: """
            C2SP tlog-witness over HTTP: POST /add-checkpoint, GET /<hex of SHA-256(origin)>/checkpoint. The last \
            checkpoint of each log is on the disk before its cosignature leaves. Signed checkpoints that contradict it \
            are kept in DIR/evidence, for `verifier convict`.

            Prints `key VKEY`, for the anchors of auditors and the venue's [[settlement.witness]], and \
            `listening ADDRESS:PORT`. Ends with 2 when it cannot start, as when its memory is damaged: a witness that \
            has forgotten must not sign again with the same key.
            """)
    @Option(help: "The key file; made when it is missing.") var key: String
    @Option(help: "IPv4 address and port to listen on; port 0 is any free one.") var listen = "127.0.0.1:4620"
    @Option(help: "Directory of what it remembers.") var state: String
    @Option(parsing: .upToNextOption, help: "Verifier keys of the logs that it knows.") var log: [String]
    @Option(help: "Name of the key, a URL without scheme.") var name = "witness.local"

    func run() throws {
        Sodium.initialize()
        AuditFiles.endBySignals()
        guard let signer = NoteSigner(name: name, key: try signingKey(), kind: .cosignature) else {
            throw ValidationError("--name \(name): no spaces, no plus")
        }
        var logs: [VerifierKey] = []
        for text in log {
            do throws(LogError) { logs.append(try VerifierKey(text)) } catch {
                throw ValidationError("--log: \(error)")
            }
        }
        let parts = listen.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let port = UInt16(parts[1]) else {
            throw ValidationError("--listen \(listen): expected ADDRESS:PORT")
        }
        let witness: Witness
        do throws(WitnessError) { witness = try Witness(directory: state, signer: signer, logs: logs) } catch {
            throw AuditFiles.fail("\(error)")
        }
        let server: WitnessServer
        do { server = try WitnessServer(witness, address: String(parts[0]), port: port) } catch {
            throw AuditFiles.fail("--listen \(listen): \(error)")
        }
        AuditFiles.say("key \(witness.verifierKey)")
        try Self.serve(server, String(parts[0]))
    }

    /// Serves until the process is ended: nothing is lost by that.
    private static func serve(_ server: WitnessServer, _ address: String) throws {
        let ended = DispatchSemaphore(value: 0)
        Task {
            do { try await server.run() } catch {
                FileHandle.standardError.write(Data("verifier: \(error)\n".utf8))
            }
            ended.signal()
        }
        Task {
            guard let port = try? await server.port() else { return }
            AuditFiles.say("listening \(address):\(port)")
        }
        ended.wait()
        throw ExitCode(2)
    }

    private func signingKey() throws -> SigningKey {
        do throws(KeyFileError) {
            do throws(KeyFileError) { return try KeyFile.load(key).key } catch .notFound {
                let made = SigningKey()
                try KeyFile.create(key, key: made, role: .account)
                return made
            }
        } catch { throw AuditFiles.fail("\(error)") }
    }
}
