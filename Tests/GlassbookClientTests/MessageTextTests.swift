import Cryptography
import Testing
import Wire

@testable import GlassbookClient

/// Messages as text: every field by its name in the schema, none that is absent, nothing that only a debugger prints.
@Suite struct MessageTextTests {
    @Test func aCommandIsItsFields() {
        #expect(
            CommandBody.newOrder(.market(.sell, 25, instrument: 3, clientOrderId: 7)).description
                == "NewOrder instrument=3 side=sell orderType=market timeInForce=immediateOrCancel "
                + "selfTradePrevention=cancelTaker clientOrderId=7 quantityLots=25 flags=0")
        #expect(CommandBody.cancelOrder(.orderId(9)).description == "CancelOrder orderId=9")
        #expect(CommandBody.massCancel().description == "MassCancel")
        #expect(CommandBody.killSwitch(account: nil, isEngaged: true).description == "KillSwitch engage=1")
        #expect(
            CommandBody.deposit(to: 3, asset: 1, amount: 5, reference: Bytes32(1, 0, 0, 0x0200_0000_0000_0000))
                .description
                == "Deposit target=3 asset=1 amount=5 reference=01" + String(repeating: "00", count: 30) + "02")
    }

    @Test func signedNumbersAndTextsAreRead() {
        var limits = LimitChange(.instrument, 2)
        limits.makerFee = -50
        #expect(CommandBody.setLimits(limits).description == "SetLimits scope=instrument target=2 makerFee=-50")
        let asset = CommandBody.listAsset(4, symbol: "XYZ", decimals: 2).description
        #expect(asset == "ListAsset asset=4 decimals=2 symbol=XYZ")
        // What cannot be written says why.
        let wrong = CommandBody.listAsset(4, symbol: "MUCHTOOLONG", decimals: 2).description
        #expect(wrong.hasPrefix("ListAsset (invalid command: "))
    }

    @Test func aBatchIsItsEntries() {
        let batch = CommandBody.batch([.cancel(.clientOrderId(5)), .cancel(.orderId(6))])
        #expect(
            batch.description
                == "Batch entry0{kind=cancel flags=0 clientOrderId=5} entry1{kind=cancel flags=0 orderId=6}")
    }

    @Test func aReplyIsItsHeadAndItsFields() {
        let refusal = CommandRejected(
            clientOrderId: nil, orderId: nil, nonce: 12, reasonCode: Reason.referenceUsed.rawValue, expected: 0,
            template: Template.deposit)
        var reply = Reply(
            number: ReplyNumber(sequence: 91, index: 2), account: 1, time: 5, entry: nil, durability: .durable,
            isResent: false, body: .commandRejected(refusal))
        #expect(
            reply.description
                == "CommandRejected account=1 sequence=91 index=2 durability=durable command=Deposit nonce=12 code=68 "
                + "reason=referenceUsed expected=0")
        reply.isResent = true
        reply.entry = 3
        reply.body = .commandAccepted(
            CommandAccepted(nonce: 1, subject: Null.u32, template: Template.killSwitch, value: 0))
        #expect(
            reply.description
                == "CommandAccepted account=1 sequence=91 index=2 entry=3 durability=durable resent=1 "
                + "command=KillSwitch nonce=1")
    }

    @Test func whatThisClientDoesNotKnowStandsThereByNumber() {
        #expect(
            Message.logonRejected(account: 7, reasonCode: 999).description
                == "LogonRejected account=7 code=999 reason=999")
        #expect(MessageText.name(9_999) == "template9999")
    }
}
