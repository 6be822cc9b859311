import OrderEntry
import Platform
import Ring
import Wire

/// Replies of the past: resume after a reconnect, catching up after too much at once, the answer to a resend.
///
/// The services thread reads them from the journal, in laps: each up to what is released by then. Once little is left,
/// the session is made live behind a barrier in its output: what was told by now comes from the journal in a last lap,
/// what is told from now on waits behind the barrier until that lap is sent. So nothing is missed and nothing comes
/// twice, however fast the journal grows.
extension OrderEntryAgent {
    /// Records that the last lap may have.
    static var lastLapRecords: UInt64 { 65_536 }

    /// A session has attachments that wait for replies of the past.
    mutating func waitForHistory(_ place: Int) {
        if clients[place].isInHistoryQueue { return }
        clients[place].isInHistoryQueue = true
        lanes.waiting.append(place)
    }

    /// The same bytes were sent again: the original answer is due, to this session alone.
    mutating func resend(_ slot: Slot, _ place: Int) {
        let resend = HistoryLanes.Resend(
            place: place, generation: clients[place].generation, account: slot.account, sequence: slot.firstSequence,
            told: reader.nextSequence - 1)
        if !lanes.append(resend) { finish(place, .resumeUnavailable) }
    }

    /// Lanes that have come back, and sessions that wait for one. Returns how many were served.
    mutating func serveHistory() -> Int {
        if lanes.areIdle { return 0 }
        var count = 0
        for lane in 0..<lanes.exchange.laneCount {
            let owner = lanes.owner(lane)
            guard owner != HistoryLanes.nobody, lanes.exchange.isFilled(lane) else { continue }
            if owner == HistoryLanes.orphan {
                lanes.release(lane, isBack: true)
            } else if lanes.exchange.answer(lane).bytes > 0 {
                if !clients[owner].sendsHistory { markDirty(owner) }
                continue
            } else {
                lapSent(owner)
            }
            count += 1
        }
        return count + giveLanes()
    }

    private mutating func giveLanes() -> Int {
        var count = 0
        var turns = lanes.waiting.count
        while turns > 0, lanes.busyCount < lanes.exchange.laneCount, let place = lanes.waiting.popFirst() {
            turns -= 1
            clients[place].isInHistoryQueue = false
            count += beginResume(place)
        }
        turns = lanes.resendCount
        while turns > 0, lanes.busyCount < lanes.exchange.laneCount, let resend = lanes.popResend() {
            turns -= 1
            count += begin(resend)
        }
        return count
    }

    /// Begins with the first account of a session that waits, unless the session has a lane already: then it comes
    /// again when that is done.
    private mutating func beginResume(_ place: Int) -> Int {
        let client = clients + place
        guard client.pointee.isOpen, client.pointee.lane < 0 else { return 0 }
        for number in 0..<attachments.count(place) {
            let attachment = attachments.attachment(place, number)
            let owed = attachments.read(attachment)
            guard owed.delivery == .waiting, let lane = lanes.take(for: place) else { continue }
            client.pointee.lane = lane
            client.pointee.laneAttachment = attachment
            attachments.update(attachment) { $0.delivery = .resuming }
            lanes.jobs += 1
            ask(place, from: owed.resumeFrom, job: lanes.jobs)
            return 1
        }
        return 0
    }

    private mutating func begin(_ resend: HistoryLanes.Resend) -> Int {
        let client = clients + resend.place
        guard client.pointee.generation == resend.generation, client.pointee.isOpen else { return 0 }
        guard client.pointee.lane < 0, let lane = lanes.take(for: resend.place) else {
            _ = lanes.append(resend)
            return 0
        }
        client.pointee.lane = lane
        client.pointee.laneAttachment = AttachmentTable.none
        lanes.jobs += 1
        var request = HistoryExchange.Request()
        request.job = lanes.jobs
        request.account = resend.account
        request.from = ReplyNumber(sequence: resend.sequence, index: 0)
        request.through = resend.told
        request.purpose = .command
        request.resent = true
        lanes.exchange.ask(lane, request)
        return 1
    }

    /// Asks for the next lap of a resume: the last one when little is left.
    private mutating func ask(_ place: Int, from: ReplyNumber, job: UInt64) {
        let client = clients + place
        let attachment = client.pointee.laneAttachment
        let isCatchingUp = attachments.read(attachment).isCatchingUp
        let told = reader.nextSequence - 1
        var request = HistoryExchange.Request()
        request.job = job
        request.account = attachments.read(attachment).account
        request.from = from
        request.through = .max
        request.resent = !isCatchingUp
        client.pointee.laneIsFinal = told < from.sequence + Self.lastLapRecords
        if client.pointee.laneIsFinal {
            request.purpose = isCatchingUp ? .lastSilent : .last
            request.through = told
            client.pointee.barrier = client.pointee.output.committed
            attachments.update(attachment) {
                $0.delivery = .live
                $0.liveAfter = told
            }
        }
        lanes.exchange.ask(client.pointee.lane, request)
    }

    /// Whether a session's lane has bytes to send.
    func lapIsReady(_ place: Int) -> Bool {
        let lane = clients[place].lane
        return lane >= 0 && lanes.exchange.isFilled(lane) && lanes.exchange.answer(lane).bytes > 0
    }

    /// What a lane brought is sent, or was nothing: go on with it, or be done.
    mutating func lapSent(_ place: Int) {
        let client = clients + place
        let lane = client.pointee.lane
        guard lane >= 0 else { return }
        let answer = lanes.exchange.answer(lane)
        if answer.isUnavailable {
            client.pointee.barrier = .max
            finish(place, .resumeUnavailable)
            return
        }
        var request = lanes.exchange.request(lane)
        if !answer.isFinished {
            request.from = answer.next
            lanes.exchange.ask(lane, request)
        } else if client.pointee.laneAttachment != AttachmentTable.none, !client.pointee.laneIsFinal {
            ask(place, from: answer.next, job: request.job)
        } else {
            releaseLane(place)
            markDirty(place)
            // Another account may wait.
            waitForHistory(place)
        }
    }

    /// A session needs its lane no more.
    mutating func releaseLane(_ place: Int) {
        let client = clients + place
        // What the kernel is sending must not be overwritten with another session's replies: `sent` comes again.
        guard client.pointee.lane >= 0, !client.pointee.sendsHistory else { return }
        let lane = client.pointee.lane
        lanes.release(lane, isBack: lanes.exchange.isFilled(lane))
        client.pointee.lane = -1
        client.pointee.laneIsFinal = false
        client.pointee.barrier = .max
    }
}
