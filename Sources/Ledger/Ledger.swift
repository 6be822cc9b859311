// Ledger: see Ledger.md.
