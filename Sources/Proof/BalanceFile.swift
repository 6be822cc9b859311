import Cryptography
import Wire

/// What one account was owed of one asset, with everything that leads to a signed checkpoint: a file that stands alone.
///
/// Integers little-endian:
///
/// | Offset | Size | Field |
/// |---|---|---|
/// | 0 | 8 | `GLASSBAL` |
/// | 8 | 4 | version: 1 |
/// | 12 | 4 | bytes of the record, *r* |
/// | 16 | 1725 | balance proof (`BalanceProof`) |
/// | 1741 | *r* | the record of the state commitment that the proof leads to |
/// | 1741 + *r* | rest | tlog-proof of that record, without `extra` |
///
/// The balance is that of the state after the record `through`; the commitment follows some records later.
public struct BalanceFile: Equatable, Sendable {
    static let magic = Array("GLASSBAL".utf8)
    static let version: UInt32 = 1
    private static let headByteCount = 16 + BalanceProof.byteCount
    /// Largest file, bytes.
    public static let byteCountMax = headByteCount + Limits.recordBytesMax + TlogProof.bytesMax

    /// From the balance to the state root.
    public let balance: BalanceProof
    /// The record with the state root.
    public let record: [UInt8]
    /// From that record to a checkpoint.
    public let inclusion: TlogProof

    /// A file of these parts; `check` says whether it holds.
    public init(balance: BalanceProof, record: [UInt8], inclusion: TlogProof) {
        (self.balance, self.record, self.inclusion) = (balance, record, inclusion)
    }

    /// Whether bytes begin as such a file does.
    public static func isBalance(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// Reads a file; what it says is not checked yet.
    public init(_ bytes: [UInt8]) throws(BalanceFileError) {
        guard bytes.count <= Self.byteCountMax, bytes.count >= Self.headByteCount, Self.isBalance(bytes) else {
            throw .malformed("no balance file, or not all of it")
        }
        let (version, length) = bytes.withUnsafeBytes {
            (
                UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self)),
                Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
            )
        }
        guard version == Self.version else { throw .malformed("version \(version)") }
        let recordEnd = Self.headByteCount + length
        guard length <= Limits.recordBytesMax, recordEnd <= bytes.count else {
            throw .malformed("a record of \(length) bytes")
        }
        do throws(BalanceProofError) { balance = try BalanceProof(Array(bytes[16..<Self.headByteCount])) } catch {
            throw .balance(error)
        }
        record = Array(bytes[Self.headByteCount..<recordEnd])
        do throws(LogError) { inclusion = try TlogProof(Array(bytes[recordEnd...])) } catch { throw .log(error) }
        guard inclusion.extra == nil else { throw .malformed("the record twice") }
    }

    /// The bytes of the file.
    public var encoded: [UInt8] {
        var bytes = Self.magic
        bytes.append(littleEndian: Self.version)
        bytes.append(littleEndian: UInt32(record.count))
        bytes += balance.bytes
        bytes += record
        return bytes + inclusion.bytes
    }

    /// Checks everything: signatures and quorum of the checkpoint, the record's place in it, that it is an accepted
    /// state commitment, and the way from its state root down to the balance.
    ///
    /// - Returns: the checkpoint that the proof ends in.
    public func check(_ anchors: Anchors) throws(BalanceFileError) -> SignedCheckpoint {
        let signed: SignedCheckpoint
        do throws(LogError) {
            signed = try inclusion.verified(
                leaf: MerkleHash.leaf(record), logs: anchors.logs, witnesses: anchors.witnesses)
        } catch { throw .log(error) }
        guard signed.witnesses.count >= anchors.quorum else {
            throw .quorum(signed.witnesses.count, needed: anchors.quorum)
        }
        guard let commitment = StateCommitmentRecord(record), commitment.sequence == inclusion.index + 1 else {
            throw .commitment
        }
        guard balance.header.venueId == anchors.venue else { throw .venue }
        guard balance.header.through == commitment.through else { throw .commitment }
        do throws(BalanceProofError) {
            try balance.check(root: commitment.stateRoot, account: balance.account, asset: balance.asset)
        } catch { throw .balance(error) }
        return signed
    }
}

/// Why a balance file is none, or does not hold.
public enum BalanceFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes are no balance file: what they are.
    case malformed(String)
    /// The balance does not lead to the state root.
    case balance(BalanceProofError)
    /// The record is not in the signed log.
    case log(LogError)
    /// Too few witnesses have cosigned the checkpoint.
    case quorum(Int, needed: Int)
    /// The record is no accepted state commitment of that state.
    case commitment
    /// The state is another venue's.
    case venue

    public var description: String {
        switch self {
        case .malformed(let text): "balance file: \(text)"
        case .balance(let error): "\(error)"
        case .log(let error): "\(error)"
        case .quorum(let count, let needed): "\(count) known witnesses have cosigned, \(needed) are needed"
        case .commitment: "the record is no accepted commitment to that state"
        case .venue: "the state is another venue's"
        }
    }
}
