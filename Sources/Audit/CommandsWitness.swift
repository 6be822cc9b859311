import ArgumentParser
import Cryptography
import Foundation
import Platform
import Program
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
            `listening ADDRESS:PORT`. SIGTERM or SIGINT end it, once requests under way are answered.

            Exit status: 0 it was told to end, 2 it cannot start, as when its memory is damaged: a witness that has \
            forgotten must not sign again with the same key; 64 usage.
            """)
    @Option(help: "The key file, of the role witness; made when it is missing.") var key: String
    @Option(help: "IPv4 address and port to listen on; port 0 is any free one.") var listen = "127.0.0.1:4620"
    @Option(help: "Directory of what it remembers.") var state: String
    @Option(
        parsing: .upToNextOption,
        help: "Verifier keys of the logs that it knows; of one whose key was replaced, several.") var log: [String]
    @Option(help: "Name of the key, a URL without scheme.") var name = "witness.local"

    func run() throws {
        Sodium.initialize()
        let (signals, stop) = (EndSignals(), StopFlag())
        guard let signer = NoteSigner(name: name, key: try signingKey(), kind: .cosignature) else {
            throw ValidationError("--name \(name): no spaces, no plus")
        }
        var logs: [VerifierKey] = []
        for text in log {
            do throws(LogError) { logs.append(try VerifierKey(text)) } catch {
                throw ValidationError("--log: \(error)")
            }
        }
        guard let endpoint = IPv4Endpoint(listen) else {
            throw ValidationError("--listen \(listen): expected ADDRESS:PORT")
        }
        let witness: Witness
        do throws(WitnessError) { witness = try Witness(directory: state, signer: signer, logs: logs) } catch {
            throw AuditFiles.fail("\(error)")
        }
        let server: WitnessServer
        do throws(PlatformError) { server = try WitnessServer(witness, at: endpoint) } catch {
            throw AuditFiles.fail("--listen \(listen): \(error)")
        }
        AuditFiles.say("key \(witness.verifierKey)")
        AuditFiles.say("listening \(server.endpoint)")
        Thread.detachNewThread {
            signals.wait()
            stop.stop()
        }
        do throws(PlatformError) { try server.run(until: stop) } catch { throw AuditFiles.fail("\(error)") }
    }

    private func signingKey() throws -> SigningKey {
        do throws(KeyFileError) {
            do throws(KeyFileError) { return try KeyFile.loadDurably(key, role: .witness).key } catch .notFound {
                let made = SigningKey()
                try KeyFile.create(key, key: made, role: .witness)
                return made
            }
        } catch { throw AuditFiles.fail("\(error)") }
    }
}
