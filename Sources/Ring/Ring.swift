// Ring: see Ring.md.
