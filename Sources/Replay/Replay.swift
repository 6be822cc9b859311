// Replay: see Replay.md.
