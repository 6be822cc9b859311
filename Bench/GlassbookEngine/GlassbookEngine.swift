// The C ABI over Book.
