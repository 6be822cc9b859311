import Testing
import Wire

@testable import Venue

@Suite struct BatchRules {
    @Test("BAT-1: entries come in order, each with its own outcome; what stands before them is judged once")
    func entries() {
        let venue = TestVenue.trading()
        venue.order(4, .sell, 3, at: 100)
        let told = venue.batch(
            3,
            [
                .new(.buy, 5, at: 100, as: 1), .replace(2, lots: 1, at: 100), .cancel(99),
                .new(.buy, 1, at: 100, as: 1),
                .cancel(2), .new(.buy, 1, at: 100, as: 1),
            ])
        #expect(
            told == [
                .accepted(order: 2, price: 100, lots: 5), .executed(taker: 2, maker: 1, price: 100, lots: 3),
                .rested(order: 2, price: 100, lots: 2),
                .replaced(from: 2, to: 2, price: 100, lots: 1, before: 2, .keptPriority), .rejected(.unknownOrder, 0),
                .rejected(.duplicateClientOrderId, 2), .cancelled(order: 2, lots: 1, .requested),
                .accepted(order: 3, price: 100, lots: 1), .rested(order: 3, price: 100, lots: 1),
            ])
        #expect(venue.batch(3, [.cancel(3), .cancel(3)], deadline: 1) == [.rejected(.deadlinePassed, venue.time)])
        venue.records[venue.records.count - 1].withUnsafeBytes {
            let told = RejectedMessage($0.baseAddress!)
            #expect(told.entry == Null.u16 && told.clientOrderId == Null.u64 && told.orderId == Null.u64)
        }
        #expect(venue.venue.books.orderCount == 1)
    }

    @Test("BAT-1: a batch that fills its record goes on with the entry, or the trade, that had no room")
    func splits() {
        let venue = TestVenue.trading()
        venue.checksEveryCommand = false
        for _ in 0..<1_200 { venue.order(4, .sell, 1, at: 100) }
        let before = venue.records.count
        let told = venue.batch(
            3,
            [
                .new(.buy, 507, at: 100, as: 1), .cancel(99), .new(.buy, 600, at: 100, as: 2), .cancel(98),
                .new(.buy, 1, at: 50, as: 3),
            ])
        // 508 effects, one more unit begins; the rest of the entries goes on.
        #expect(venue.records[before...].map(RecordRules.count) == [509, 509, 95])
        #expect(told.count == 508 + 1 + 601 + 1 + 2)
        #expect(told.last == .rested(order: 1_203, price: 50, lots: 1))
        #expect(venue.venue.pendingCause == nil)
        venue.check()
        // And the next batch begins with its own first entry.
        #expect(venue.batch(3, [.cancel(1_203)]) == [.cancelled(order: 1_203, lots: 1, .requested)])
    }

    /// An entry that BAT-2 refuses, and the offset within the entry.
    private func refused(
        _ offset: UInt64, _ entry: TestVenue.Entry, _ reason: Reason = .invalidField,
        change: @escaping (UnsafeMutableRawPointer) -> Void = { _ in }
    ) {
        let venue = TestVenue.trading()
        // The second entry: at 40 + 48.
        let told = venue.batch(3, [.cancel(1), entry]) { change($0 + 88) }
        #expect(told == [.rejected(.unknownOrder, 0), .rejected(reason, 88 + offset)])
    }

    @Test("BAT-2: the fields of a new order")
    func newFields() {
        let good = TestVenue.Entry.new(.buy, 1, at: 100, as: 1)
        func changed(_ change: (inout TestVenue.Entry) -> Void) -> TestVenue.Entry {
            var entry = good
            change(&entry)
            return entry
        }
        refused(0, good) { $0.storeBytes(of: 4, as: UInt8.self) }
        refused(1, changed { $0.side = nil })
        refused(2, changed { $0.orderType = nil })
        refused(2, changed { $0.orderType = .stop }, .unsupportedFeature)
        refused(3, changed { $0.timeInForce = nil })
        refused(3, changed { $0.timeInForce = .day }, .unsupportedFeature)
        refused(4, changed { $0.stp = nil })
        refused(5, good) { $0.storeBytes(of: 1, toByteOffset: 5, as: UInt8.self) }
        refused(6, changed { $0.flags = 4 })
        refused(6, changed { $0.flags = 2 }, .unsupportedFeature)
        refused(20, good) { $0.storeBytes(of: 1, toByteOffset: 20, as: UInt8.self) }
        refused(32, changed { $0.orderId = 1 })
        refused(40, changed { $0.newClientOrderId = 1 })
        // postOnly with a time in force that never rests (NEW-1 7).
        refused(6, changed { ($0.flags, $0.timeInForce) = (1, .immediateOrCancel) })
    }

    @Test("BAT-2: the fields of cancels and replaces; null counts as a number in a replace")
    func otherFields() {
        func cancel(_ change: (inout TestVenue.Entry) -> Void) -> TestVenue.Entry {
            var entry = TestVenue.Entry.cancel(1)
            change(&entry)
            return entry
        }
        refused(1, cancel { $0.side = .buy })
        refused(2, cancel { $0.orderType = .limit })
        refused(3, cancel { $0.timeInForce = .fillOrKill })
        refused(4, cancel { $0.stp = .cancelBoth })
        refused(6, cancel { $0.flags = 1 })
        refused(8, cancel { $0.instrument = 0 })
        refused(12, cancel { $0.price = 1 })
        refused(16, cancel { $0.lots = 1 })
        refused(40, cancel { $0.newClientOrderId = 5 })
        var replace = TestVenue.Entry.replace(1, lots: 1, at: 100)
        replace.flags = 2
        refused(6, replace)
        replace.flags = 0
        replace.instrument = 0
        refused(8, replace)
        let venue = TestVenue.trading()
        venue.order(3, .buy, 5, at: 100)
        #expect(venue.batch(3, [.replace(1, lots: Null.u32, at: 100)]) == [.rejected(.quantityTooLarge, 1_000_000)])
        #expect(venue.batch(3, [.replace(1, lots: 1, at: Null.u32)]) == [.rejected(.priceOutOfRange, 1_000)])
        var both = TestVenue.Entry.cancel(1)
        both.clientOrderId = 1
        #expect(venue.batch(3, [both]) == [.rejected(.orderIdInvalid, 0)])
    }
}
