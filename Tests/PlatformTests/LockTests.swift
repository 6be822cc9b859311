import Foundation
import Glibc
import Platform
import Testing

@Suite struct LockTests {
    @Test func aLockExcludesAndEndsWithItsOwnerAlthoughACopyOfTheDescriptorLives() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "glassbook-lock-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try File.open(path, .createOrOpen)
        // What a process that is being started has, until it executes its program.
        let copy = dup(file.raw)
        try #require(copy >= 0)
        defer { close(copy) }
        func isFree() throws -> Bool {
            let lock = try File.lockExclusively(try File.open(path, .createOrOpen))
            return lock != nil
        }
        do {
            let lock = try File.lockExclusively(file, path: path)
            let isHeld = lock != nil
            #expect(isHeld)
            #expect(try !isFree())
            _ = consume lock
        }
        #expect(try isFree())
    }
}
