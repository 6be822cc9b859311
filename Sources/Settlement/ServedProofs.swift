import Cryptography
import HTTP
import Logging
import Platform
import Proof
import Settings

/// Proofs that are made on demand from published files: receipts, tlog-proofs, records.
public struct ServedProofs: Sendable {
    private let settings: NodeSettings
    private let log: Logger?
    private var published: String { settings.settlement.published }

    /// Proofs from the published files of a venue.
    ///
    /// - Parameter log: is told which snapshot a balance begins with, and which are not used.
    public init(_ settings: NodeSettings, _ log: Logger? = nil) { (self.settings, self.log) = (settings, log) }

    /// The receipt of a record.
    public func receipt(_ sequence: UInt64) throws(ProofMissing) -> Receipt {
        guard sequence >= 1 else { throw .absent("records begin with sequence 1") }
        let directory = "\(published)/receipts"
        let limit = ReceiptKeys.genesisByteCount + ReceiptKeys.fileRotationsMax * ReceiptKeys.rotationByteCount
        guard let keys = try? File.readPrefix("\(directory)/\(ReceiptFile.keysName)", limit: limit),
            let file = HTTPFile("\(directory)/\(ReceiptFile.name(of: sequence))"),
            let bytes = file.read(at: 0, limit: ReceiptFile.byteCountMax)
        else { throw .absent("record \(sequence) has no receipt yet") }
        do throws(ReceiptError) {
            return try ReceiptFile.receipt(for: sequence, in: bytes, keys: try ReceiptKeys(keys))
        } catch {
            // The end of a file that is being written is not whole.
            if error == .absent || error == .truncated { throw .absent("record \(sequence) has no receipt yet") }
            throw .damaged("the receipts of record \(sequence): \(error)")
        }
    }

    /// The bytes of a record, held to the latest checkpoint's tiles.
    public func record(_ sequence: UInt64) throws(ProofMissing) -> [UInt8] {
        let (_, _, record) = try find(sequence)
        return record
    }

    /// The proof that a record is in the log: index, path, latest checkpoint, and the record itself as `extra`.
    public func proof(_ sequence: UInt64) throws(ProofMissing) -> TlogProof {
        let (note, reader, record) = try find(sequence)
        do throws(LogError) {
            let path = try MerkleTree.inclusionProof(index: sequence - 1, size: reader.size, reader)
            return TlogProof(index: sequence - 1, path: path, checkpoint: note, extra: record)
        } catch {
            throw ProofMissing(error)
        }
    }

    /// The latest checkpoint, its tiles, and a record of it.
    private func find(_ sequence: UInt64) throws(ProofMissing) -> (note: [UInt8], reader: TileReader, record: [UInt8]) {
        do throws(LogError) {
            let store = TileDirectory(published)
            let (note, checkpoint) = try store.latest()
            guard sequence >= 1, sequence <= checkpoint.size else {
                throw LogError.missing(
                    "record \(sequence) is not in the latest checkpoint, of \(checkpoint.size) records")
            }
            let reader = TileReader(store, size: checkpoint.size)
            let index = sequence - 1
            let entries = try reader.entries(bundle: index >> 8)
            return (note, reader, entries[Int(index & 255)])
        } catch {
            throw ProofMissing(error)
        }
    }

    /// The number of an asset, by its symbol in the configuration or by its number. The configuration may lack what the
    /// journal lists: any other number is taken as well, unless it is a symbol.
    ///
    /// - Throws: `unknown`.
    public func asset(_ name: String) throws(ProofMissing) -> UInt32 {
        do throws(UnknownName) { return try settings.venue.asset(named: name).id } catch {
            if let number = UInt32(name), !settings.venue.assets.contains(where: { $0.symbol == name }) {
                return number
            }
            throw .unknown("\(error), or a number")
        }
    }

    /// The proof of an account's balance at a commitment: replays the journal up to it.
    ///
    /// - Parameter record: asks for the commitment to the state after that record; where none speaks of just that
    ///   record, for the last one before. Nil asks for the newest.
    public func balance(
        account: UInt32, asset: UInt32, at record: UInt64? = nil
    ) throws(ProofMissing) -> BalanceFile {
        let desk: BalanceDesk
        do throws(SettlementError) {
            desk = try BalanceDesk(settings, at: record, log)
            while try desk.step() {}
        } catch {
            throw .damaged("\(error)")
        }
        return try desk.proof(account: account, asset: asset)
    }
}

extension TileDirectory {
    /// The latest checkpoint, and its note.
    func latest() throws(LogError) -> (note: [UInt8], checkpoint: Checkpoint) {
        let note = try file("checkpoint", limit: SignedNote.bytesMax)
        return (note, try Checkpoint(text: try SignedNote(note).text))
    }
}

extension BalanceFile {
    /// Which commitment it is at, in words.
    public var place: String {
        "the balance after record \(balance.header.through), by the commitment in record \(inclusion.index + 1)"
    }
}

/// Why there is no proof.
public enum ProofMissing: Error, Equatable, Sendable, CustomStringConvertible {
    /// It is not there, or not yet: what.
    case absent(String)
    /// It is being prepared.
    case notYet(String)
    /// Published files do not hold together: which, and how.
    case damaged(String)
    /// A name on the command line that is none: what was expected.
    case unknown(String)

    init(_ error: LogError) {
        switch error {
        case .missing(let what): self = .absent(what)
        default: self = .damaged("\(error)")
        }
    }

    public var description: String {
        switch self {
        case .absent(let text), .notYet(let text), .damaged(let text), .unknown(let text): text
        }
    }

    /// Status of the answer to a request.
    var status: Int {
        switch self {
        case .absent, .unknown: 404
        case .notYet: 503
        case .damaged: 500
        }
    }

    /// Exit status of a command that writes a proof; never changes.
    var exitStatus: Int32 {
        switch self {
        case .absent, .notYet, .damaged: 1
        case .unknown: 64
        }
    }
}

extension ServedProofs {
    /// The answer to a request for a proof; nil when the path is no name of one.
    func answer(_ path: [String], _ balances: BalanceService) -> HTTPAnswer? {
        let numbers = path.dropFirst().compactMap(Self.number)
        guard numbers.count == path.count - 1, let sequence = numbers.first else { return nil }
        do throws(ProofMissing) {
            switch path[0] {
            case "balance" where numbers.count == 2 || numbers.count == 3:
                guard let account = UInt32(exactly: numbers[0]), let asset = UInt32(exactly: numbers[1]) else {
                    return nil
                }
                let record = numbers.count == 3 ? numbers[2] : nil
                let bytes = try balances.proof(account: account, asset: asset, at: record).encoded
                return .found(.bytes(bytes), HTTPAnswer.binary, isImmutable: false)
            case _ where numbers.count > 1: return nil
            case "receipt":
                return .found(.bytes(try receipt(sequence).encoded), HTTPAnswer.binary, isImmutable: true)
            case "record":
                return .found(.bytes(try record(sequence)), HTTPAnswer.binary, isImmutable: true)
            case "proof":
                return .found(.bytes(try proof(sequence).bytes), HTTPAnswer.text, isImmutable: false)
            default: return nil
            }
        } catch {
            return .refused(error.status, error.description)
        }
    }

    /// A decimal number without leading zeros; nil for anything else.
    static func number(_ text: String) -> UInt64? {
        guard (1...20).contains(text.utf8.count), text == "0" || text.first != "0",
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return UInt64(text)
    }
}
