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
///
/// Resends are no failures and are not charged to a session: after a lost connection they are what a client has to do.
/// They cost their sender: each waits for the one before it, and its session for all others that want something read.
extension OrderEntryAgent {
    /// Records that the last lap may have.
    static var lastLapRecords: UInt64 { 65_536 }

    /// A session has attachments or resends that wait for replies of the past.
    mutating func waitForHistory(_ place: Int) {
        if clients[place].isInHistoryQueue { return }
        clients[place].isInHistoryQueue = true
        lanes.waiting.append(place)
    }

    /// The same bytes were sent again: the original answer is due, to this session alone.
    mutating func resend(_ slot: Slot, _ place: Int) {
        lanes.resends.append(WaitingResends.Resend(sequence: slot.firstSequence, account: slot.account), place)
        waitForHistory(place)
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
            count += begin(place)
        }
        return count
    }

    /// Begins with what a session was interrupted in, its first account that waits, or its first resend; unless it has
    /// a lane already: then it comes again when that is done.
    private mutating func begin(_ place: Int) -> Int {
        let client = clients + place
        guard client.pointee.isOpen, client.pointee.lane < 0 else { return 0 }
        if var rest = client.pointee.paused {
            guard let lane = lanes.take(for: place) else { return 0 }
            client.pointee.lane = lane
            client.pointee.paused = nil
            lanes.jobs += 1
            rest.job = lanes.jobs
            lanes.exchange.ask(lane, rest)
            return 1
        }
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
        guard lanes.resends.count(place) > 0, let lane = lanes.take(for: place),
            let resend = lanes.resends.popFirst(place)
        else { return 0 }
        begin(resend, place, lane)
        return 1
    }

    private mutating func begin(_ resend: WaitingResends.Resend, _ place: Int, _ lane: Int) {
        let client = clients + place
        client.pointee.lane = lane
        client.pointee.laneAttachment = AttachmentTable.none
        lanes.jobs += 1
        var request = HistoryExchange.Request()
        request.job = lanes.jobs
        request.account = resend.account
        request.from = ReplyNumber(sequence: resend.sequence, index: 0)
        // All of the original answer was told before the message that asks for it was answered.
        request.through = reader.nextSequence - 1
        request.purpose = .command
        request.resent = true
        lanes.exchange.ask(lane, request)
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
            if lanes.waiting.count > 0 { pause(place, request) } else { lanes.exchange.ask(lane, request) }
        } else if client.pointee.laneAttachment != AttachmentTable.none, !client.pointee.laneIsFinal {
            ask(place, from: answer.next, job: request.job)
        } else {
            releaseLane(place)
            markDirty(place)
            // Another account may wait, or a resend.
            waitForHistory(place)
        }
    }

    /// Others wait: the session goes on with the rest, whatever it is of, behind them. Its barrier stays.
    private mutating func pause(_ place: Int, _ rest: HistoryExchange.Request) {
        lanes.release(clients[place].lane, isBack: true)
        clients[place].lane = -1
        clients[place].paused = rest
        waitForHistory(place)
    }

    /// A session needs its lane no more.
    mutating func releaseLane(_ place: Int) {
        let client = clients + place
        if client.pointee.paused != nil { forgetLane(client) }
        // What the kernel is sending must not be overwritten with another session's replies: `sent` comes again.
        guard client.pointee.lane >= 0, !client.pointee.sendsHistory else { return }
        let lane = client.pointee.lane
        lanes.release(lane, isBack: lanes.exchange.isFilled(lane))
        forgetLane(client)
    }

    private func forgetLane(_ client: UnsafeMutablePointer<ClientSession>) {
        client.pointee.lane = -1
        client.pointee.paused = nil
        client.pointee.laneIsFinal = false
        client.pointee.barrier = .max
    }
}
