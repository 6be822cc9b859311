// Node: see Node.md.
