import Testing
import Wire

@testable import OrderEntry

@Suite struct FrameReaderTests {
    /// Feeds chunks and collects the contents of the frames, until the first fault.
    private func read(_ chunks: [[UInt8]]) -> (frames: [[UInt8]], fault: FrameFault?, inside: Bool) {
        let memory = Memory(FrameReader.memoryBytes)
        var reader = FrameReader(memory: memory.base)
        var frames: [[UInt8]] = []
        for chunk in chunks {
            let piece = Memory(chunk)
            var input = piece.bytes
            reading: while true {
                switch reader.next(&input) {
                case .frame(let content): frames.append([UInt8](content))
                case .needMore: break reading
                case .fault(let fault): return (frames, fault, reader.isInsideFrame)
                }
            }
            #expect(input.isEmpty, "all input is taken")
        }
        return (frames, nil, reader.isInsideFrame)
    }

    private func refusal(_ content: [UInt8], signature: Int) -> Reason? {
        content.withUnsafeBytes { MessageStructure.refusal($0.baseAddress!, count: content.count - signature) }
    }

    private let contents = [
        newOrder() + signature, heartbeat(), batch(entries: Limits.batchEntriesMax) + signature, terminate(),
    ]

    @Test func wholeFramesAreHandedOutWhereTheyStand() {
        let memory = Memory(FrameReader.memoryBytes)
        var reader = FrameReader(memory: memory.base)
        let stream = Memory(contents.flatMap { frame($0) })
        var input = stream.bytes
        for content in contents {
            guard case .frame(let found) = reader.next(&input) else {
                Issue.record("a frame was expected")
                return
            }
            #expect([UInt8](found) == content)
            #expect(found.baseAddress! >= stream.bytes.baseAddress! && found.baseAddress! < stream.base + stream.count)
        }
    }

    @Test func splitAnywhere() {
        let stream = frame(newOrder() + signature) + frame(heartbeat())
        for cut in 0...stream.count {
            let result = read([[UInt8](stream[..<cut]), [UInt8](stream[cut...])])
            #expect(result.frames == [newOrder() + signature, heartbeat()], "cut at \(cut)")
            #expect(result.fault == nil && !result.inside)
        }
    }

    @Test func oneByteAtATime() {
        let stream = contents.flatMap { frame($0) }
        #expect(read(stream.map { [$0] }).frames == contents)
    }

    @Test func randomSplits() {
        var generator = SeededGenerator(1)
        let stream = (0..<40).flatMap { frame(contents[$0 % contents.count]) }
        for _ in 0..<200 {
            var chunks: [[UInt8]] = [], rest = stream[...]
            while !rest.isEmpty {
                let count = min(rest.count, Int.random(in: 1...9000, using: &generator))
                chunks.append([UInt8](rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let result = read(chunks)
            #expect(result.frames.count == 40 && result.fault == nil)
            #expect(result.frames == (0..<40).map { contents[$0 % contents.count] })
        }
    }

    @Test func aTruncatedFrameIsWaitedFor() {
        let whole = frame(newOrder() + signature)
        for count in 1..<whole.count {
            let result = read([[UInt8](whole[..<count])])
            #expect(result.frames.isEmpty && result.fault == nil && result.inside, "\(count) bytes")
        }
    }

    @Test func lengthsAreJudgedByTheHeaderAlone() {
        func header(_ length: UInt32, _ encoding: UInt16 = FrameHeader.sbeLittleEndian) -> [UInt8] {
            withUnsafeBytes(of: length.bigEndian) { [UInt8]($0) }
                + withUnsafeBytes(of: encoding.bigEndian) { [UInt8]($0) }
        }
        #expect(read([header(UInt32(Limits.frameBytesMax))]).fault == nil)
        #expect(read([header(UInt32(Limits.frameBytesMax) + 1)]).fault == .tooLong)
        #expect(read([header(.max)]).fault == .tooLong)
        #expect(read([header(UInt32(FrameReader.frameBytesMin))]).fault == nil)
        for length in 0..<UInt32(FrameReader.frameBytesMin) { #expect(read([header(length)]).fault == .tooShort) }
        #expect(read([header(100, 0x5BE0)]).fault == .encoding, "big-endian SBE is not spoken")
        // The same when the header comes in pieces.
        #expect(read(header(.max).map { [$0] }).fault == .tooLong)
        #expect(read([[UInt8](header(.max)[..<5])]).fault == nil)
    }

    /// A length that ends inside its message: the next frame would begin in the middle of it.
    @Test func anOverlappingFrameLosesTheStream() {
        var overlapping = frame(newOrder() + signature)
        let short = UInt32(overlapping.count - 30)
        withUnsafeBytes(of: short.bigEndian) { overlapping.replaceSubrange(0..<4, with: $0) }
        let result = read([overlapping + frame(heartbeat())])
        #expect(result.frames.count == 1, "its beginning, which no structure check accepts")
        #expect(refusal(result.frames[0], signature: 64) != nil)
        #expect(result.fault == .encoding)
    }

    /// A length that reaches into the next frame: that one is never seen.
    @Test func aFrameThatSwallowsTheNextIsOneFrame() {
        var long = frame(heartbeat())
        let both = UInt32(long.count + frame(terminate()).count)
        withUnsafeBytes(of: both.bigEndian) { long.replaceSubrange(0..<4, with: $0) }
        let result = read([long + frame(terminate())])
        #expect(result.frames.count == 1 && result.fault == nil)
        #expect(refusal(result.frames[0], signature: 0) == .invalidLength)
    }

    @Test func garbageNeverReadsBeyondItself() {
        var generator = SeededGenerator(2)
        for _ in 0..<2000 {
            let count = Int.random(in: 0...200, using: &generator)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Half of them look like a frame at first.
            if count >= 6, Bool.random(using: &generator) {
                let length = UInt32.random(in: 0...300, using: &generator)
                withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(0..<4, with: $0) }
                bytes.replaceSubrange(4..<6, with: [0xEB, 0x50])
            }
            let whole = read([bytes]), single = read(bytes.map { [$0] })
            #expect(whole.frames == single.frames && whole.fault == single.fault)
        }
    }

    @Test func aFrameThatWasPutBackComesAgain() {
        let memory = Memory(FrameReader.memoryBytes)
        var reader = FrameReader(memory: memory.base)
        let stream = Memory(frame(newOrder() + signature) + frame(heartbeat()))
        for cut in [0, 3, 6, 50, 150, 156] {
            var first = UnsafeRawBufferPointer(rebasing: stream.bytes[..<cut])
            var rest = UnsafeRawBufferPointer(rebasing: stream.bytes[cut...])
            while case .frame = reader.next(&first) {}
            for _ in 0..<3 {
                guard case .frame(let content) = reader.next(&rest) else { break }
                let bytes = [UInt8](content)
                reader.putBack(content, into: &rest)
                guard case .frame(let again) = reader.next(&rest) else {
                    Issue.record("the frame is gone, cut \(cut)")
                    return
                }
                #expect([UInt8](again) == bytes)
            }
            #expect(rest.isEmpty && !reader.isInsideFrame)
        }
    }
}
