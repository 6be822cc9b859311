import Testing

@testable import OrderEntry

@Suite struct AttachmentTableTests {
    /// Against sets, at random.
    @Test func agreesWithSets() {
        var generator = SeededGenerator(4)
        var table = AttachmentTable(sessions: 6, perSession: 3, accounts: 5)
        var model: [Int: [UInt32]] = [:]
        for _ in 0..<20_000 {
            let session = Int.random(in: 0..<6, using: &generator)
            if Int.random(in: 0..<5, using: &generator) == 0 {
                table.detachAll(session)
                model[session] = nil
            } else {
                let account = UInt32.random(in: 0..<6, using: &generator)
                let place = table.attach(session, account: account, dropCopy: false)
                let known = model[session, default: []]
                let fits = account < 5 && (known.contains(account) || known.count < 3)
                #expect((place != AttachmentTable.none) == fits)
                if fits, !known.contains(account) { model[session, default: []].append(account) }
            }
            for account in 0..<5 as Range<UInt32> {
                var sessions: Set<Int> = [], next = table.first(account: account)
                while next != AttachmentTable.none {
                    let attachment = table.read(next)
                    #expect(attachment.account == account)
                    #expect(sessions.insert(Int(attachment.session)).inserted, "each session once")
                    next = attachment.next
                }
                #expect(sessions == Set(model.filter { $0.value.contains(account) }.keys))
            }
        }
    }

    @Test func aSecondLogonChangesTheKind() {
        var table = AttachmentTable(sessions: 1, perSession: 2, accounts: 10)
        let first = table.attach(0, account: 3, dropCopy: false)
        #expect(table.attach(0, account: 3, dropCopy: true) == first && table.count(0) == 1)
        #expect(table.read(first).isDropCopy)
        table.update(first) { $0.liveAfter = 9 }
        #expect(table.read(table.find(0, account: 3)).liveAfter == 9)
        #expect(table.find(0, account: 4) == AttachmentTable.none)
        #expect(table.first(account: 999) == AttachmentTable.none)
    }
}
