// Venue: see Venue.md.
