// Journal: see Journal.md.
