/// The header of a workload file, as Bench/workload/lobw.h lays it out: 64 bytes.
struct WorkloadHeader {
    /// "LOBWKLD1", read as a little-endian number.
    var magic: UInt64
    var version: UInt32
    /// Instruments are 0 ..< this.
    var instruments: UInt32
    /// Records that follow.
    var commands: UInt64
    /// The first of them, which only fill the books.
    var prefillCommands: UInt64
    /// Order ids are 1 ... this.
    var orderIdMax: UInt64
    var minPriceTicks: UInt32
    var maxPriceTicks: UInt32
    var seed: UInt64
    var reserved: UInt64
}

/// One command of a workload file, as Bench/workload/lobw.h lays it out: 32 bytes.
struct WorkloadRecord {
    var operation: UInt8
    /// 0 buy, 1 sell.
    var side: UInt8
    var instrument: UInt16
    /// New, immediate or cancel and replace: the limit; else 0.
    var priceTicks: UInt32
    /// New and immediate or cancel: lots; replace: the replacement's lots; reduce: lots to take off; cancel: 0.
    var quantityLots: UInt32
    var flags: UInt32
    /// New and immediate or cancel: the order's id; else the id of the order it is about.
    var orderId: UInt64
    /// Replace: the id of the replacement; else 0.
    var replacementOrderId: UInt64

    static var new: UInt8 { 1 }
    static var immediateOrCancel: UInt8 { 2 }
    static var cancel: UInt8 { 3 }
    static var replace: UInt8 { 4 }
    static var reduce: UInt8 { 5 }
}
