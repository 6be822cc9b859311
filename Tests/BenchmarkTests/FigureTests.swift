import Foundation
import Testing

@testable import Benchmark

@Suite struct FigureTests {
    private func figures() -> LatencyFigures {
        var figures = LatencyFigures()
        for value in 1...10_000 as ClosedRange<UInt64> { figures.record(value * 10) }
        return figures
    }

    @Test func percentilesAreThoseOfTheValues() {
        let figures = figures()
        for (percent, exact) in [(50.0, 50_000.0), (99.0, 99_000.0), (99.9, 99_900.0)] {
            let value = Double(figures.percentile(percent))
            #expect(abs(value - exact) <= exact / 1000, "\(percent) % is \(value), expected \(exact)")
        }
        #expect(figures.count == 10_000)
        #expect(LatencyFigures().p99 == 0 && LatencyFigures().maximum == 0)
    }

    @Test func whatTakesLongerThanAMinuteCountsAsAMinute() {
        var figures = LatencyFigures()
        figures.record(.max)
        figures.record(0)
        #expect(figures.count == 2)
        #expect(figures.maximum >= 60_000_000_000)
    }

    @Test func theChartIsWellFormed() {
        let chart = PercentileChart(title: "a < b & c", curves: [("one", figures()), ("two", LatencyFigures())])
        let parser = XMLLint(chart.svg())
        #expect(parser.isBalanced)
        #expect(chart.svg().contains("a &lt; b &amp; c"))
        #expect(chart.svg().contains("<polyline"))
    }

    @Test func theDistributionIsText() {
        let text = figures().hgrm()
        #expect(text.contains("Percentile") && text.contains("TotalCount"))
    }

    @Test func numbersAreGrouped() {
        #expect(grouped(1_234_567) == "1,234,567")
        #expect(grouped(-12) == "-12")
        #expect(microseconds(1_250) == "1.3")
        #expect(microsecondsDifference(1_000, 3_000) == "-2.0")
    }
}

/// Whether every tag that is opened is closed.
private struct XMLLint {
    let isBalanced: Bool

    init(_ text: String) {
        var open: [Substring] = []
        var isBalanced = true
        for part in text.split(separator: "<").map({ $0.prefix { $0 != ">" } }) {
            let name = part.prefix { $0 != " " && $0 != "/" || $0 == part.first }
            if part.hasSuffix("/") { continue }
            if part.hasPrefix("/") {
                if open.popLast() != part.dropFirst() { isBalanced = false }
            } else {
                open.append(name)
            }
        }
        self.isBalanced = isBalanced && open.isEmpty
    }
}
