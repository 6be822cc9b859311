import Cryptography
import Platform
import Proof
import Wire

/// Fetches receipts, checks them, and keeps them beside their commands: what a client needs to convict a venue that
/// drops or changes an order after it was acknowledged.
///
/// The venue's node has no part in it. A receipt is signed when its record is durable, milliseconds after the answer.
public struct ReceiptClient: Sendable {
    /// Where receipts come from.
    public enum Source: Equatable, Sendable {
        /// `settlement-plane serve`: one receipt a request.
        case server(IPv4Endpoint)
        /// Any web server over the published files: `prefix` is what stands before `/receipts`. A file of up to 16,384
        /// records a request.
        case web(IPv4Endpoint, prefix: String)
        /// The published files in a directory.
        case directory(String)
    }

    private let source: Source
    private let venue: Hash256
    /// Pause between two looks for a receipt that is not there yet, ns.
    private static let pause: UInt64 = 5_000_000

    /// - Parameter venue: hash of the venue's genesis; receipts of another one are refused.
    public init(_ source: Source, venue: Hash256) {
        self.source = source
        self.venue = venue
    }

    /// The receipt of a record, checked: it is signed for this venue, and for this command where one is given.
    ///
    /// - Parameters:
    ///   - sequence: of the record; replies carry it.
    ///   - frame: the whole frame as it was sent (`Signer.frame`).
    ///   - timeoutMilliseconds: how long to wait for it.
    /// - Throws: `timedOut` when there is none in time; `receipt` when what came does not hold: then the venue's server
    ///   lies, or somebody stands in between.
    public func receipt(
        for sequence: UInt64, frame: [UInt8]? = nil, timeoutMilliseconds: Int = 5_000
    ) throws(ClientError) -> Receipt {
        let deadline = Session.deadline(timeoutMilliseconds)
        while true {
            if let receipt = try look(sequence, deadline) {
                try check(receipt, sequence, frame)
                return receipt
            }
            guard SystemClock.monotonicNanoseconds() + Self.pause < deadline else { throw .timedOut }
            SystemClock.sleep(nanoseconds: Self.pause)
        }
    }

    /// Writes `<sequence>.receipt` and `<sequence>.command` into a directory, both safe on disk when this returns. The
    /// second is what was signed and its signature, as `verifier proof --command` and evidence want it.
    public func keep(_ receipt: Receipt, frame: [UInt8], in directory: String) throws(ClientError) {
        do throws(PlatformError) {
            try FileDirectory.createDurably(directory)
            try File.replace("\(directory)/\(receipt.sequence).command", with: Array(frame.dropFirst(FrameHeader.size)))
            try File.replace("\(directory)/\(receipt.sequence).receipt", with: receipt.encoded)
        } catch {
            throw .system(error)
        }
    }

    private func check(_ receipt: Receipt, _ sequence: UInt64, _ frame: [UInt8]?) throws(ClientError) {
        do throws(ReceiptError) {
            guard receipt.sequence == sequence else { throw .sequence }
            try receipt.verify(venue: venue)
            guard let frame else { return }
            guard Sha256.hash(Array(frame.dropFirst(FrameHeader.size))) == receipt.leaf.commandHash else {
                throw .command
            }
        } catch {
            throw .receipt(error)
        }
    }

    /// The receipt, unchecked; nil when it is not there yet.
    private func look(_ sequence: UInt64, _ deadline: UInt64) throws(ClientError) -> Receipt? {
        guard sequence >= 1 else { throw .invalidState("sequence 0: nothing was journaled") }
        if case .server(let endpoint) = source {
            guard let bytes = try fetch("/receipt/\(sequence)", endpoint, Receipt.byteCountMax, deadline) else {
                return nil
            }
            do throws(ReceiptError) { return try Receipt(bytes) } catch { throw .receipt(error) }
        }
        let keysMax = ReceiptKeys.genesisByteCount + ReceiptKeys.fileRotationsMax * ReceiptKeys.rotationByteCount
        guard let ranges = try file(ReceiptFile.name(of: sequence), ReceiptFile.byteCountMax, deadline),
            let keys = try file(ReceiptFile.keysName, keysMax, deadline)
        else { return nil }
        do throws(ReceiptError) {
            return try ReceiptFile.receipt(for: sequence, in: ranges, keys: try ReceiptKeys(keys))
        } catch {
            // The file grows at its end, and the end may be half there.
            if error == .absent || error == .truncated { return nil }
            throw .receipt(error)
        }
    }

    /// A published file of receipts; nil when there is none.
    private func file(_ name: String, _ limit: Int, _ deadline: UInt64) throws(ClientError) -> [UInt8]? {
        switch source {
        case .directory(let directory):
            let path = "\(directory)/receipts/\(name)"
            guard File.exists(path) else { return nil }
            do throws(PlatformError) { return try File.readPrefix(path, limit: limit) } catch { throw .system(error) }
        case .web(let endpoint, let prefix): return try fetch("\(prefix)/receipts/\(name)", endpoint, limit, deadline)
        case .server: preconditionFailure("a server is asked for receipts, not for files")
        }
    }

    private func fetch(
        _ path: String, _ endpoint: IPv4Endpoint, _ limit: Int, _ deadline: UInt64
    ) throws(ClientError) -> [UInt8]? {
        // Answers that are errors may be longer than a receipt.
        let answer = try WebFile.get(path, from: endpoint, limit: max(limit, 65_536), deadline: deadline)
        switch answer.status {
        case 200: return answer.body
        case 404, 503: return nil
        default: throw .badAnswer("status \(answer.status) for \(path)")
        }
    }
}
