import Foundation

/// The percentile curve as an SVG: percentiles on a scale of nines, latency in microseconds, logarithmic.
struct PercentileChart {
    private static let width = 900.0, height = 480.0, left = 70.0, right = 20.0, top = 40.0, bottom = 50.0
    private static let colours = ["#1f6feb", "#8b949e", "#2da44e", "#bf8700"]
    let title: String
    let curves: [(name: String, figures: LatencyFigures)]

    /// The document.
    func svg() -> String {
        let points = curves.map { $0.figures.curve().filter { $0.percent < 100 && $0.nanoseconds > 0 } }
        let values = points.joined().map { Double($0.nanoseconds) / 1000 }
        let lowest = pow(10, floor(log10(max(values.min() ?? 1, 0.1))))
        let highest = pow(10, ceil(log10(max(values.max() ?? 10, lowest * 10))))
        let nines = max(3, points.joined().map { Self.nines($0.percent) }.max() ?? 3)
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" "
                + "font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            "<text x=\"\(Int(Self.left))\" y=\"20\" font-size=\"14\">\(Self.escaped(title))</text>",
        ]
        let scale = Scale(lowest: lowest, highest: highest, nines: nines)
        lines += grid(scale)
        for (index, curve) in points.enumerated() {
            let colour = Self.colours[index % Self.colours.count]
            let path = curve.map { point in
                "\(scale.x(Self.nines(point.percent))),\(scale.y(Double(point.nanoseconds) / 1000))"
            }.joined(separator: " ")
            lines.append("<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\" points=\"\(path)\"/>")
            lines.append(
                "<text x=\"\(Self.left + 10)\" y=\"\(Self.top + 16 + Double(index) * 16)\" fill=\"\(colour)\">"
                    + "\(Self.escaped(curves[index].name))</text>")
        }
        return lines.joined(separator: "\n") + "\n</svg>\n"
    }

    private struct Scale {
        let lowest: Double, highest: Double, nines: Double
        func x(_ value: Double) -> String {
            let span = PercentileChart.width - PercentileChart.left - PercentileChart.right
            return String(format: "%.1f", PercentileChart.left + span * value / nines)
        }
        func y(_ value: Double) -> String {
            let span = PercentileChart.height - PercentileChart.top - PercentileChart.bottom
            let part = log10(max(value, lowest) / lowest) / log10(highest / lowest)
            return String(format: "%.1f", PercentileChart.height - PercentileChart.bottom - span * part)
        }
    }

    private func grid(_ scale: Scale) -> [String] {
        var lines: [String] = []
        let (left, end) = (Self.left, Self.width - Self.right)
        var value = scale.lowest
        while value <= scale.highest * 1.001 {
            let y = scale.y(value)
            lines.append("<line x1=\"\(left)\" x2=\"\(end)\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#ddd\"/>")
            lines.append("<text x=\"\(left - 8)\" y=\"\(y)\" text-anchor=\"end\">\(String(format: "%g", value))</text>")
            value *= 10
        }
        for (percent, name) in [(0.0, "0"), (90, "90"), (99, "99"), (99.9, "99.9"), (99.99, "99.99")]
        where Self.nines(percent) <= scale.nines {
            let x = scale.x(Self.nines(percent))
            let base = Self.height - Self.bottom
            lines.append("<line x1=\"\(x)\" x2=\"\(x)\" y1=\"\(Self.top)\" y2=\"\(base)\" stroke=\"#ddd\"/>")
            lines.append("<text x=\"\(x)\" y=\"\(base + 18)\" text-anchor=\"middle\">\(name)</text>")
        }
        lines.append("<text x=\"\(end)\" y=\"\(Self.height - 10)\" text-anchor=\"end\">percentile; µs</text>")
        return lines
    }

    private static func nines(_ percent: Double) -> Double { -log10(max(1 - percent / 100, 1e-7)) }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
    }
}
