import Cryptography
import LyingVenue
import Proof
import Testing

@Suite struct StateRootTests {
    @Test("the shared trees give the root that the page gives")
    func roots() throws {
        nonisolated(unsafe) var compared = 0
        func venueOwner(_ account: UInt32) -> Hash256 { FixedKeys().owner(account).publicKey.bytes }
        let venue = LyingVenue { canonical, through in
            let state = NaiveStateRoot(canonical)
            let naive = state.root(through: through)
            compared += 1
            do {
                let tree = try StateTree(canonical: canonical)
                #expect(tree.root(through: through) == naive)
                for (account, asset) in [(UInt32(3), UInt32(0)), (7, 1), (63, 2), (0, 0)] {
                    let key = venueOwner(account)
                    let proof = tree.balanceProof(account: account, asset: asset, ownerKey: key, through: through)
                    #expect(proof?.bytes == state.balanceProof(account, asset, through: through))
                }
            } catch { Issue.record("\(error)") }
            return naive
        }
        HonestRun.play(on: venue)
        #expect(compared == 4)
    }
}
