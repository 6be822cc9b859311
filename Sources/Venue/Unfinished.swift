import Book
import Wire

/// The command whose record is full, and where its work goes on (REC-5).
struct Unfinished {
    enum Work: UInt8 {
        case nothing
        case order
        case batch
        case massCancel
        case killSwitch
    }

    /// What goes on.
    var work = Work.nothing
    /// Sequence of the command's own record; 0 = nothing is unfinished.
    var cause: UInt64 = 0
    /// The order that is trading, of `order` or of a batch's last entry.
    var taker: Taker?
    /// Batch: the entry that is next.
    var nextEntry = 0
    /// Mass cancel, kill switch of an account: the order that is next, or none.
    var next = OrderSlot.none
    /// Mass cancel: what it asked for. Kill switch: the account.
    var account: UInt32 = 0
    var instrument = Null.u32
    var side: Side?
    /// Mass cancel: orders cancelled.
    var cancelled: UInt32 = 0
}
