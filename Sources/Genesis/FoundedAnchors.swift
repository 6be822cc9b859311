import Proof
import Settings

extension Founding {
    /// What an auditor has to have from outside, as the text of an anchors file: venue id and log key from the founding
    /// genesis, witnesses and quorum from `[settlement]`.
    ///
    /// - Throws: `noGenesis`; `anchors` when the configuration gives none.
    public static func anchors(_ settings: NodeSettings) throws(GenesisError) -> String {
        let venue = try FoundedVenue(settings), settlement = settings.settlement
        let origin = Checkpoint.origin(domain: settlement.domain, venue: venue.id)
        guard let log = VerifierKey(name: origin, kind: .ed25519, key: venue.logKey) else {
            throw .anchors("settlement.domain: \(settlement.domain) cannot begin the name of a key")
        }
        var witnesses: [VerifierKey] = []
        for witness in settlement.witnesses {
            do throws(LogError) { witnesses.append(try VerifierKey(witness.key)) } catch {
                throw .anchors("settlement.witness: \(error)")
            }
        }
        do throws(AnchorsError) {
            return try Anchors(venue: venue.id, log: log, witnesses: witnesses, quorum: settlement.witnessQuorum).text
        } catch { throw .anchors("\(error)") }
    }
}
