import Proof
import Settings

/// What witnesses remember of this log, asked once at a start, before anything is signed.
enum WitnessCheck {
    /// Asks all of them at once, which takes no longer than one may. One that is away says nothing: what it has is seen
    /// when it is asked to cosign.
    ///
    /// - Throws: `contradiction`; what keeps the log itself from its start.
    static func run(_ context: FollowerContext) throws(SettlementError) {
        let witnesses = context.settings.settlement.witnesses
        if witnesses.isEmpty { return }
        let keys = try LogKeys(context)
        let known = try LogCore.knownHead(context, LogCore.publishedHead(context, keys), keys)
        let heads = WitnessedHeads(context)
        for question in try ask(context, witnesses) {
            let failure: String
            switch question.answer {
            case .empty?: continue
            case .note(let bytes)?:
                switch heads.judge(bytes, of: question.name, known: known) {
                case .holds: continue
                case .worthless(let reason): failure = reason
                case .contradiction(let error): throw error
                }
            case .failed(let reason)?: failure = reason
            case nil: failure = "was not asked"
            }
            context.log.warning("witness \(question.name), at the start: \(failure)")
        }
    }

    private static func ask(
        _ context: FollowerContext, _ witnesses: [WitnessSettings]
    ) throws(SettlementError) -> [WitnessQuestion] {
        var questions: [WitnessQuestion] = []
        for witness in witnesses { questions.append(WitnessQuestion(try WitnessClient(context, witness))) }
        let threads = questions.map { _ in ThreadHolder() }
        for (index, question) in questions.enumerated() {
            try threads[index].start("ask-\(index)") { question.ask() }
        }
        for thread in threads { thread.join() }
        return questions
    }
}

/// One witness that is asked on a thread, which is joined before the answer is looked at.
private final class WitnessQuestion: @unchecked Sendable {
    private let client: WitnessClient
    private(set) var answer: WitnessClient.Latest?
    var name: String { client.name }

    init(_ client: WitnessClient) { self.client = client }

    func ask() { answer = client.latest() }
}
