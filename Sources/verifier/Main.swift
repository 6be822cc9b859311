import Audit

@main
struct Main {
    static func main() {
        VerifierCommand.handleTruncation()
        VerifierCommand.main()
    }
}
