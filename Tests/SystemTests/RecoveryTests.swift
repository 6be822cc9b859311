import Cryptography
import Foundation
import Glibc
import Testing
import Wire

@Suite struct RecoveryTests {
    @Test func aKilledNodeGoesOnWithEverythingThatItAnswered() throws {
        let venue = try VenueFixture()
        let market = Market()
        var node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        var nonce: UInt64 = 0
        var answered: [UInt64: UInt64] = [:]
        for _ in 0..<3 {
            let client = try market.client(node.orderEntryPort, venue)
            for _ in 0..<20 {
                nonce += 1
                let message = Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: nonce)
                try client.send(message, by: market.seller)
                let answer = try client.receive()
                #expect(answer.template == Template.orderAccepted)
                answered[nonce] = answer.sequence
            }
            node.killNow()
            node = try NodeProcess(venue.configurationFile)
        }
        #expect(node.stop() == 0, "\(node.errorText)")
        let content = try JournalContent(venue.directory + "/journal")
        for (nonce, sequence) in answered {
            let entry = content.entries[Int(sequence) - 1]
            #expect(entry.command.withUnsafeBytes { CommandHeader($0.baseAddress!).nonce } == nonce)
        }
        #expect(content.entries.filter { $0.kind == .restart }.count == 3)
    }

    @Test func aCommandThatWasNotDoneIsFinishedAtTheNextStart() throws {
        let venue = try VenueFixture()
        let market = Market()
        let node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        let client = try market.client(node.orderEntryPort, venue)
        for nonce in 1...1200 as ClosedRange<UInt64> {
            try client.send(
                Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: nonce), by: market.seller)
        }
        for _ in 1...1200 { #expect(try client.receive().template == Template.orderAccepted) }
        try client.send(Commands.massCancel(Market.sellerAccount, nonce: 2000), by: market.seller)
        #expect(try client.receive(Template.commandAccepted).withMessage { CommandAcceptedMessage($0).value } == 1200)
        #expect(node.stop() == 0)
        let whole = try JournalContent(venue.directory + "/journal")
        let cause = whole.entries.count - 3
        #expect(whole.entries.suffix(2).map(\.kind) == [.continuation, .continuation])

        // The journal as a kill between the records leaves it.
        for kept in [cause + 1, cause + 2] {
            try Self.cut(venue.directory + "/journal", after: UInt64(kept))
            let again = try NodeProcess(venue.configurationFile)
            #expect(again.stop() == 0, "\(again.errorText)")
            let recovered = try JournalContent(
                venue.directory + "/journal", stateThrough: UInt64(whole.entries.count))
            #expect(Array(recovered.entries.prefix(whole.entries.count)) == whole.entries)
            #expect(recovered.entries.last?.kind == .restart)
            #expect(recovered.stateHash == whole.stateHash)
        }
    }

    @Test func aStartThatDiesBeforeItsRestartRecordLeavesItsEpochToTheNext() throws {
        let venue = try VenueFixture()
        let market = Market()
        let node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        let client = try market.client(node.orderEntryPort, venue)
        for nonce in 1...1200 as ClosedRange<UInt64> {
            try client.send(
                Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: nonce), by: market.seller)
        }
        for _ in 1...1200 { #expect(try client.receive().template == Template.orderAccepted) }
        try client.send(Commands.massCancel(Market.sellerAccount, nonce: 2000), by: market.seller)
        #expect(try client.receive(Template.commandAccepted).withMessage { CommandAcceptedMessage($0).value } == 1200)
        #expect(node.stop() == 0)
        let journal = venue.directory + "/journal"
        let cause = try UInt64(JournalContent(journal).entries.count - 2)

        // The first kill leaves the command alone, each later one what a start wrote before its restart record.
        for kept in [cause, cause + 1, cause + 1, cause + 2, cause + 2] {
            try Self.cut(journal, after: kept)
            let again = try NodeProcess(venue.configurationFile)
            #expect(again.stop() == 0, "\(again.errorText)")
            let content = try JournalContent(journal)
            #expect(content.entries.suffix(4).map(\.kind) == [.command, .continuation, .continuation, .restart])
            #expect(content.epochs.suffix(4) == [1, 2, 2, 2], "kept through \(kept)")
            let audit = try venue.audit()
            #expect(audit.status == 0, "kept through \(kept): \(audit.output)")
        }
        // The epoch after that is the next.
        let next = try NodeProcess(venue.configurationFile)
        #expect(next.stop() == 0, "\(next.errorText)")
        #expect(try JournalContent(journal).epochs.last == 3)
        let audit = try venue.audit()
        #expect(audit.status == 0, "\(audit.output)")
    }

    @Test func damageRefusesTheStartAndSaysWhere() throws {
        let venue = try VenueFixture()
        let node = try NodeProcess(venue.configurationFile)
        #expect(node.stop() == 0)
        let segment = venue.directory + "/journal/00000000000000000001.segment"
        var data = try Data(contentsOf: URL(fileURLWithPath: segment))
        // Within the effects or the command of the genesis record.
        data[4096 + 120] ^= 1
        try data.write(to: URL(fileURLWithPath: segment))
        let refused = try NodeProcess.run(["--config", venue.configurationFile])
        #expect(refused.status == 3)
        #expect(refused.errors.contains("00000000000000000001.segment at offset 4096, sequence 1"), "\(refused.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: segment)) == data, "nothing is changed")
    }

    @Test func repliesAtLevelDurableSaySo() throws {
        let venue = try VenueFixture(changing: [("durability", "\"durable\"")])
        let market = Market()
        let node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        let client = try market.client(node.orderEntryPort, venue)
        for nonce in 1...20 as ClosedRange<UInt64> {
            try client.send(Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: nonce), by: market.seller)
            let answer = try client.receive()
            #expect(answer.durability == .durable)
            let mark = try DurableFile.sequence(venue.directory + "/journal")
            #expect(mark >= answer.sequence, "the mark is published before the answer")
        }
        #expect(node.stop() == 0)
    }

    /// Cuts a journal of one segment behind a record, and takes the durable mark away, as if neither had been written.
    static func cut(_ directory: String, after sequence: UInt64) throws {
        let path = directory + "/00000000000000000001.segment"
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        var offset = 4096
        data.withUnsafeBytes { bytes in
            while true {
                let record = RecordView(bytes.baseAddress! + offset)
                offset += record.length
                if record.sequence == sequence { break }
            }
        }
        data.resetBytes(in: offset..<data.count)
        try data.write(to: URL(fileURLWithPath: path))
        try FileManager.default.removeItem(atPath: directory + "/durable")
    }
}

/// The file `durable`, as the journal's page describes it.
enum DurableFile {
    static func sequence(_ directory: String) throws -> UInt64 {
        let data = try Data(contentsOf: URL(fileURLWithPath: directory + "/durable"))
        return data.withUnsafeBytes { bytes in
            max(
                bytes.loadUnaligned(fromByteOffset: 512, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 1024, as: UInt64.self))
        }
    }
}
