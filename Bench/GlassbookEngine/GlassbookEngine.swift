// The C ABI of Bench/workload/lobw_engine.h over the book: what any driver of that ABI runs.

import Book

/// The engine behind an opaque handle.
@inline(__always)
private func engine(_ handle: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Engine> {
    handle.assumingMemoryBound(to: Engine.self)
}

@inline(__always)
private func bookSide(_ side: UInt32) -> BookSide {
    side == 0 ? .bid : .ask
}

/// The engine's name, NUL-terminated, for ever.
@_cdecl("lobw_name")
public func lobwName() -> UnsafePointer<CChar> {
    let name: StaticString = "glassbook"
    return UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// Makes an engine for a workload; NULL when the workload is not one, or asks for more than books hold.
@_cdecl("lobw_create")
public func lobwCreate(
    _ header: UnsafeRawPointer,
    _ onTrade: @escaping @convention(c) (UnsafeMutableRawPointer?, UInt32, UInt64, UInt64, UInt32, UInt32) -> Void,
    _ context: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
    precondition(MemoryLayout<WorkloadHeader>.size == 64 && MemoryLayout<WorkloadRecord>.size == 32)
    let header = header.loadUnaligned(as: WorkloadHeader.self)
    // "LOBWKLD1"
    guard header.magic == 0x3144_4C4B_5742_4F4C, header.version == 1 else { return nil }
    let handle = UnsafeMutablePointer<Engine>.allocate(capacity: 1)
    do throws(BookError) {
        handle.initialize(to: try Engine(header, onTrade: onTrade, context: context))
    } catch {
        handle.deallocate()
        return nil
    }
    return UnsafeMutableRawPointer(handle)
}

/// Carries out one command: 0 accepted, 1 rejected.
@_cdecl("lobw_apply")
public func lobwApply(_ handle: UnsafeMutableRawPointer, _ record: UnsafeRawPointer) -> Int32 {
    Engine.apply(engine(handle), record.assumingMemoryBound(to: WorkloadRecord.self))
}

/// Tells every occupied price of a side, the best first.
@_cdecl("lobw_l2")
public func lobwL2(
    _ handle: UnsafeMutableRawPointer, _ instrument: UInt32, _ side: UInt32,
    _ onLevel: @convention(c) (UnsafeMutableRawPointer?, UInt32, UInt64) -> Void, _ context: UnsafeMutableRawPointer?
) {
    engine(handle).pointee.forEachLevel(
        instrument: instrument, side: bookSide(side), onLevel, context: context)
}

/// Writes the best price of a side and the lots there, and returns 1; returns 0 when the side is empty.
@_cdecl("lobw_best")
public func lobwBest(
    _ handle: UnsafeMutableRawPointer, _ instrument: UInt32, _ side: UInt32,
    _ priceTicks: UnsafeMutablePointer<UInt32>, _ quantityLots: UnsafeMutablePointer<UInt64>
) -> Int32 {
    guard let best = engine(handle).pointee.best(instrument: instrument, side: bookSide(side)) else { return 0 }
    priceTicks.pointee = best.priceTicks
    quantityLots.pointee = best.quantityLots
    return 1
}

/// Lots resting at one price of a side.
@_cdecl("lobw_depth_at")
public func lobwDepthAt(
    _ handle: UnsafeMutableRawPointer, _ instrument: UInt32, _ side: UInt32, _ priceTicks: UInt32
) -> UInt64 {
    engine(handle).pointee.volumeLots(instrument: instrument, side: bookSide(side), priceTicks: priceTicks)
}

/// Ends an engine and returns its memory.
@_cdecl("lobw_destroy")
public func lobwDestroy(_ handle: UnsafeMutableRawPointer) {
    engine(handle).deinitialize(count: 1)
    engine(handle).deallocate()
}
