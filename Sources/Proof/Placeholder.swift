enum ProofPlaceholder {}
