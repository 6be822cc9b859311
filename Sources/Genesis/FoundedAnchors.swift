import Cryptography
import Journal
import Proof
import Settings

extension Founding {
    /// What an auditor has to have from outside, as the text of an anchors file: venue id and first log key from the
    /// founding genesis, the log keys that came after it from the journal, witnesses and quorum from `[settlement]`.
    ///
    /// - Parameter journal: directory of the journal; nil: that of the configuration, which has none before the first
    ///   start.
    /// - Throws: `noGenesis`, also for another venue's journal; `journal` when it cannot be read to its end; `anchors`
    ///   when the configuration gives none.
    public static func anchors(
        _ settings: NodeSettings, journal: String? = nil, next: PublicKey? = nil
    ) throws(GenesisError) -> String {
        let venue = try FoundedVenue(settings), settlement = settings.settlement
        let origin = Checkpoint.origin(domain: settlement.domain, venue: venue.id)
        var rotated: [PublicKey] = []
        do throws(GenesisError) {
            rotated = try RotatedLogKeys.all(of: venue, journal: journal ?? settings.journalDirectory)
        } catch {
            guard case .journal(.noJournal) = error, journal == nil else { throw error }
        }
        let known = [venue.logKey] + rotated
        let keys = known + (next.map { known.contains($0) ? [] : [$0] } ?? [])
        let logs = keys.compactMap { VerifierKey(name: origin, kind: .ed25519, key: $0) }
        guard logs.count == keys.count else {
            throw .anchors("settlement.domain: \(settlement.domain) cannot begin the name of a key")
        }
        var witnesses: [VerifierKey] = []
        for witness in settlement.witnesses {
            do throws(LogError) { witnesses.append(try VerifierKey(witness.key)) } catch {
                throw .anchors("settlement.witness: \(error)")
            }
        }
        do throws(AnchorsError) {
            return try Anchors(venue: venue.id, logs: logs, witnesses: witnesses, quorum: settlement.witnessQuorum).text
        } catch { throw .anchors("\(error)") }
    }
}
