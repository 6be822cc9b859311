import Testing

@testable import Settlement

@Suite struct PublishedFileTests {
    @Test func onlyNamesOfPublishedFilesAreFiles() {
        let number = "00000000000000000001"
        for path in [
            ["checkpoint"], ["checkpoints", number], ["checkpoints", "index"], ["tile", "0", "000"],
            ["tile", "entries", "x001", "000.p", "7"],
            ["receipts", number], ["receipts", "keys"], ["da", number],
            ["snapshots", "index"], ["snapshots", number],
        ] {
            #expect(PublishedFile(path)?.name == path.joined(separator: "/"))
        }
        for path in [
            ["checkpoint", "1"], ["checkpoints", "1"], ["tile"], ["receipts", "keys.draft"], ["journal", "genesis"],
            ["receipts", number + "0"], ["da"], [], ["snapshots"], ["snapshots", number + ".draft"],
        ] {
            #expect(PublishedFile(path) == nil)
        }
        #expect(PublishedFile(["checkpoint"])?.contentType == "text/plain; charset=utf-8")
        #expect(PublishedFile(["tile", "0", "000"])?.contentType == "application/octet-stream")
        #expect(PublishedFile(["tile", "0", "000"])?.isImmutable == true)
        #expect(PublishedFile(["checkpoint"])?.isImmutable == false)
    }
}
