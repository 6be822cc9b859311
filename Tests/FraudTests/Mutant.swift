/// One place of the sources that is made wrong: what stands between `before` and what follows is replaced.
struct Mutant: CustomStringConvertible, Sendable {
    /// Chosen by it, from 1.
    let number: Int
    /// What is wrong then, in words.
    let name: String
    /// Under Sources.
    let file: String
    /// Text before the place: together with `original` it stands in the file exactly once.
    let before: String
    /// The expression, or with `isStatement` the statements, that stand there.
    let original: String
    /// What they become.
    let mutated: String
    let isStatement: Bool
    /// What the auditor says: `effects` at the first record whose effects differ, `state-root` at the first commitment.
    let verdict: String

    init(
        _ number: Int, _ name: String, _ file: String, _ before: String, _ original: String, _ mutated: String,
        isStatement: Bool = false, verdict: String = "effects"
    ) {
        self.number = number
        self.name = name
        self.file = file
        self.before = before
        self.original = original
        self.mutated = mutated
        self.isStatement = isStatement
        self.verdict = verdict
    }

    var description: String { "\(number): \(name)" }

    /// The text with the place replaced by a choice.
    func apply(to text: String) throws -> String {
        let target = before + original
        let ranges = text.ranges(of: target)
        guard ranges.count == 1 else {
            throw MutantError(
                "mutant \(number): \(ranges.count) places of Sources/\(file) read \"\(target)\", expected one")
        }
        let choice =
            isStatement
            ? "if mutation_active() == \(number) { \(mutated) } else { \(original) }"
            : "(mutation_active() == \(number) ? (\(mutated)) : (\(original)))"
        return text.replacing(target, with: before + choice)
    }
}

struct MutantError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
