// Book: see Book.md.
