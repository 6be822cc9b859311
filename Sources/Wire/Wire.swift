// Wire: see Wire.md.
