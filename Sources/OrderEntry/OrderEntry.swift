// OrderEntry: see OrderEntry.md.
