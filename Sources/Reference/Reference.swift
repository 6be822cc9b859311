// Reference: see Reference.md.
