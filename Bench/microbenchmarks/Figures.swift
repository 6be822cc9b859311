/// A measured figure, and the bar that it is held against.
struct Figure {
    /// What a figure has to be, to hold.
    enum Bar {
        case none
        case atLeast(Double)
        case atMost(Double)
    }

    /// As `--json` names it.
    let name: String
    let value: Double
    let unit: String
    var bar = Bar.none

    /// Whether the bar is reached; true without one.
    var holds: Bool {
        switch bar {
        case .none: true
        case .atLeast(let least): value >= least
        case .atMost(let most): value <= most
        }
    }

    private var barText: String {
        switch bar {
        case .none: "-"
        case .atLeast(let least): "≥ \(decimal(least))"
        case .atMost(let most): "≤ \(decimal(most))"
        }
    }

    private var barNumber: String {
        switch bar {
        case .none: "null"
        case .atLeast(let number), .atMost(let number): decimal(number)
        }
    }

    /// Prints figures as a table, or as the list of `{name, value, unit, bar, holds}` that `tools/bench` gathers.
    static func show(_ figures: [Figure], json: Bool) {
        if json {
            let rows = figures.map {
                "  {\"name\": \"\($0.name)\", \"value\": \(decimal($0.value)), \"unit\": \"\($0.unit)\", "
                    + "\"bar\": \($0.barNumber), \"holds\": \($0.holds)}"
            }
            return print("[\n\(rows.joined(separator: ",\n"))\n]")
        }
        for figure in figures {
            let holds = if case .none = figure.bar { "" } else { figure.holds ? "holds" : "falls short" }
            print(
                pad(figure.name, 34) + pad(decimal(figure.value), 12, left: true) + " " + pad(figure.unit, 20)
                    + pad(figure.barText, 10) + holds)
        }
    }

    private static func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
        let room = String(repeating: " ", count: max(width - text.count, 0))
        return left ? room + text : text + room
    }
}

/// Two decimals.
func decimal(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
}

/// The middle of some runs.
func median(_ runs: Int, _ measure: () throws -> Double) rethrows -> Double {
    var values: [Double] = []
    for _ in 0..<max(runs, 1) { values.append(try measure()) }
    values.sort()
    return values[values.count / 2]
}
