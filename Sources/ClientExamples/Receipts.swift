import Cryptography
import GlassbookClient
import Platform
import Proof
import Wire

/// What the settlement plane gives to clients: these examples need one that runs, beside the node.
extension Example {
    static let receipts = [
        Example(
            name: "receipt", needs: .account,
            shows: "the signed promise that an order will be published, checked and kept"
        ) { venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            let order = NewOrder.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1)
            let frame = try trader.signer.frame(.newOrder(order))
            try session.session.send(frames: frame)
            print("-> account=\(trader.signer.account) nonce=\(trader.signer.nonce) \(CommandBody.newOrder(order))")
            guard let reply = try session.session.receiveReply(timeoutMilliseconds: patience) else {
                throw Unexpected("silence")
            }
            print("<- \(reply)")
            let receipts = ReceiptClient(venue.receipts, venue: venue.venue)
            let receipt = try receipts.receipt(
                for: reply.number.sequence, frame: frame, timeoutMilliseconds: patience)
            let range = receipt.body
            print("<- receipt sequence=\(receipt.sequence) first=\(range.first) last=\(range.last)")
            print("   promisedBy=\(receipt.promisedBy) bytes=\(receipt.encoded.count)")
            try receipts.keep(receipt, frame: frame, in: venue.receiptDirectory)
            let path = "\(venue.receiptDirectory)/\(receipt.sequence)"
            print("   receipt=\(path).receipt command=\(path).command")
            try session.cancel(1, by: trader.signer)
            _ = try session.session.terminate()
        }
    ]
}
