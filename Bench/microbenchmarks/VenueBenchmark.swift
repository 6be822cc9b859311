import ArgumentParser
import Platform
import Venue
import Wire

/// `Venue.apply` with ledger, risk and effects, on a workload as already verified commands of 1,000 accounts.
struct VenueBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "venue", abstract: "The venue: millions of commands a second on a neutral workload.")

    @Argument(help: "The workload, FILE.lobw; FILE.lobw.expect stands beside it.")
    var file: String
    @Option(help: "Runs; the median counts.")
    var runs = 5
    @Option(help: "The core to be pinned to.")
    var core: UInt32?
    @Option(help: "How many commands lie between the steps in which a command's memory is asked for; 0 = never asked.")
    var ahead = 2
    @Flag(help: "Print the number alone: millions of commands a second.")
    var brief = false

    func run() throws {
        if let core { try CPUSet([core]).confineCurrentThread() }
        let workload = try VenueWorkload(Workload(path: file))
        var rates = (0..<max(runs, 1)).map { _ in measure(workload) }
        rates.sort()
        let median = rates[rates.count / 2]
        if brief {
            print(decimal(median))
        } else {
            print(
                "venue: \(decimal(median)) million commands/s, median of \(rates.count), "
                    + "\(decimal(rates[0])) to \(decimal(rates[rates.count - 1])); trades as expected")
        }
    }

    /// One run of a new venue: the commands that fill the books are not timed.
    private func measure(_ workload: borrowing VenueWorkload) -> Double {
        var venue = workload.makeVenue()
        // Effects go where a journal's would: through memory that moves on, not into one line again and again.
        let effectsRoom = 1 << 22
        let room = UnsafeMutableRawPointer.allocate(byteCount: effectsRoom + EffectWriter.capacity, alignment: 64)
        room.initializeMemory(as: UInt8.self, repeating: 0, count: effectsRoom + EffectWriter.capacity)
        defer { room.deallocate() }
        let count = workload.workload.commands, prefill = workload.workload.prefill
        apply(workload, 0..<prefill, to: &venue, room, effectsRoom)
        let start = SystemClock.monotonicNanoseconds()
        apply(workload, prefill..<count, to: &venue, room, effectsRoom)
        let nanoseconds = SystemClock.monotonicNanoseconds() - start
        return Double(count - prefill) * 1_000 / Double(nanoseconds)
    }

    private func apply(
        _ workload: borrowing VenueWorkload, _ range: Range<Int>, to venue: inout Venue,
        _ room: UnsafeMutableRawPointer, _ effectsRoom: Int
    ) {
        let commands = UnsafeRawPointer(workload.commands)
        let last = range.upperBound - 1, ahead = ahead
        var used = 0
        for index in range {
            if ahead > 0 {
                hint(commands + min(index + 3 * ahead, last) * VenueWorkload.slotBytes, .first, &venue)
                hint(commands + min(index + 2 * ahead, last) * VenueWorkload.slotBytes, .second, &venue)
                hint(commands + min(index + ahead, last) * VenueWorkload.slotBytes, .third, &venue)
            }
            var effects = EffectWriter(room + used)
            let command = VenueWorkload.command(
                commands + index * VenueWorkload.slotBytes, sequence: workload.firstSequence + UInt64(index))
            let progress = venue.apply(command, into: &effects)
            precondition(progress == .done, "a record that is full")
            used += effects.length
            if used > effectsRoom { used = 0 }
        }
    }

    private func hint(_ message: UnsafeRawPointer, _ step: PrefetchStep, _ venue: inout Venue) {
        venue.prefetch(
            message, count: MessageHeader.size + Int(MessageHeader(message).blockLength), step: step)
    }
}
