import Glibc
import Platform
import Testing

/// Memory that is taken at start, and descriptors that close themselves.
@Suite struct MemoryTests {
    @Test(arguments: [1, 4096, 5000, 2 << 20, (6 << 20) + 1])
    func `preallocated memory is aligned, zero and there`(byteCount: Int) throws {
        let memory = try PreallocatedMemory(byteCount: byteCount)
        #expect(UInt(bitPattern: memory.base) % UInt(PreallocatedMemory.alignment) == 0)
        #expect(memory.byteCount >= byteCount && memory.byteCount < byteCount + 4096)
        let pages = memory.byteCount / 4096
        var present = [UInt8](repeating: 0, count: pages)
        #expect(mincore(memory.base, memory.byteCount, &present) == 0)
        #expect(present.allSatisfy { $0 & 1 == 1 })
        let bytes = UnsafeRawBufferPointer(start: memory.base, count: memory.byteCount)
        #expect(bytes.allSatisfy { $0 == 0 })
    }

    @Test func `preallocated memory goes back at the end`() throws {
        func isBack() throws -> Bool {
            let base: UInt
            do {
                let memory = try PreallocatedMemory(byteCount: 4 << 20)
                base = UInt(bitPattern: memory.base)
            }
            var present: UInt8 = 0
            return mincore(UnsafeMutableRawPointer(bitPattern: base), 4096, &present) == -1
        }
        // Other threads of the process may take the place at once, but not every time.
        let wasBack = try (0..<1_000).contains { _ in try isBack() }
        #expect(wasBack)
    }

    @Test func `no memory and too much memory are refused`() {
        #expect(throws: PlatformError.invalidArgument("memory of 0 bytes: expected at least 1")) {
            _ = try PreallocatedMemory(byteCount: 0)
        }
        #expect {
            _ = try PreallocatedMemory(byteCount: 1 << 50)
        } throws: {
            ($0 as? PlatformError)?.errno == Errno(rawValue: ENOMEM)
        }
    }

    @Test func `a descriptor closes at the end of its life, unless it was released`() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let reader = Descriptor(owning: ends[0])
        do {
            let writer = Descriptor(owning: ends[1])
            #expect(write(writer.raw, [7] as [UInt8], 1) == 1)
        }
        // With the writing end closed, the pipe ends after the one byte.
        var byte: UInt8 = 0
        #expect(read(reader.raw, &byte, 1) == 1 && byte == 7)
        #expect(read(reader.raw, &byte, 1) == 0)
        let raw = reader.release()
        #expect(fcntl(raw, F_GETFD) >= 0)
        close(raw)
    }

    @Test func `errors say what failed, on what, and why`() {
        let error = PlatformError.systemCall("open", subject: "/x", .noEntry)
        #expect(error.description == "open /x: No such file or directory (errno 2)")
        #expect(PlatformError.systemCall("poll", subject: "", .interrupted).description.hasPrefix("poll: "))
        #expect(Errno(rawValue: 99_999).description.contains("99999"))
    }
}
