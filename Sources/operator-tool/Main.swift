import Operator

@main
struct Main {
    static func main() { OperatorTool.main() }
}
