import Proof
import Testing

/// Names of published files that are called by a number.
@Suite struct NumberedFileTests {
    @Test("a number and its name", arguments: [0, 1, 16_385, 1 << 63, UInt64.max])
    func name(_ number: UInt64) {
        let name = NumberedFile.name(number)
        #expect(name.utf8.count == 20 && name.hasSuffix("\(number)"))
        #expect(NumberedFile.number(name) == number)
    }

    @Test(
        "what is no such name",
        arguments: [
            "", "1", "0000000000000000001", "000000000000000000001", "+0000000000000000001", "-0000000000000000001",
            "0000000000000000000a", "18446744073709551616", "0000000000000000001.", "٠٠٠٠٠٠٠٠٠٠",
        ])
    func none(_ name: String) { #expect(NumberedFile.number(name) == nil) }

    @Test("a checkpoint's size is above 0 and below 2^63")
    func sizes() {
        let sizes = [0, 1, (1 << 63) - 1, 1 << 63] as [UInt64]
        #expect(sizes.map { CheckpointFiles.size(NumberedFile.name($0)) } == [nil, 1, (1 << 63) - 1, nil])
    }
}
