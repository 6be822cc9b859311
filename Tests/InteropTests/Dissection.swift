import Foundation

/// What tshark's `moldudp64` dissector makes of a capture.
struct Dissection {
    /// One datagram.
    struct Packet {
        /// False: tshark could not make a MoldUDP64 packet of it.
        let isDecoded: Bool
        let destinationPort: UInt16
        let session: String
        let sequence: UInt64
        let count: UInt64
        /// Messages, hexadecimal.
        let messages: [String]
        /// What it found wrong; a comment, such as that a packet without messages is a request, is none.
        let complaints: String
    }

    let packets: [Packet]

    init(packets: [Packet]) { self.packets = packets }

    /// Dissects the datagrams from and to these ports.
    init(capture: URL, ports: [UInt16]) throws {
        let fields: [String] = [
            "moldudp64", "udp.dstport", "moldudp64.session", "moldudp64.sequence", "moldudp64.count",
            "moldudp64.msgdata", "_ws.malformed", "_ws.expert.severity", "_ws.expert.message",
        ]
        var arguments = ["-r", capture.path, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=,"]
        arguments += ["-Y", ports.map { "udp.port == \($0)" }.joined(separator: " || ")]
        for port in ports { arguments += ["-d", "udp.port==\(port),moldudp64"] }
        for field in fields { arguments += ["-e", field] }
        let text = try Tools.run(Tools.tshark(), arguments)
        packets = text.split(separator: "\n").map { (line: Substring) -> Packet in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let messages = parts[5].split(separator: ",").map { $0.filter { $0 != ":" } }
            let remarks = parts[7].split(separator: ",").count { Self.number(String($0)) > Self.comment }
            // The system may give a receiver one of the ports that traceroute begins with: that says nothing.
            let isWrong = remarks > (parts[8].contains("Possible traceroute: ") ? 1 : 0)
            return Packet(
                isDecoded: !parts[0].isEmpty, destinationPort: UInt16(parts[1]) ?? 0, session: parts[2],
                sequence: Self.number(parts[3]), count: Self.number(parts[4]),
                messages: messages,
                complaints: parts[6] + (isWrong ? parts[8] : ""))
        }
    }

    /// Severity of a comment; notes, warnings and errors are above it.
    private static let comment: UInt64 = 0x10_0000

    private static func number(_ text: String) -> UInt64 {
        text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) ?? 0 : UInt64(text) ?? 0
    }

    /// Packets that are wrong, or none.
    var faults: [Packet] { packets.filter { !$0.isDecoded || !$0.complaints.isEmpty } }

    /// The messages of a session by number. Nil when two packets do not agree.
    func messages(of session: String) -> [UInt64: String]? {
        var messages: [UInt64: String] = [:]
        for packet in packets where packet.session == session && packet.count != 0xFFFF {
            for (index, message) in packet.messages.enumerated() {
                let sequence = packet.sequence + UInt64(index)
                if let known = messages.updateValue(message, forKey: sequence), known != message { return nil }
            }
        }
        return messages
    }

    /// What the `soupbintcp` dissector finds wrong, and how many packets it reads, in the connections to a port.
    static func soup(capture: URL, port: UInt16) throws -> (packets: Int, complaints: String) {
        let text = try Tools.run(
            Tools.tshark(),
            [
                "-r", capture.path, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=,", "-d",
                "tcp.port==\(port),soupbintcp", "--disable-protocol", "ouch", "-Y", "soupbintcp", "-e",
                "soupbintcp.packet_type", "-e", "_ws.malformed", "-e", "_ws.expert.message",
            ])
        var packets = 0, complaints = ""
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            packets += parts[0].split(separator: ",").count
            // TCP's own remarks (a connection begins, ends) are not about the packets.
            let remarks = parts[2].split(separator: ",").filter { !$0.hasPrefix("Connection ") }
            complaints += parts[1] + remarks.joined()
        }
        return (packets, complaints)
    }

    /// Writes datagrams as a capture, all sent to one port.
    static func capture(_ datagrams: [[UInt8]], port: UInt16, to file: URL) throws {
        let text = datagrams.map { datagram in
            "000000 " + datagram.map { hexadecimal([$0]) }.joined(separator: " ") + "\n\n"
        }
        let hexFile = file.appendingPathExtension("hex")
        try Data(text.joined().utf8).write(to: hexFile)
        defer { try? FileManager.default.removeItem(at: hexFile) }
        _ = try Tools.run(Tools.text2pcap(), ["-q", "-u", "40000,\(port)", hexFile.path, file.path])
    }
}
