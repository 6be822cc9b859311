import Availability
import Journal
import Logging
import Platform
import Settings

/// Puts the journal to the data availability layer of the configuration, batch by batch (`DataPublisher`).
public struct AvailabilityFollower: Follower {
    public static let name = "availability"

    private let context: FollowerContext
    private let layer: any DataLayer
    private let alarm: UInt64
    private let position: Counter
    private let oldest: Counter
    private let failures: Counter
    private var lastAlarm: UInt64 = 0

    /// How often the journal is looked at when nothing is due, ns.
    private static let lookInterval: UInt64 = 20_000_000

    public init(_ context: FollowerContext) throws {
        self.context = context
        let settings = context.settings.settlement.availability
        layer =
            switch settings.layer {
            case .directory: try system { () throws(PlatformError) in try DirectoryLayer(settings.directory) }
            case .eigenda: EigenDALayer(url: settings.url, timeoutMilliseconds: settings.timeoutMilliseconds)
            }
        alarm = UInt64(settings.alarmMilliseconds) * 1_000_000
        position = try context.counters.counter("availability.sequence")
        oldest = try context.counters.counter("availability.oldest-unpublished-ns")
        failures = try context.counters.counter("availability.failures")
    }

    public mutating func run(until stop: StopFlag) throws {
        do { try publish(until: stop) } catch PublisherError.journal(let text) {
            // Nothing is made of such a journal that others would take for ours; the log holds it to what was signed.
            throw SettlementError.contradiction(text, evidence: Self.positionPath(context))
        }
    }

    private static func positionPath(_ context: FollowerContext) -> String {
        context.settings.settlementDirectory + "/da.position"
    }

    private mutating func publish(until stop: StopFlag) throws {
        guard var publisher = try open(until: stop) else { return }
        position.set(publisher.through)
        context.data.advance(through: publisher.through, digest: publisher.digest)
        var failed: UInt64 = 0
        while true {
            let now = SystemClock.realtimeNanoseconds()
            let isClosing = stop.isStopped
            let durable = try publisher.durableSequence()
            switch try publisher.step(durable: durable, now: now, isClosing: isClosing) {
            case .published(let through, let digest):
                position.set(through)
                context.data.advance(through: through, digest: digest)
                context.log.debug("available through \(through)")
            case .idle:
                watch(publisher.oldestTime, now)
                if isClosing { return }
                SystemClock.sleep(nanoseconds: Self.lookInterval)
            case .failed(let error, let pause):
                failed += 1
                try failure("\(error)", pause, failed, publisher.oldestTime, stop)
                if isClosing { return }
            case .mismatch(let text, let pause):
                failed += 1
                try failure(text, pause, failed, publisher.oldestTime, stop)
                if isClosing { return }
            }
        }
    }

    /// Waits for a journal, then goes on where it was.
    private func open(until stop: StopFlag) throws -> DataPublisher? {
        let settings = context.settings
        let availability = settings.settlement.availability
        let limits = PublisherLimits(
            records: availability.batchRecords, bytes: availability.batchBytes,
            age: UInt64(availability.batchMilliseconds) * 1_000_000,
            delay: UInt64(settings.settlement.publishDelayMilliseconds) * 1_000_000)
        // Once at least: what is due when the process is asked to stop leaves.
        repeat {
            do {
                return try DataPublisher(
                    layer: layer, limits: limits, journal: settings.journalDirectory,
                    positionPath: Self.positionPath(context),
                    certificates: settings.settlement.published + "/da")
            } catch JournalError.noJournal {
                SystemClock.sleep(nanoseconds: Self.lookInterval)
            } catch let error as JournalError {
                throw SettlementError.journal(error)
            }
        } while !stop.isStopped
        return nil
    }

    private mutating func failure(
        _ text: String, _ pause: UInt64, _ count: UInt64, _ oldestTime: UInt64?, _ stop: StopFlag
    ) throws {
        failures.set(count)
        context.log.warning("availability: \(text); again in \(pause / 1_000_000) ms")
        watch(oldestTime, SystemClock.realtimeNanoseconds())
        let end = SystemClock.monotonicNanoseconds() + pause
        while !stop.isStopped && SystemClock.monotonicNanoseconds() < end {
            SystemClock.sleep(nanoseconds: min(Self.lookInterval, pause))
        }
    }

    /// The age of the oldest record that is not available, as a counter and, when it is too old, as an alarm a minute.
    private mutating func watch(_ time: UInt64?, _ now: UInt64) {
        let age = time.map { now > $0 ? now - $0 : 0 } ?? 0
        oldest.set(age)
        guard age > alarm, now &- lastAlarm > 60_000_000_000 else { return }
        lastAlarm = now
        context.log.error("availability: a record has waited for \(age / 1_000_000_000) s")
    }
}
