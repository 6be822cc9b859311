import Foundation
import Testing

@testable import Wire

/// Our bytes, read by the `sbe` package of PyPI from the published schemas: whoever writes a client that way reads them
/// as we mean them.
@Suite("Others' SBE decoder")
struct IndependentDecoderTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL

    /// Every message of both schemas with every field set, in order, to values that tell fields apart.
    @Test(arguments: ["order-entry.xml", "journal.xml"])
    func readsEveryField(schema: String) throws {
        let orderEntry = schema == "order-entry.xml"
        let messages = orderEntry ? FieldTables.orderEntry : FieldTables.journal
        let sent = messages.map { filled($0, schema: orderEntry ? 1 : 2) }
        let read = try decode(schema, sent.map(\.bytes))
        try #require(read.count == messages.count)
        for ((message, sent), read) in zip(zip(messages, sent), read) {
            #expect(read.name == message.name)
            for field in message.fields {
                #expect(read.fields[field.name] == sent.values[field.name], "\(message.name).\(field.name)")
            }
        }
    }

    @Test func readsWhatTheCodecWrites() throws {
        var order = [UInt8](repeating: 0, count: NewOrderMessage.size)
        order.withUnsafeMutableBytes {
            NewOrderMessage.encode(
                at: $0.baseAddress!, account: 7, keySlot: 1, nonce: 101, deadline: 0, instrument: 2, side: .sell,
                orderType: .limit, timeInForce: .goodTillCancel, selfTradePrevention: .decrementBoth,
                clientOrderId: 55, priceTicks: 100_000, quantityLots: 25, expiry: Null.u64, displayLots: Null.u32,
                minimumLots: Null.u32, stopPriceTicks: Null.u32, flags: [.postOnly])
        }
        let entries = 3
        var batch = [UInt8](repeating: 0, count: BatchMessage.size + entries * BatchEntry.size)
        batch.withUnsafeMutableBytes {
            BatchMessage.encode(
                at: $0.baseAddress!, account: 7, keySlot: 0, nonce: 102, deadline: 9, entryCount: UInt16(entries))
            for entry in 0..<entries {
                BatchEntry.encode(
                    at: $0.baseAddress! + BatchMessage.size + entry * BatchEntry.size, kind: .cancel, side: nil,
                    orderType: nil, timeInForce: nil, selfTradePrevention: nil, flags: 0, instrument: Null.u32,
                    priceTicks: Null.u32, quantityLots: Null.u32, clientOrderId: Null.u64,
                    orderId: UInt64(entry + 1), newClientOrderId: Null.u64)
            }
        }
        let read = try decode("order-entry.xml", [order, batch])
        try #require(read.count == 2)
        #expect(read[0].fields["side"] == "sell" && read[0].fields["flags"] == "postOnly")
        #expect(read[0].fields["selfTradePrevention"] == "decrementBoth" && read[0].fields["nonce"] == "101")
        #expect(read[0].fields["priceTicks"] == "100000" && read[0].fields["expiry"] == "\(UInt64.max)")
        #expect(read[1].fields["entries"] == "3" && read[1].fields["entries.2.orderId"] == "3")
        #expect(read[1].fields["entries.0.kind"] == "cancel" && read[1].fields["entries.0.side"] == "None")
    }

    private func filled(_ message: MessageDescription, schema: UInt16) -> (bytes: [UInt8], values: [String: String]) {
        var bytes = Message.header(message.blockLength, message.templateId, schema, 0)
        var values: [String: String] = [:]
        for (index, field) in message.fields.enumerated() {
            let number = UInt64(message.templateId) << 32 | UInt64(index + 1) << 16 | UInt64(index + 1)
            switch field.type {
            case "int64", "int32", "uint64", "uint32", "uint16", "uint8", "Reason":
                let value = field.size == 8 ? number : number & (1 << (8 * UInt64(field.size)) - 1)
                bytes += (0..<field.size).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
                values[field.name] = String(value)
            case "symbol", "char4", "bytes32", "bytes64":
                let text = String(repeating: Character(UnicodeScalar(UInt8(65 + index))), count: field.size)
                bytes += Array(text.utf8)
                values[field.name] = text
            case let type where type.hasSuffix("Flags"):
                bytes += [1] + [UInt8](repeating: 0, count: field.size - 1)
                values[field.name] =
                    [
                        "KeyFlags": "custodial", "LogonFlags": "dropCopy", "OrderFlags": "postOnly",
                        "ReplaceFlags": "losePriority", "ReplacedFlags": "keptPriority",
                    ][type]
            default:
                bytes += [1] + [UInt8](repeating: 0, count: field.size - 1)
                values[field.name] =
                    [
                        "Side": "buy", "OrderType": "market", "TimeInForce": "goodTillCancel",
                        "SelfTradePrevention": "cancelTaker", "TradingState": "closed", "FeeMode": "quote",
                        "VenueKeyPurpose": "venueOperator", "LimitScope": "account", "BalanceCause": "deposit",
                        "Durability": "journaled", "Liquidity": "maker", "TerminationReason": "logout",
                        "BatchEntryKind": "new",
                    ][field.type]
            }
        }
        if message.templateId == Template.batch, schema == MessageHeader.orderEntrySchema {
            bytes += [UInt8(BatchEntry.size), 0, 0, 0]
        }
        return (bytes, values)
    }

    struct Decoded {
        var name: String
        var fields: [String: String]
    }

    /// One line a message in hexadecimal goes in; one line `NAME field=value …`, separated by tabs, comes out.
    private func decode(_ schema: String, _ messages: [[UInt8]]) throws -> [Decoded] {
        let python = Self.root.appending(path: ".build/python/bin/python3")
        try #require(FileManager.default.fileExists(atPath: python.path), "run tools/setup --tests")
        let process = Process()
        process.executableURL = python
        process.arguments = ["-c", Self.script, Self.root.appending(path: "Sources/Wire/\(schema)").path]
        let input = Pipe(), output = Pipe()
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        let lines = messages.map { $0.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "\n" }
        try input.fileHandleForWriting.write(contentsOf: Data(lines.joined().utf8))
        try input.fileHandleForWriting.close()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return text.split(separator: "\n").map { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let fields = parts.dropFirst().map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
            return Decoded(name: parts[0], fields: Dictionary(uniqueKeysWithValues: fields.map { ($0[0], $0[1]) }))
        }
    }

    /// The package takes arrays of characters only, and wants a type of its own behind every number: the schema is
    /// rewritten accordingly, which changes neither order nor sizes.
    private static let script = #"""
        import io, re, sys
        import sbe

        text = open(sys.argv[1]).read()
        numbers = ("uint8", "uint16", "uint32", "uint64", "int32", "int64")
        types = "".join(f'<type name="{n}_t" primitiveType="{n}"/>' for n in numbers)
        text = re.sub(r'(<field [^>]*type=")(u?int\d+)"', r'\1\2_t"', text.replace("<types>", "<types>" + types, 1))
        text = re.sub(r'(<type name="bytes\d+" primitiveType=)"uint8"', r'\1"char" characterEncoding="ASCII"', text)
        schema = sbe.Schema.parse(io.BytesIO(text.encode()))

        def show(value):
            return ",".join(value) if isinstance(value, list) else str(value)

        for line in sys.stdin:
            message = schema.decode(bytes.fromhex(line.strip()))
            out = [message.message_name]
            for name, value in message.value.items():
                if isinstance(value, list) and (not value or isinstance(value[0], dict)) and name == "entries":
                    out.append(f"{name}={len(value)}")
                    for index, entry in enumerate(value):
                        out += [f"{name}.{index}.{key}={show(item)}" for key, item in entry.items()]
                else:
                    out.append(f"{name}={show(value)}")
            print("\t".join(out))
        """#
}
