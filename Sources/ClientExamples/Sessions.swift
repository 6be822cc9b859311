import Cryptography
import GlassbookClient
import Wire

/// Session messages.
extension Example {
    static let sessions = [
        Example(name: "negotiate", needs: .nothing, shows: "Negotiate, Challenge") { venue in
            let session = try Session(connectingTo: venue.endpoint, venue: venue.venue)
            print("-> Negotiate")
            let interval = session.heartbeatMilliseconds
            print("<- Challenge sessionId=\(session.sessionId) venueId=\(venue.venue)")
            print("   heartbeatMilliseconds=\(interval) durability=\(session.durability)")
        },
        Example(name: "logon", needs: .account, shows: "Logon, LogonAccepted, LogonRejected, Establish, Established") {
            venue in
            let trader = try venue.trader()
            let session = try Session(connectingTo: venue.endpoint, venue: venue.venue)
            let stranger = Signer(account: trader.signer.account, key: SigningKey(), venue: venue.venue)
            print("-> Logon account=\(stranger.account), by a key that is not its own")
            do {
                try session.logOn(stranger)
                throw Unexpected("a logon by a stranger")
            } catch ClientError.logonRejected(let account, let reason) {
                print("<- \(Message.logonRejected(account: account, reasonCode: reason))")
            }
            print("-> Logon account=\(trader.signer.account)")
            try session.logOn(trader.signer)
            print("<- LogonAccepted nonceMark=\(trader.signer.nonce)")
            try session.establish()
            print("-> Establish")
            print("<- Established sessionId=\(session.sessionId)")
        },
        Example(
            name: "drop-copy", needs: .account,
            shows: "Logon with the flag dropCopy: replies come, commands are refused"
        ) { venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            let copy = try Session(connectingTo: venue.endpoint, venue: venue.venue)
            try copy.logOn(trader.signer, isDropCopy: true)
            try copy.establish()
            try session.place(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1), by: trader.signer)
            guard case .orderAccepted? = try copy.receiveReply(timeoutMilliseconds: patience)?.body else {
                throw Unexpected("no copy")
            }
            print("<- the same reply, on the other session")
            try ExampleSession(copy).refused(.massCancel(), by: trader.signer, for: .readOnlySession)
            try session.cancel(1, by: trader.signer)
        },
        Example(name: "heartbeat", needs: .account, shows: "Heartbeat, of both sides") { venue in
            let trader = try venue.trader()
            var options = SessionOptions()
            options.heartbeatMilliseconds = 2_000
            let session = try Session.open(venue.endpoint, [trader.signer], options: options)
            print("-> Heartbeat, every \(session.heartbeatMilliseconds) ms of silence")
            // After three intervals without one of them the session would be over.
            guard try session.receive(timeoutMilliseconds: 7_000) == nil else { throw Unexpected("a message") }
            print("<- Heartbeat, likewise: the session lives")
        },
        Example(name: "resume", needs: .account, shows: "Logon with a resume, ResumeComplete") { venue in
            let trader = try venue.trader()
            let first = try venue.session(trader.signer)
            let point = first.session.resumePoint(of: trader.signer.account)
            try first.place(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1), by: trader.signer)
            _ = try first.session.terminate()
            let session = try Session(connectingTo: venue.endpoint, venue: venue.venue)
            try session.logOn(trader.signer, resumeFrom: point)
            print("-> Logon resumeSequence=\(point?.sequence ?? 0) resumeIndex=\(point?.index ?? 0)")
            try session.establish()
            while let message = try session.receive(timeoutMilliseconds: patience) {
                print("<- \(message)")
                guard case .resumeComplete = message else { continue }
                return try ExampleSession(session).cancel(1, by: trader.signer)
            }
            throw Unexpected("silence")
        },
        Example(name: "resend", needs: .account, shows: "the same bytes again: the original answer, nothing done twice")
        { venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            let order = NewOrder.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1)
            let frame = try trader.signer.frame(.newOrder(order))
            for time in ["", " again"] {
                try session.session.send(frames: frame)
                print("-> nonce=\(trader.signer.nonce) \(CommandBody.newOrder(order))\(time)")
                guard case .orderAccepted = try session.next() else { throw Unexpected("no answer") }
            }
            try session.cancel(1, by: trader.signer)
        },
        Example(name: "terminate", needs: .account, shows: "Terminate, of both sides") { venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            print("-> Terminate")
            _ = try session.session.terminate()
            print("<- Terminate")
        },
    ]
}
