/// What `Books.checkInvariants` found broken.
public enum BookFault: Error, Equatable, Sendable {
    /// A level's list has a wrong link, end or member, or its volume is not the sum of its orders.
    case level(instrument: UInt32, side: BookSide, priceTicks: UInt32)
    /// The bitmap does not say which levels have orders.
    case bitmap(instrument: UInt32, side: BookSide)
    /// The cached best price is not the best occupied one, or the cached number of orders is wrong.
    case ladder(instrument: UInt32, side: BookSide)
    /// An order is not in the id table, or something else is.
    case idTable(orderId: UInt64)
    /// The slots in use and the free ones are not all the slots.
    case slots
    /// An account's list is not its orders, ascending.
    case accountList(account: UInt32)
    /// An instrument's list is not its orders, ascending.
    case instrumentList(instrument: UInt32)
    /// A named order is not in the table of client order ids, or something else is.
    case clientTable(orderId: UInt64)
}
