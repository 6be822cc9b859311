import Testing
import Wire

@testable import OrderEntry

private let rules = SessionRules(
    negotiateTimeout: 5000, frameTimeout: 10_000, heartbeat: 1000, badSignaturesMax: 3, accountsMax: 2)
private let challenge = Bytes32(1, 2, 3, 4)

private struct Driver {
    var session = Session(challenge: challenge, rules: rules, now: 0)
    var attached: [UInt32: Attached] = [:]

    mutating func take(_ content: [UInt8]) -> SessionAction {
        let memory = Memory(content)
        return withExtendedLifetime(memory) {
            session.take(memory.bytes, rules: rules, accounts: attached.count) { attached[$0] ?? .not }
        }
    }

    /// An established session of account 7.
    static func established() -> Driver {
        var driver = Driver()
        #expect(driver.take(negotiate()) == .challenge)
        #expect(driver.take(logon(challenge: challenge)) == .logon)
        driver.attached[7] = .trading
        driver.session.logonAnswered()
        #expect(driver.take(establish()) == .establish)
        return driver
    }
}

@Suite struct SessionTests {
    @Test func negotiateLogonEstablishOrderTerminate() {
        var driver = Driver.established()
        #expect(driver.session.state == .established)
        #expect(driver.take(newOrder() + signature) == .command)
        #expect(driver.take(batch(entries: 128) + signature) == .command)
        #expect(driver.take(heartbeat()) == .ignore)
        #expect(driver.take(terminate()) == .terminate(.logout))
        driver.session.terminate()
        #expect(driver.take(newOrder() + signature) == .ignore, "nothing more is taken")
    }

    @Test func nothingComesBeforeNegotiate() {
        var driver = Driver()
        driver.attached[7] = .trading
        for content in [logon(challenge: challenge), establish(), newOrder() + signature] {
            #expect(driver.take(content) == .refuse(.notEstablished, expected: 0))
        }
        #expect(driver.take(heartbeat()) == .ignore)
    }

    @Test func commandsWaitForEstablish() {
        var driver = Driver()
        _ = driver.take(negotiate())
        driver.attached[7] = .trading
        #expect(driver.take(newOrder() + signature) == .refuse(.notEstablished, expected: 0))
        #expect(driver.take(negotiate()) == .refuse(.notEstablished, expected: 0), "once only")
    }

    @Test func establishWaitsForItsLogons() {
        var driver = Driver()
        _ = driver.take(negotiate())
        #expect(driver.take(establish()) == .refuse(.accountNotAttached, expected: 0), "nobody has signed")
        #expect(driver.take(logon(challenge: challenge)) == .logon)
        #expect(driver.take(establish()) == .hold)
        driver.session.logonAnswered()
        driver.attached[7] = .trading
        #expect(driver.take(establish()) == .establish)
        #expect(driver.take(logon(account: 8, challenge: challenge)) == .refuse(.notEstablished, expected: 0))
        #expect(driver.take(establish()) == .refuse(.notEstablished, expected: 0))
    }

    @Test func negotiateNamesVersionAndHeartbeat() {
        var driver = Driver()
        #expect(driver.take(negotiate(version: 2)) == .refuse(.unsupportedVersion, expected: 1))
        #expect(driver.take(negotiate(heartbeatMilliseconds: 99)) == .refuse(.invalidField, expected: 12))
        #expect(driver.take(negotiate(heartbeatMilliseconds: 60_001)) == .refuse(.invalidField, expected: 12))
        var reserved = negotiate()
        reserved[10] = 1
        #expect(driver.take(reserved) == .refuse(.invalidField, expected: 10))
        #expect(driver.take(negotiate(heartbeatMilliseconds: 250)) == .challenge)
        #expect(driver.session.heartbeat == 250_000_000)
    }

    @Test func logonRefusals() {
        var driver = Driver()
        _ = driver.take(negotiate())
        #expect(driver.take(logon(challenge: .zero)) == .refuse(.challengeMismatch, expected: 0))
        #expect(
            driver.take(logon(challenge: challenge, flags: .cancelOnDisconnect))
                == .refuse(.unsupportedOption, expected: 0))
        #expect(
            driver.take(logon(challenge: challenge, flags: LogonFlags(rawValue: 1 << 9)))
                == .refuse(.unsupportedOption, expected: 0))
        var reserved = logon(challenge: challenge)
        reserved[28] = 1
        #expect(driver.take(reserved) == .refuse(.invalidField, expected: 28))
        #expect(driver.take(logon(account: 7, challenge: challenge)) == .logon)
        driver.attached[7] = .trading
        driver.session.logonAnswered()
        #expect(driver.take(logon(account: 8, challenge: challenge, flags: .dropCopy)) == .logon)
        #expect(
            driver.take(logon(account: 9, challenge: challenge)) == .refuse(.tooManyAccounts, expected: 2),
            "one is attached, one on its way, two may be")
    }

    @Test func onlyAccountsThatSignedMaySpeak() {
        var driver = Driver.established()
        #expect(driver.take(newOrder(account: 8) + signature) == .refuse(.accountNotAttached, expected: 0))
        driver.attached[8] = .dropCopy
        #expect(driver.take(newOrder(account: 8) + signature) == .refuse(.readOnlySession, expected: 0))
    }

    @Test func structureIsRefusedBeforeAnythingElse() {
        var driver = Driver.established()
        var unknown = newOrder() + signature
        unknown[2] = 99
        #expect(driver.take(unknown) == .refuse(.unknownTemplate, expected: 0))
        var schema = newOrder() + signature
        schema[4] = 9
        #expect(driver.take(schema) == .refuse(.unknownTemplate, expected: 0))
        var journal = newOrder() + signature
        journal[4] = 2
        #expect(driver.take(journal) == .refuse(.unknownTemplate, expected: 0), "the node's own messages")
        var version = newOrder() + signature
        version[6] = 1
        #expect(driver.take(version) == .refuse(.unsupportedVersion, expected: 0))
        #expect(driver.take(newOrder()) == .refuse(.invalidLength, expected: 0), "no signature")
        #expect(driver.take(newOrder() + signature + [0]) == .refuse(.invalidLength, expected: 0))
        #expect(driver.take(heartbeat() + signature) == .refuse(.invalidLength, expected: 0))
        #expect(driver.take([72, 0, 40, 0, 1, 0, 0, 0]) == .refuse(.invalidLength, expected: 0))
        #expect(driver.take([1, 2]) == .refuse(.invalidLength, expected: 0))
        #expect(driver.take(message(16) { EstablishMessage.encode(at: $0) }) != .command)
    }

    @Test func messagesOfTheServerAreOutOfPlace() {
        var driver = Driver.established()
        let established = message(EstablishedMessage.size) {
            EstablishedMessage.encode(at: $0, sessionId: 1, accounts: 1)
        }
        #expect(driver.take(established) == .refuse(.notEstablished, expected: 0))
    }

    @Test func garbageIsRefusedOrIgnoredAndNeverTaken() {
        var generator = SeededGenerator(3)
        for _ in 0..<5000 {
            var driver = Driver.established()
            var content = newOrder() + signature
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                content[Int.random(in: 0..<8, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let template = UInt16(content[2]) | UInt16(content[3]) << 8
            let header = [72, 0, content[2], content[3], 1, 0, 0, 0] as [UInt8]
            // Other commands of the same length are commands.
            if content.starts(with: header), Template.orderEntryBlockLength(template) == 72 { continue }
            guard case .refuse = driver.take(content) else {
                Issue.record("\(content.prefix(8)) was taken")
                continue
            }
        }
    }

    @Test func badSignaturesAreCounted() {
        var session = Session(challenge: challenge, rules: rules, now: 0)
        #expect(session.countBadSignature(rules) == false)
        #expect(session.countBadSignature(rules) == false)
        #expect(session.countBadSignature(rules) == true, "the third is one too many")
    }
}

@Suite struct SessionTimerTests {
    @Test func negotiateInTime() {
        var session = Session(challenge: challenge, rules: rules, now: 100)
        #expect(session.timer(rules, now: 5099, isHeldBack: false) == .none, "heartbeats begin with Established")
        #expect(session.timer(rules, now: 5100, isHeldBack: false) == .terminate(.negotiationTimeout))
    }

    @Test func anEstablishedSessionHasNoNegotiation() {
        var driver = Driver.established()
        driver.session.received(now: 60_000, isInsideFrame: false)
        driver.session.sent(now: 60_000)
        #expect(driver.session.timer(rules, now: 60_001, isHeldBack: false) == .none)
    }

    @Test func heartbeatsBothWays() {
        var driver = Driver.established()
        #expect(driver.session.timer(rules, now: 999, isHeldBack: false) == .none)
        #expect(driver.session.timer(rules, now: 1000, isHeldBack: false) == .heartbeat)
        driver.session.sent(now: 1000)
        #expect(driver.session.timer(rules, now: 1999, isHeldBack: false) == .none)
        #expect(driver.session.timer(rules, now: 3000, isHeldBack: false) == .terminate(.heartbeatTimeout))
        driver.session.received(now: 3000, isInsideFrame: false)
        #expect(driver.session.timer(rules, now: 3000, isHeldBack: false) == .heartbeat)
    }

    /// One byte a second keeps the session alive for the heartbeat, and not for the frame.
    @Test func aFrameHasToEnd() {
        var driver = Driver.established()
        for second in 1...9 as ClosedRange<UInt64> {
            driver.session.received(now: second * 1000, isInsideFrame: true)
            driver.session.sent(now: second * 1000)
            #expect(driver.session.timer(rules, now: second * 1000, isHeldBack: false) == .none)
        }
        driver.session.received(now: 10_500, isInsideFrame: true)
        driver.session.sent(now: 10_500)
        #expect(driver.session.timer(rules, now: 10_999, isHeldBack: false) == .none)
        #expect(driver.session.timer(rules, now: 11_000, isHeldBack: false) == .terminate(.protocolError))
    }

    @Test func aNewFrameHasItsOwnTime() {
        var driver = Driver.established()
        driver.session.received(now: 1000, isInsideFrame: true)
        driver.session.frameCompleted()
        driver.session.received(now: 9000, isInsideFrame: true)
        driver.session.sent(now: 11_500)
        #expect(driver.session.timer(rules, now: 11_500, isHeldBack: false) == .none)
    }

    @Test func whoIsNotReadIsNotSilent() {
        var driver = Driver.established()
        driver.session.received(now: 100, isInsideFrame: true)
        driver.session.sent(now: 20_000)
        #expect(driver.session.timer(rules, now: 20_000, isHeldBack: true) == .none)
        #expect(driver.session.timer(rules, now: 20_001, isHeldBack: false) == .none, "its time begins again")
    }

    @Test func aSessionThatEndsHasNoTimers() {
        var driver = Driver.established()
        driver.session.terminate()
        #expect(driver.session.timer(rules, now: 1_000_000, isHeldBack: false) == .none)
    }
}
