import ArgumentParser
import Cryptography
import Foundation
import Reference
import Replay
import Venue
import Wire

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs every record through a venue again, compares, and prints the hash of the state.",
        discussion: """
            Signatures are not checked. Exit status: 0 all records agree, 1 one does not, or is damaged, 2 no journal.
            """)
    @OptionGroup var place: Place
    @Flag(help: "Through the second, naive venue.")
    var reference = false
    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let clock = ContinuousClock()
        let start = clock.now
        var shown = start
        let progress: (UInt64) -> Void = { sequence in
            guard clock.now - shown > .seconds(2) else { return }
            shown = clock.now
            let rate = Double(sequence) / seconds(clock.now - start)
            FileHandle.standardError.write(Data("sequence \(sequence), \(Int(rate)) records/s\n".utf8))
        }
        let replay: JournalReplay
        do throws(ReplayError) {
            replay =
                reference
                ? try JournalReplay(place.directory, through: Reference.self, progress: progress)
                : try JournalReplay(place.directory, through: Venue.self, progress: progress)
        } catch {
            JournalCommand.standardError("\(error)")
            switch error {
            case .journal(let error): throw ExitCode(JournalCommand.status(error))
            case .empty: throw ExitCode(2)
            case .divergence: throw ExitCode(1)
            }
        }
        show(replay, Double(replay.counts.records) / seconds(clock.now - start))
    }

    private func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }

    private func show(_ replay: JournalReplay, _ rate: Double) {
        let state = replay.stateHash?.hexadecimal
        let head = withUnsafeBytes(of: replay.headHash) { Hexadecimal.encode($0) }
        let counts = replay.counts
        guard json else {
            print("venue     \(reference ? "Reference" : "Venue")")
            print("records   \(counts.records), \(counts.commands) commands, \(counts.trades) trades")
            print("rate      \(Int(rate)) records/s")
            print("head      \(head)")
            print("state     \(state ?? "none: the last command is not finished")")
            return print("every effect is what the venue makes of its command")
        }
        print(
            """
            {"venue":"\(reference ? "Reference" : "Venue")","records":\(counts.records),\
            "commands":\(counts.commands),"trades":\(counts.trades),"rate":\(Int(rate)),"head":"\(head)",\
            "state":\(state.map { "\"\($0)\"" } ?? "null")}
            """)
    }
}
