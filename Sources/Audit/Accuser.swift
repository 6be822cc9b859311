import Cryptography
import Proof
import Wire

/// Why there is nothing to judge.
public enum AccuserError: Error, Sendable, CustomStringConvertible {
    /// Something published cannot be read, or does not hold.
    case unreadable(String)
    /// What was given is not what it should be.
    case given(String)

    public var description: String {
        switch self {
        case .unreadable(let text), .given(let text): text
        }
    }
}

/// What the published checkpoint is to one that somebody kept.
public enum KeptHead: Equatable, Sendable {
    /// It continues the kept one, or is the same: the published tiles prove it.
    case continues
    /// They cannot both be true: the evidence.
    case contradiction(Evidence)
    /// It is of fewer records than the kept one, which the log signed. That convicts nobody: a larger checkpoint may
    /// wait for its witnesses. It is what a log that was set back looks like, too.
    case shorter(published: UInt64, kept: UInt64)
}

/// Makes evidence from what a venue has published, and from what somebody else has kept.
public struct Accuser {
    private let files: PublishedFiles
    private let anchors: Anchors

    /// - Parameter place: directory or URL of what the venue publishes.
    public init(_ place: String, anchors: Anchors) {
        files = PublishedFiles(place)
        self.anchors = anchors
    }

    /// A receipt, and what the log has at its sequence.
    ///
    /// - Parameters:
    ///   - bytes: the file of the receipt.
    ///   - command: message and signature, if the client kept them.
    public func evidence(receipt bytes: [UInt8], command: [UInt8]? = nil) throws(AccuserError) -> Evidence {
        let receipt: Receipt
        do throws(ReceiptError) { receipt = try Receipt(bytes) } catch { throw .given("the receipt: \(error)") }
        let (signed, note) = try latest()
        let head = signed.checkpoint
        guard receipt.sequence >= 1, receipt.sequence <= head.size else {
            throw .unreadable("the log ends with record \(head.size), before record \(receipt.sequence)")
        }
        let range: LeafRange
        do throws(LogError) {
            let reader = TileReader(PublishedTiles(files), size: head.size)
            let leaf = try reader.hash(level: 0, index: receipt.sequence - 1)
            range = try LeafRange(first: receipt.sequence, leaves: [leaf], size: head.size, reader)
        } catch { throw .unreadable("\(error)") }
        return .omission(receipt: bytes, command: command, head: note, other: range)
    }

    /// The records up to one, to be replayed from the state of the last commitment before it; from the beginning where
    /// there is none, or none that holds.
    public func evidence(record sequence: UInt64) throws(AccuserError) -> Evidence {
        let (signed, note) = try latest()
        let head = signed.checkpoint
        guard sequence >= 1, sequence <= head.size else {
            throw .unreadable("the log ends with record \(head.size), before record \(sequence)")
        }
        let log = PublishedRecords(TileReader(PublishedTiles(files), size: head.size))
        do throws(LogError) {
            if let commitment = try log.lastCommitment(before: sequence),
                let state = try log.state(of: commitment, venueId: anchors.venue)
            {
                return .replay(
                    head: note, records: try log.range(commitment.through, sequence),
                    state: (state, try log.range(commitment.sequence, commitment.sequence)))
            }
            return .replay(head: note, records: try log.range(1, sequence))
        } catch { throw .unreadable("\(error)") }
    }

    /// A checkpoint that somebody kept, and the one that is published.
    ///
    /// - Throws: `unreadable` also when the published tiles do not prove whether one continues the other.
    public func comparison(head kept: [UInt8]) throws(AccuserError) -> KeptHead {
        let old: SignedCheckpoint
        do throws(LogError) { old = try SignedCheckpoint(kept, log: anchors.log) } catch { throw .given("\(error)") }
        let head = try latest().signed
        let isShorter = head.checkpoint.size < old.checkpoint.size
        let shorter = KeptHead.shorter(published: head.checkpoint.size, kept: old.checkpoint.size)
        let comparison: HeadComparison
        do throws(LogError) { comparison = try HeadComparison(old, head, files) } catch {
            if isShorter { return shorter }
            throw .unreadable("\(error)")
        }
        switch comparison {
        case .contradiction(let evidence): return .contradiction(evidence)
        case .continues: return isShorter ? shorter : .continues
        case .unproven(let text):
            if isShorter { return shorter }
            throw .unreadable(text)
        }
    }

    private func latest() throws(AccuserError) -> (signed: SignedCheckpoint, note: [UInt8]) {
        let bytes: [UInt8]
        do throws(PublishedFiles.Failure) { bytes = try files.read("checkpoint", limit: SignedNote.bytesMax) } catch {
            throw .unreadable(error.text)
        }
        do throws(LogError) { return (try SignedCheckpoint(bytes, log: anchors.log), bytes) } catch {
            throw .unreadable("the checkpoint: \(error)")
        }
    }
}
