import Genesis
import Settings

extension JournaledVenue {
    /// Refuses a configuration that is not what the journal says, and says what would make it so.
    func requireEqual(to configured: VenueSettings) throws(NodeError) {
        if let difference = difference(from: configured) { throw .venueDiffers(difference) }
    }
}
