// Platform: see Platform.md.
