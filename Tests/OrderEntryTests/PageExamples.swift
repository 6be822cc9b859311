import Cryptography
import Wire

@testable import OrderEntry

/// The examples of OrderEntry.md, made from the codec: name and text.
struct PageExamples {
    private static let account: UInt32 = 7
    private static let time: UInt64 = 1_800_000_000_000_000_000
    private static let challenge = pattern(0xC0)
    private static let venueId = pattern(0x00)
    private static let key = SigningKey(seed: pattern(0x40))
    private static let prefixes = Prefixes(venue: hash(venueId))

    static var all: [(name: String, text: String)] {
        [("keys", keys)] + clientFrames + serverFrames
    }

    private static var keys: String {
        let purpose = { (name: String, value: Hash256) in
            "BLAKE2b-256(\"glassbook/1/\(name)\" ‖ venue id)\n        \(value.hexadecimal)"
        }
        return """
            seed    \(hex(bytes(pattern(0x40))).joined())
            public  \(key.publicKey.bytes.hexadecimal)
            venue   \(hex(bytes(venueId)).joined())
            logon prefix    = \(purpose("logon", prefixes.logon))
            command prefix  = \(purpose("command", prefixes.command))
            """
    }

    private static var clientFrames: [(String, String)] {
        let logon = message(LogonMessage.size) {
            LogonMessage.encode(
                at: $0, account: account, keySlot: 1, flags: [], resumeSequence: 0, resumeIndex: 0,
                challenge: challenge)
        }
        let order = message(NewOrderMessage.size) {
            NewOrderMessage.encode(
                at: $0, account: account, keySlot: 1, nonce: 42, deadline: 0, instrument: 0, side: .buy,
                orderType: .limit, timeInForce: .goodTillCancel, selfTradePrevention: .cancelTaker,
                clientOrderId: 1001, priceTicks: 100_000, quantityLots: 25, expiry: Null.u64,
                displayLots: Null.u32, minimumLots: Null.u32, stopPriceTicks: Null.u32, flags: [])
        }
        return [
            ("Negotiate", annotate(negotiate())), ("Logon", annotate(logon, sign(logon, prefixes.logon))),
            ("Establish", annotate(establish())), ("NewOrder", annotate(order, sign(order, prefixes.command))),
            ("Heartbeat", annotate(message(HeartbeatMessage.size) { HeartbeatMessage.encode(at: $0, time: time) })),
        ]
    }

    private static var serverFrames: [(String, String)] {
        var session = Session(
            challenge: challenge,
            rules: SessionRules(
                negotiateTimeout: 1, frameTimeout: 1, heartbeat: 1_000_000_000, badSignaturesMax: 1, accountsMax: 1),
            now: 0)
        session.terminate()
        let refused = newOrder(account: account, nonce: 41, clientOrderId: 1000)
        return [
            (
                "Challenge",
                server {
                    SessionReplies.challenge(
                        at: $0, session, venueId: venueId, sessionId: 12, time: time, durability: .journaled)
                }
            ),
            (
                "LogonAccepted",
                server {
                    SessionReplies.logonAccepted(at: $0, account: account, keySlot: 1, nonceMark: 41, sequence: 90)
                }
            ),
            (
                "LogonRejected",
                server { SessionReplies.logonRejected(at: $0, account: account, reason: .badSignature) }
            ),
            ("Established", server { SessionReplies.established(at: $0, sessionId: 12, accounts: 1) }),
            (
                "ResumeComplete",
                server { SessionReplies.resumeComplete(at: $0, account: account, throughSequence: 90) }
            ),
            ("OrderAccepted", server { accepted(at: $0) }),
            (
                "CommandRejected",
                refused.withUnsafeBytes { content in
                    server {
                        SessionReplies.refusal(
                            at: $0, content.baseAddress!, count: content.count, reason: .nonceTooLow, expected: 42)
                    }
                }
            ),
            ("Terminate", server { SessionReplies.terminate(at: $0, reason: .logout) }),
        ]
    }

    /// The reply to the NewOrder above, as record 91.
    private static func accepted(at place: UnsafeMutableRawPointer) -> Int {
        let effect = message(AcceptedMessage.size) {
            AcceptedMessage.encode(
                at: $0, account: account, instrument: 0, orderId: 5, clientOrderId: 1001, priceTicks: 100_000,
                quantityLots: 25, side: .buy, orderType: .limit, timeInForce: .goodTillCancel,
                selfTradePrevention: .cancelTaker, entry: Null.u16)
        }
        let record = Record(sequence: 91, effects: [effect])
        return withExtendedLifetime(record) {
            var context = CommandContext()
            context.enter(record.view)
            var cursor = ReplyCursor(record.view, context)
            return cursor.next()!.encode(at: place, durability: .journaled, resent: false)
        }
    }

    private static func sign(_ message: [UInt8], _ prefix: Hash256) -> [UInt8] {
        let signature = (prefix.withUnsafeBytes { [UInt8]($0) } + message).withUnsafeBytes { key.sign($0) }
        return withUnsafeBytes(of: signature) { [UInt8]($0) }
    }

    private static func server(_ encode: (UnsafeMutableRawPointer) -> Int) -> String {
        let memory = Memory(256)
        let count = encode(memory.base)
        return annotate([UInt8](memory.bytes[FrameHeader.size..<count]))
    }

    /// A frame, field by field: offset in the frame, bytes, name and value.
    private static func annotate(_ content: [UInt8], _ signature: [UInt8] = []) -> String {
        let whole = frame(content + signature)
        let template = UInt16(content[2]) | UInt16(content[3]) << 8
        let table = FieldTables.orderEntry.first { $0.templateId == template }!
        var lines =
            row(0, whole[0..<4], "frame length = \(whole.count)")
            + row(4, whole[4..<6], "encoding = SBE 1.0, little-endian")
        for (index, name) in ["block length", "template = \(table.name)", "schema", "version"].enumerated() {
            let place = FrameHeader.size + index * 2
            let value = Int(whole[place]) | Int(whole[place + 1]) << 8
            lines += row(place, whole[place..<place + 2], index == 1 ? name : "\(name) = \(value)")
        }
        for field in table.fields {
            let place = FrameHeader.size + field.offset
            lines += row(place, whole[place..<place + field.size], describe(field, whole[place..<place + field.size]))
        }
        if !signature.isEmpty { lines += row(whole.count - 64, whole[(whole.count - 64)...], "signature") }
        return lines.joined(separator: "\n")
    }

    private static func describe(_ field: FieldDescription, _ bytes: ArraySlice<UInt8>) -> String {
        guard field.size <= 8 else { return field.name }
        let value = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        if field.optional, bytes.allSatisfy({ $0 == 0xFF }) { return "\(field.name) = null" }
        if field.type == "Reason", let reason = Reason(rawValue: UInt16(value)) {
            return "\(field.name) = \(value), \(reason)"
        }
        let name = FieldTables.enumNames[field.type]?[value].map { ", \($0)" } ?? ""
        return "\(field.name) = \(value)\(name)"
    }

    /// At most 16 bytes a line; the text stands in the first.
    private static func row(_ offset: Int, _ bytes: ArraySlice<UInt8>, _ text: String) -> [String] {
        stride(from: 0, to: bytes.count, by: 16).map { start in
            let piece = bytes.dropFirst(start).prefix(16)
            let column = hex([UInt8](piece)).joined(separator: " ")
            let place = String(offset + start)
            let line = String(repeating: " ", count: 4 - place.count) + place + "  " + column
            if start > 0 { return line }
            return line + String(repeating: " ", count: 49 - column.count) + text
        }
    }

    /// 32 bytes that count up.
    private static func pattern(_ first: UInt8) -> Bytes32 {
        (0..<32).map { first + UInt8($0) }.withUnsafeBytes { Bytes32(from: $0.baseAddress!) }
    }

    private static func bytes(_ value: Bytes32) -> [UInt8] { withUnsafeBytes(of: value) { [UInt8]($0) } }
    private static func hash(_ value: Bytes32) -> Hash256 {
        withUnsafeBytes(of: value) { Hash256(loading: $0.baseAddress!) }
    }

    private static func hex(_ bytes: [UInt8]) -> [String] {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    }
}

extension SigningKey {
    convenience init(seed: Bytes32) {
        let memory = Memory(withUnsafeBytes(of: seed) { [UInt8]($0) })
        self.init(seed: UnsafeRawPointer(memory.base))
        withExtendedLifetime(memory) {}
    }
}
