import Cryptography
import Foundation
import Proof
import Wire

/// A fraud on a venue that runs: from its own journal, keys and published files it makes what an operator would show
/// who alters the price of one trade.
///
/// Everything that the venue signs is signed again, and everything is chained and hashed again, so that only who
/// replays the records finds it. Checkpoints of before the trade stay as they were published.
public struct PriceFraud {
    /// Why there is nothing to lie about.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// The trade's record.
    public let sequence: UInt64
    /// Price that was traded, and the one that is shown, ticks.
    public let priceTicks: (true: UInt64, shown: UInt64)
    private let shown: Publication
    private let published: String
    private let sizes: [UInt64]

    /// - Parameters:
    ///   - journal: the node's journal directory.
    ///   - keys: the directory of the venue's key files.
    ///   - published: the published files; at least one checkpoint has to be smaller than a trade's sequence.
    public init(journal: String, keys: String, published: String) throws {
        var history = try History(journal: journal)
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(published)/checkpoints")
        sizes = names.compactMap { UInt64($0) }.filter { $0 <= UInt64(history.records.count) }.sorted()
        guard let first = sizes.first, let last = sizes.last else {
            throw Failure(description: "no checkpoint in \(published)/checkpoints")
        }
        history.records.removeLast(history.records.count - Int(last))
        let traded = (Int(first)..<Int(last)).first {
            history.records[$0].effectOffset(of: Template.executed) != nil
        }
        guard let traded else { throw Failure(description: "no trade in records \(first + 1) to \(last)") }
        sequence = UInt64(traded) + 1
        var price: UInt64 = 0
        history[sequence].changeEffect(Template.executed, "priceTicks") {
            price = $0
            return $0 + 1
        }
        priceTicks = (price, price + 1)
        history.seal(from: sequence, by: try KeyFile.load("\(keys)/settlement.key", role: .settlement).key)
        let note = try String(contentsOfFile: "\(published)/checkpoint", encoding: .utf8)
        guard let origin = note.split(separator: "\n").first,
            let log = NoteSigner(name: String(origin), key: try KeyFile.load("\(keys)/log.key", role: .log).key)
        else { throw Failure(description: "\(published)/checkpoint has no origin") }
        shown = Publication(
            history, log: log, receiptKey: try KeyFile.load("\(keys)/receipt.key", role: .receipt).key)
        self.published = published
    }

    /// Writes the files that are shown to `output/published`.
    public func write(to output: String) throws {
        let target = "\(output)/published"
        try shown.write(published: target, sizes: sizes.filter { $0 >= sequence })
        for size in sizes where size < sequence {
            let name = CheckpointFiles.path(size)
            try FileManager.default.copyItem(atPath: "\(published)/\(name)", toPath: "\(target)/\(name)")
        }
        try Data(sizes.flatMap(CheckpointFiles.line)).write(to: URL(filePath: "\(target)/\(CheckpointFiles.index)"))
        try copyCertificates(to: target)
    }

    /// Batches of before the trade are what they were: their certificates stay published.
    private func copyCertificates(to target: String) throws {
        let source = "\(published)/da"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: source) else { return }
        try FileManager.default.createDirectory(atPath: "\(target)/da", withIntermediateDirectories: true)
        for name in names {
            let text = try String(contentsOfFile: "\(source)/\(name)", encoding: .utf8)
            let line = text.split(separator: "\n").first { $0.hasPrefix("last ") }
            guard let last = line.flatMap({ UInt64($0.dropFirst(5)) }), last < sequence else { continue }
            try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: "\(target)/da/\(name)")
        }
    }
}
