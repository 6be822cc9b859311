import Cryptography
import GlassbookClient
import Platform
import Proof
import Wire

/// What the settlement plane gives to clients: these examples need one that runs, beside the node.
extension Example {
    static let receipts = [
        Example(name: "receipt", shows: "the signed promise that an order will be published, checked and kept") {
            venue in
            let trader = try venue.newTrader()
            let session = try venue.session(trader.signer)
            let order = NewOrder.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1)
            let frame = try trader.signer.frame(.newOrder(order))
            try session.session.send(frames: frame)
            print("-> nonce \(trader.signer.nonce) \(CommandBody.newOrder(order))")
            guard let reply = try session.session.receiveReply(timeoutMilliseconds: 5_000) else {
                throw Unexpected("silence")
            }
            let receipts = ReceiptClient(venue.receipts, venue: venue.venue)
            let receipt = try receipts.receipt(for: reply.number.sequence, frame: frame)
            let range = receipt.body
            print("<- receipt of record \(receipt.sequence), signed with records \(range.first) to \(range.last)")
            print("   promised in a checkpoint by \(receipt.promisedBy), \(receipt.encoded.count) bytes")
            try receipts.keep(receipt, frame: frame, in: venue.receiptDirectory)
            print("   kept: \(venue.receiptDirectory)/\(receipt.sequence).receipt and .command")
            try session.session.send(.cancelOrder(.clientOrderId(1)), by: trader.signer)
            _ = try session.session.terminate()
        }
    ]
}
