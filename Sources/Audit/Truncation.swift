import Glibc
import Program

extension VerifierCommand {
    /// From now on a mapped file that is cut while it is read ends the process, as something that was not checked: in
    /// words or as an object.
    public static func handleTruncation(json: Bool = false) {
        if json {
            TruncationSignal.handle(
                "{\"exit\":2,\"verdict\":null,\"notChecked\":[\"a file was cut while it was read\"]}\n",
                on: STDOUT_FILENO, status: 2)
        } else {
            TruncationSignal.handle(
                "NOT CHECKED   a file was cut while it was read\n", on: STDOUT_FILENO, status: 2)
        }
    }
}
