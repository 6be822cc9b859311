import JournalTool
import Program

@main
struct Main {
    static func main() {
        TruncationSignal.handle("journal: a segment was cut while it was read, or the disk failed\n", status: 1)
        JournalCommand.execute()
    }
}
