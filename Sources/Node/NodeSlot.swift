import Ring
import Wire

/// What a slot of the node's ring carries (`Slot.kind`): written by order entry.
enum SlotKind: UInt16 {
    /// A command, or a batch of them, and its signature: checked, sequenced, journaled, answered.
    case command = 1
    /// A logon and its signature over the logon prefix: checked, taken through the sequencer for its place among the
    /// commands, never journaled.
    case logon = 2
    /// A message that order entry refuses, or answers by itself, but whose answer has to keep its place among the
    /// answers to what was sent before it: neither checked nor sequenced. `status`, `reason` and `detail` are order
    /// entry's own.
    case answer = 3
}

/// How far a message came (`Slot.status`).
enum SlotStatus: UInt16 {
    /// Published by order entry, not yet checked.
    case unchecked = 0
    /// The signature holds under the key of `keyGeneration`. Tentative until the sequencer has compared that.
    case authentic = 1
    /// As `authentic`, and the proofs and keys inside the command do not hold: the venue refuses it.
    case authenticWithoutProofs = 2
    /// Not authentic, or not to be sequenced: `reason`, and `detail` for what was expected. Answered with a
    /// CommandRejected (LogonRejected) of sequence 0, durability notJournaled. Tentative until sequenced, as the above.
    case refused = 3
    /// It became the records `firstSequence` to `lastSequence`: their replies are its answer.
    case journaled = 4
    /// The same bytes were journaled before, as record `firstSequence`: the original answer is due again, from the
    /// journal, with `resent` = 1. Nothing was journaled now.
    case resent = 5
    /// A logon that holds. `detail` is the nonce mark of its key; `firstSequence` is the last record before it:
    /// replies of later records are live to the session.
    case attached = 6
}

/// Layout, one place for all stages. A slot is `Ring.Slot`:
///
///     header 128 │ prefix 32 │ SBE message │ signature 64 (when one is due)
///
/// Order entry, for each message:
///
/// 1. `producer.claim()`; nil = the ring is full: stop reading that session (back-pressure).
/// 2. Copy message and signature behind the prefix. The prefix area holds the command prefix from the start; what
///    needs another one (logon; state commitment) writes it with `setPrefix`, and **every** message writes it, because
///    the slot's last use may have left another one there.
/// 3. Fill: ticket, arrivalNanoseconds, arrivalTicks, session, sessionGeneration, messageLength, signatureLength,
///    template, account, keySlot, kind; status `unchecked` (or `refused` with reason and detail, for `answer`).
/// 4. `producer.publish()` once a batch.
///
/// Verifiers fill keyGeneration, status, reason, verifiedTicks. The sequencer fills status, reason, detail,
/// firstSequence, lastSequence, matchedTicks, journaledTicks. Followers, which run beside one another, only read;
/// except publishedTicks, which the publisher writes for its own histograms.
extension Slot {
    /// `kind`, typed.
    var slotKind: SlotKind {
        guard let value = SlotKind(rawValue: kind) else { preconditionFailure("a slot of unknown kind") }
        return value
    }

    /// `status`, typed.
    var slotStatus: SlotStatus {
        guard let value = SlotStatus(rawValue: status) else { preconditionFailure("a slot of unknown status") }
        return value
    }

    /// Sets `status`.
    func set(_ value: SlotStatus) { status = value.rawValue }

    /// Marks the message as refused: it travels on, so that its answer keeps its place.
    func refuse(_ why: Reason, expected: UInt64 = 0) {
        status = SlotStatus.refused.rawValue
        reason = why.rawValue
        detail = expected
    }

    /// Writes the prefix that the message's signature is over.
    func setPrefix(_ value: Bytes32) { value.store(to: prefix) }

    /// The command's header; for kind `command` only.
    var command: CommandHeader { CommandHeader(UnsafeRawPointer(message)) }
}
