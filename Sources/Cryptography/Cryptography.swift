// Cryptography: see Cryptography.md.
