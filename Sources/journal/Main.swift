import JournalTool

@main
struct Main {
    static func main() { JournalCommand.main() }
}
