import Cryptography
import GlassbookClient
import Wire

/// Session messages.
extension Example {
    static let sessions = [
        Example(name: "negotiate", shows: "Negotiate, Challenge") { venue in
            let session = try Session(connectingTo: venue.endpoint, venue: venue.venue)
            print("-> Negotiate")
            print("<- Challenge: session \(session.sessionId), heartbeats every \(session.heartbeatMilliseconds) ms")
        },
        Example(name: "logon", shows: "Logon, LogonAccepted, LogonRejected, Establish, Established") { venue in
            let trader = try venue.newTrader()
            let session = try Session(connectingTo: venue.endpoint, venue: venue.venue)
            let stranger = Signer(account: trader.signer.account, key: SigningKey(), venue: venue.venue)
            print("-> Logon of account \(stranger.account), by a key that is not its own")
            do {
                try session.logOn(stranger)
                throw Unexpected("a logon by a stranger")
            } catch ClientError.logonRejected(let account, let reason) {
                print("<- LogonRejected: account \(account), reason \(reason)")
            }
            print("-> Logon of account \(trader.signer.account)")
            try session.logOn(trader.signer)
            print("<- LogonAccepted: nonces go on above \(trader.signer.nonce)")
            try session.establish()
            print("-> Establish")
            print("<- Established: session \(session.sessionId)")
        },
        Example(name: "drop-copy", shows: "Logon with the flag dropCopy: replies come, commands are refused") { venue in
            let trader = try venue.newTrader()
            let session = try venue.session(trader.signer)
            let copy = try Session(connectingTo: venue.endpoint, venue: venue.venue)
            try copy.logOn(trader.signer, isDropCopy: true)
            try copy.establish()
            try session.place(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1), by: trader.signer)
            guard case .orderAccepted? = try copy.receiveReply(timeoutMilliseconds: 5_000)?.body else {
                throw Unexpected("no copy")
            }
            print("<- the same reply, on the other session")
            try ExampleSession(copy).refused(.massCancel(), by: trader.signer, for: .readOnlySession)
        },
        Example(name: "heartbeat", shows: "Heartbeat, of both sides") { venue in
            let trader = try venue.newTrader()
            var options = SessionOptions()
            options.heartbeatMilliseconds = 100
            let session = try Session.open(venue.endpoint, [trader.signer], options: options)
            print("-> Heartbeat, every \(session.heartbeatMilliseconds) ms of silence")
            guard try session.receive(timeoutMilliseconds: 500) == nil else { throw Unexpected("a message") }
            print("<- Heartbeat, likewise: the session lives")
        },
        Example(name: "resume", shows: "Logon with a resume, ResumeComplete") { venue in
            let trader = try venue.newTrader()
            let first = try venue.session(trader.signer)
            let point = first.session.resumePoint(of: trader.signer.account)
            try first.place(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1), by: trader.signer)
            _ = try first.session.terminate()
            let session = try Session(connectingTo: venue.endpoint, venue: venue.venue)
            try session.logOn(trader.signer, resumeFrom: point)
            print("-> Logon, resume from \(point.map { "\($0.sequence).\($0.index)" } ?? "")")
            try session.establish()
            while let message = try session.receive(timeoutMilliseconds: 5_000) {
                print("<- \(message)")
                if case .resumeComplete = message { return }
            }
            throw Unexpected("silence")
        },
        Example(name: "resend", shows: "the same bytes again: the original answer, nothing done twice") { venue in
            let trader = try venue.newTrader()
            let session = try venue.session(trader.signer)
            let frame = try trader.signer.frame(
                .newOrder(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1)))
            for time in ["", " again"] {
                try session.session.send(frames: frame)
                print("-> newOrder\(time)")
                guard case .orderAccepted = try session.next() else { throw Unexpected("no answer") }
            }
        },
        Example(name: "terminate", shows: "Terminate, of both sides") { venue in
            let trader = try venue.newTrader()
            let session = try venue.session(trader.signer)
            print("-> Terminate")
            _ = try session.session.terminate()
            print("<- Terminate")
        },
    ]
}
