import Cryptography
import GlassbookClient
import Logging
import Platform
import Settings
import Wire

/// What settlement says about the state, once for each range of records that held more than such sayings.
struct CommitmentDraft: Equatable, Sendable {
    /// Sequence that it speaks of: the size of a checkpoint.
    var through: UInt64
    /// State root as of that record.
    var stateRoot: Hash256
    /// Hash of that record.
    var chainHead: Hash256
    /// Slot of the settlement key in force.
    var keySlot: UInt16
    /// Nonce mark of that key as of that record.
    var nonceMark: UInt64
}

/// Sends commitments through order entry, on a thread of its own.
///
/// The nonce of a commitment is the sequence it speaks of (or the key's mark plus one, where that is more). So one that
/// is sent again after a lost answer, or by a process that was killed before it heard, is either the same bytes, which
/// the venue answers again, or refused as not above the mark, which says that it is journaled: no range is committed
/// twice.
final class Committer: @unchecked Sendable {
    private let endpoint: IPv4Endpoint
    private let venue: Hash256
    private let key: SigningKey
    private let data: DataProgress
    private let log: Logger
    private let sent: Counter
    private let failures: Counter
    private let box = Mailbox<CommitmentDraft>()
    private let thread = ThreadHolder()

    init(_ context: FollowerContext, key: SigningKey) throws(SettlementError) {
        let entry = context.settings.orderEntry
        guard let address = IPv4Address(entry.address) else {
            throw .configuration("order_entry.address \(entry.address)")
        }
        // A node that listens on every interface is reached by the loopback one.
        endpoint = IPv4Endpoint(address == .any ? .loopback : address, port: entry.port)
        venue = context.venue.id
        self.key = key
        data = context.data
        log = context.log
        sent = try context.counters.counter("commitment.journaled")
        failures = try context.counters.counter("commitment.failures")
        try thread.start("commit") { [self] in work() }
    }

    /// Takes a commitment to send; one that was not sent yet is replaced, as the newer one says more.
    func submit(_ commitment: CommitmentDraft) { box.put(commitment) }

    /// Sends what is left, if the node answers at once, and ends the thread.
    func stop() {
        box.close()
        thread.join()
    }

    private func work() {
        while let commitment = box.take() {
            var pause = 100
            while !attempt(commitment) {
                failures.add()
                // A newer one is tried at once; a node that is away is asked again, less and less often.
                guard box.pause(milliseconds: pause), box.isEmpty else { break }
                pause = min(pause * 2, 5_000)
            }
        }
    }

    /// Sends a commitment and waits for its answer. False when it has to be tried again.
    private func attempt(_ commitment: CommitmentDraft) -> Bool {
        do throws(ClientError) {
            let signer = Signer(
                account: WellKnownAccount.settlement, keySlot: commitment.keySlot, key: key, venue: venue,
                lastNonce: max(commitment.through - 1, commitment.nonceMark))
            var options = SessionOptions()
            options.timeoutMilliseconds = 2_000
            let session = try Session(connectingTo: endpoint, venue: venue, options: options)
            // Raises the nonce to the mark as it is now: a mark at or above the sequence means that it was journaled.
            let intended = signer.nonce
            try session.logOn(signer)
            if signer.nonce > intended {
                log.info("commitment through \(commitment.through) was journaled before")
                return true
            }
            try session.establish()
            let mark = data.mark
            let nonce = try session.send(
                .stateCommitment(
                    through: commitment.through, stateRoot: Bytes32(commitment.stateRoot),
                    chainHead: Bytes32(commitment.chainHead), dataThrough: mark.through,
                    dataDigest: Bytes32(mark.digest)), by: signer)
            let done = try answer(session, nonce, commitment)
            _ = try? session.terminate(timeoutMilliseconds: 1_000)
            return done
        } catch {
            log.warning("commitment through \(commitment.through) not sent: \(error)")
            return false
        }
    }

    private func answer(
        _ session: Session, _ nonce: UInt64, _ commitment: CommitmentDraft
    ) throws(ClientError) -> Bool {
        while let reply = try session.receiveReply(timeoutMilliseconds: 5_000) {
            switch reply.body {
            case .commandAccepted(let accepted) where accepted.nonce == nonce:
                sent.add()
                log.debug("commitment through \(commitment.through) is record \(reply.number.sequence)")
                return true
            case .commandRejected(let refusal) where refusal.nonce == nonce:
                switch refusal.reason {
                case .nonceConflict?, .nonceTooLow?: return true
                default:
                    failures.add()
                    log.error("commitment through \(commitment.through) refused: reason \(refusal.reasonCode)")
                    return true
                }
            default: continue
            }
        }
        throw .timedOut
    }
}
