import Foundation
import Glibc

/// One call that changed files, or made changes durable.
enum FileOperation: Equatable {
    /// A file that is opened to be made; one that is there stays.
    case create(String)
    case write(String, offset: Int, [UInt8])
    /// A file that has another length now.
    case truncate(String, Int)
    case makeDirectory(String)
    case rename(String, to: String)
    case remove(String)
    /// fsync or fdatasync of a file or a directory: what the operations before `began` did to it is durable.
    case synchronize(String, began: Int)
    /// syncfs: the same for everything.
    case synchronizeAll(began: Int)
}

/// The file operations of processes, one process after the other, in the order in which strace saw them end.
struct FileTrace {
    private(set) var operations: [FileOperation]
    /// Calls that have begun and not ended: their text so far and what had ended before, by thread.
    private var unfinished: [String: (call: TracedCall, began: Int)] = [:]
    /// Where the next `write` of a descriptor goes.
    private var offsets: [String: Int] = [:]

    /// - Parameter operations: what was done before.
    init(after operations: [FileOperation] = []) { self.operations = operations }

    /// strace in front of a process, writing to a file what `add` reads.
    ///
    /// - Parameter kill: a call, and the number of it in any one thread at which the process is killed.
    static func tracer(_ path: String, kill: (call: String, number: Int)? = nil) -> [String] {
        let calls = "openat,lseek,write,pwrite64,ftruncate,rename,fsync,fdatasync,syncfs,mkdir,unlink,rmdir"
        let command = [Strace.path, "-D", "-f", "-q", "-y", "-xx", "-s", "33554432", "-o", path]
        let injection = kill.map { ["-e", "inject=\($0.call):signal=KILL:when=\($0.number)"] } ?? []
        return command + ["-e", "trace=\(calls)"] + injection
    }

    /// Adds what a process did that has ended, once all of it is written.
    mutating func add(_ path: String, process: Int32) throws {
        var bytes = Data()
        try waitUntil("the end of the trace") {
            bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let last = String(decoding: bytes.suffix(200), as: UTF8.self).split(separator: "\n").last ?? ""
            // The number is padded to five places.
            return last.split(separator: " ").prefix(2) == ["\(process)", "+++"]
        }
        (unfinished, offsets) = ([:], [:])
        bytes.withUnsafeBytes { bytes in
            var start = bytes.baseAddress!
            let end = start + bytes.count
            while start < end, let newline = memchr(start, 10, end - start) {
                let line = UnsafeRawBufferPointer(start: start, count: UnsafeRawPointer(newline) - start)
                take(TracedCall(line))
                start = UnsafeRawPointer(newline) + 1
            }
        }
    }

    private mutating func take(_ part: TracedCall) {
        let words = part.text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard words.count == 2, !words[1].hasPrefix("+++"), !words[1].hasPrefix("---") else { return }
        let thread = String(words[0])
        var call = part
        call.text = words[1].drop { $0 == " " }.description
        var began = operations.count
        if let mark = call.text.range(of: " <unfinished ...>") {
            call.text = String(call.text[..<mark.lowerBound])
            unfinished[thread] = (call, began)
            return
        }
        if call.text.hasPrefix("<..."), let beginning = unfinished.removeValue(forKey: thread) {
            began = beginning.began
            call.text = beginning.call.text + call.text[call.text.range(of: "resumed>")!.upperBound...]
            call.strings = beginning.call.strings + call.strings
            call.paths = beginning.call.paths + call.paths
        }
        guard let mark = call.text.range(of: ") ", options: .backwards),
            let result = call.text[mark.upperBound...].drop(while: { $0 == " " || $0 == "=" }).split(separator: " ")
                .first
                .flatMap({ Int($0) }), result >= 0
        else { return }
        add(call, result, began)
    }

    /// The last argument of a call, a number.
    private static func last(_ text: String) -> Int {
        let end = text.range(of: ")", options: .backwards)!.lowerBound
        return Int(text[..<end].split(separator: " ").last!)!
    }

    private mutating func add(_ call: TracedCall, _ result: Int, _ began: Int) {
        let name = call.text.prefix { $0 != "(" }
        let descriptor = String(call.text.dropFirst(name.count + 1).prefix { $0.isNumber })
        // Of a call by descriptor the path is what strace found behind it.
        let path = call.paths.first ?? ""
        let strings = call.strings
        switch name {
        case "openat":
            offsets[String(result)] = 0
            if call.text.contains("O_CREAT") { operations.append(.create(TracedCall.text(strings[0]))) }
        case "write":
            operations.append(.write(path, offset: offsets[descriptor] ?? 0, Array(strings[0].prefix(result))))
            offsets[descriptor, default: 0] += result
        case "pwrite64":
            operations.append(.write(path, offset: Self.last(call.text), Array(strings[0].prefix(result))))
        case "lseek": offsets[descriptor] = result
        case "ftruncate": operations.append(.truncate(path, Self.last(call.text)))
        case "mkdir": operations.append(.makeDirectory(TracedCall.text(strings[0])))
        case "rename":
            operations.append(.rename(TracedCall.text(strings[0]), to: TracedCall.text(strings[1])))
        case "unlink", "rmdir": operations.append(.remove(TracedCall.text(strings[0])))
        case "fsync", "fdatasync": operations.append(.synchronize(path, began: began))
        case "syncfs": operations.append(.synchronizeAll(began: began))
        default: break
        }
    }
}

/// A line of strace with `-y -xx`: its text without the strings and the paths behind descriptors, and those.
struct TracedCall {
    var text = ""
    var strings: [[UInt8]] = []
    var paths: [String] = []

    init(_ line: UnsafeRawBufferPointer) {
        var (offset, plain) = (0, [UInt8]())
        while offset < line.count {
            let byte = line[offset]
            let isPath = byte == UInt8(ascii: "<") && offset + 1 < line.count && line[offset + 1] == UInt8(ascii: "\\")
            guard byte == UInt8(ascii: "\"") || isPath else {
                plain.append(byte)
                offset += 1
                continue
            }
            let mark = Int32(UInt8(ascii: isPath ? ">" : "\""))
            let start = line.baseAddress! + offset + 1
            guard let end = memchr(start, mark, line.count - offset - 1) else { break }
            let count = UnsafeRawPointer(end) - start
            let bytes = Self.decode(UnsafeRawBufferPointer(start: start, count: count))
            if isPath { paths.append(Self.text(bytes)) } else { strings.append(bytes) }
            offset += count + 2
        }
        text = String(decoding: plain, as: UTF8.self)
    }

    /// Bytes as text.
    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// `\x2f\x61` and so on.
    private static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        func digit(_ byte: UInt8) -> UInt8 { byte < 58 ? byte &- 48 : byte &- 87 }
        return [UInt8](unsafeUninitializedCapacity: text.count / 4) { bytes, count in
            count = text.count / 4
            for index in 0..<count { bytes[index] = digit(text[4 * index + 2]) << 4 | digit(text[4 * index + 3]) }
        }
    }
}
