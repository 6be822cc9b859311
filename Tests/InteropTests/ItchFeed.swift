/// What PyPI's `itchfeed` makes of messages: a decoder that shares nothing with ours.
struct ItchFeed {
    /// An order that rests after all messages.
    struct Order: Hashable {
        let reference: UInt64
        let locate: UInt16
        let symbol: String
        let side: String
        let shares: UInt64
        let price: UInt64
    }

    /// Type letters, in order; `?` where it refused a message.
    let types: String
    /// Resting orders, first come first.
    let orders: [Order]
    /// Executed shares of all trades.
    let executedShares: UInt64
    /// The last state of each symbol.
    let states: [String: String]

    /// Decodes messages, and applies them to a book written in Python.
    init(_ messages: [String]) throws {
        let text = try Tools.run(
            Tools.python(), ["-c", Self.script], input: messages.map { $0 + "\n" }.joined())
        var types = "", orders: [Order] = [], executed: UInt64 = 0, states: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            switch parts[0] {
            case "types": types = parts[1]
            case "executed": executed = UInt64(parts[1])!
            case "state": states[parts[1]] = parts[2]
            default:
                orders.append(
                    Order(
                        reference: UInt64(parts[1])!, locate: UInt16(parts[2])!, symbol: parts[3], side: parts[4],
                        shares: UInt64(parts[5])!, price: UInt64(parts[6])!))
            }
        }
        (self.types, self.orders, executedShares, self.states) = (types, orders, executed, states)
    }

    private static let script = #"""
        import sys
        from itch.parser import MessageParser

        parser = MessageParser()
        types, book, states, executed = "", {}, {}, 0

        def take(reference, shares):
            book[reference][3] -= shares
            assert book[reference][3] >= 0
            if book[reference][3] == 0:
                del book[reference]

        for line in sys.stdin:
            raw = bytes.fromhex(line.strip())
            try:
                m = parser.get_message_type(raw)
                assert m.to_bytes() == raw, "what it writes is what it read"
            except (ValueError, AssertionError):
                types += "?"
                continue
            kind = m.message_type.decode()
            types += kind
            if kind == "A":
                assert m.order_reference_number not in book
                side, stock = m.buy_sell_indicator.decode(), m.stock.decode().rstrip()
                book[m.order_reference_number] = [m.stock_locate, stock, side, m.shares, m.price]
            elif kind in "EC":
                executed += m.executed_shares
                if m.order_reference_number in book:
                    take(m.order_reference_number, m.executed_shares)
            elif kind == "X" and m.order_reference_number in book:
                take(m.order_reference_number, m.cancelled_shares)
            elif kind == "D":
                book.pop(m.order_reference_number, None)
            elif kind == "U" and m.order_reference_number in book:
                locate, stock, side, _, _ = book.pop(m.order_reference_number)
                book[m.new_order_reference_number] = [locate, stock, side, m.shares, m.price]
            elif kind == "H":
                states[m.stock.decode().rstrip()] = m.trading_state.decode()
        print("types", types, sep="\t")
        print("executed", executed, sep="\t")
        for stock, state in states.items():
            print("state", stock, state, sep="\t")
        for reference, order in book.items():
            print("order", reference, *order, sep="\t")
        """#
}
