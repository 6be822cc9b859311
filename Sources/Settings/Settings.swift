// Settings: see Settings.md.
