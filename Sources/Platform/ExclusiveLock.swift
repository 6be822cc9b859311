import Glibc

/// An exclusive lock (flock(2)) for as long as it lives; a kill releases it too.
///
/// At an orderly end it is released before the descriptor is closed: a process that was started at that moment has a
/// copy of the descriptor until it executes its program, and closing ours alone would leave the lock with it.
public struct ExclusiveLock: ~Copyable, Sendable {
    private let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    deinit { _ = flock(descriptor.raw, LOCK_UN) }
}
