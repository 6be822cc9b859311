import Testing

@testable import Settings

/// Every key, one after the other: missing, of another type, out of range, misspelt.
@Suite struct KeyTests {
    @Test("the table of ranges has every key of the shipped file, and no other")
    func rangesAreTotal() {
        let keys = KeyRange.all.map(\.key)
        #expect(keys.sorted() == Configuration.leaves.map(Configuration.name).sorted())
        #expect(KeyRange.all.allSatisfy { !$0.taken.isEmpty })
        // Nothing is out of a boolean's range.
        #expect(KeyRange.all.filter(\.refused.isEmpty).allSatisfy { $0.taken.first == .boolean(true) })
    }

    @Test("a missing key is named", arguments: Configuration.leaves + Configuration.tables.filter(\.isKey))
    func missing(place: Configuration.Place) throws {
        let error = try #require(Configuration.error([(place, nil)]))
        guard case .missing(let key, let expected) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(key == Configuration.name(place))
        #expect(!expected.isEmpty)
        #expect(error.code == 3)
    }

    @Test("a value of another type is named, with what was expected", arguments: Configuration.leaves)
    func wrongType(place: Configuration.Place) throws {
        let others: [TOMLTree] = [
            .float(1.5), .boolean(true), .time, .integer(1), .string("x"), .array([.boolean(false)]), .table([:]),
        ]
        let right = Configuration.value(place).typeName
        for other in others where other.typeName != right || right == "a list" {
            let error = try #require(Configuration.error([(place, other)]), "\(other)")
            guard case .wrongType(let key, let expected, let found) = error else {
                Issue.record("\(error)")
                return
            }
            // In a list it is the element that is wrong.
            #expect(key == Configuration.name(place) || key == Configuration.name(place) + "[0]")
            #expect(!expected.isEmpty && found.hasPrefix("a"))
            #expect(error.code == 5)
        }
    }

    @Test("a table that is something else is named", arguments: Configuration.tables)
    func notATable(place: Configuration.Place) throws {
        let error = try #require(Configuration.error([(place, .integer(1))]))
        #expect(error.key == Configuration.name(place))
        #expect(error.code == 5)
    }

    @Test("values outside the range are refused with key, range and value", arguments: KeyRange.all)
    func outOfRange(range: KeyRange) throws {
        for value in range.refused {
            let error = try #require(Configuration.error(range.key, value), "\(value)")
            guard case .invalid(let key, let expected, let found) = error else {
                Issue.record("\(value): \(error)")
                continue
            }
            #expect(key.hasPrefix(range.key))
            #expect(!expected.isEmpty && !found.isEmpty)
            #expect(error.code == 6)
            #expect(error.description.contains(key))
        }
    }

    @Test("values at the edges of the range are taken", arguments: KeyRange.all)
    func inRange(range: KeyRange) {
        for value in range.taken {
            var changes = [(Configuration.place(range.key), Optional(value))]
            // What has to follow so that the rest still fits.
            switch range.key {
            case "venue.asset[0].id", "venue.asset[0].symbol", "venue.instrument[0].symbol": break
            case "venue.orders_max": changes.append((Configuration.place("venue.open_orders_max"), .integer(1)))
            case "venue.instrument[0].taker_fee":
                changes.append((Configuration.place("venue.instrument[0].maker_fee"), .integer(0)))
            case "venue.instrument[0].price_max":
                changes.append((Configuration.place("venue.instrument[0].price_multiplier"), .integer(1)))
            case "settlement.checkpoint_interval_ms":
                changes.append((Configuration.place("venue.promise_seconds"), .integer(86_400)))
            case "venue.promise_seconds":
                changes.append((Configuration.place("settlement.checkpoint_interval_ms"), .integer(10)))
            case "thread[0].core":
                changes.append((Configuration.place("thread[1].core"), .integer(-1)))
            default: break
            }
            #expect(Configuration.error(changes) == nil, "\(value)")
        }
    }

    @Test("a misspelt key is named, with the key that was meant", arguments: Configuration.leaves)
    func misspelt(place: Configuration.Place) throws {
        guard case .key(let key) = place.last! else { preconditionFailure() }
        let wrong = Array(place.dropLast()) + [.key(key + "x")]
        let error = try #require(Configuration.error([(wrong, Configuration.value(place)), (place, nil)]))
        #expect(
            error == .unknown(key: Configuration.name(wrong), suggestion: Configuration.name(place)))
        #expect(error.code == 4)
    }

    @Test("a key too much is named, in every table", arguments: Configuration.tables.filter { !$0.isList } + [[]])
    func unknown(place: Configuration.Place) throws {
        let extra = place + [.key("unheard_of_and_unlike")]
        let error = try #require(Configuration.error([(extra, .integer(1))]))
        #expect(error == .unknown(key: Configuration.name(extra), suggestion: nil))
    }
}

extension Configuration.Place {
    /// Whether it ends in a key and not in a place of a list.
    fileprivate var isKey: Bool { if case .key = last { true } else { false } }
    /// Whether it is a list of tables.
    fileprivate var isList: Bool {
        if case .array = Configuration.value(self) { true } else { false }
    }
}
