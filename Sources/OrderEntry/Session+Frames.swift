import Wire

/// Frames: structure first, then the session's state, then who may speak.
extension Session {
    /// Takes one frame's content.
    ///
    /// - Parameters:
    ///   - content: SBE message, and signature where the template has one; at least an SBE header.
    ///   - accounts: how many accounts are attached.
    ///   - attached: whether an account is.
    public mutating func take(
        _ content: UnsafeRawBufferPointer, rules: SessionRules, accounts: Int, attached: (UInt32) -> Attached
    ) -> SessionAction {
        if state == .terminating { return .ignore }
        guard let message = content.baseAddress, content.count >= MessageHeader.size else {
            return .refuse(.invalidLength, expected: 0)
        }
        let template = MessageHeader(message).templateId
        let signature = Self.signatureBytes(message)
        if let reason = MessageStructure.refusal(message, count: content.count - signature) {
            return .refuse(reason, expected: 0)
        }
        switch template {
        case Template.negotiate: return negotiate(NegotiateMessage(message), rules)
        case Template.logon: return logon(LogonMessage(message), rules, accounts)
        case Template.establish: return establish(EstablishMessage(message), accounts)
        case Template.heartbeat: return .ignore
        case Template.terminate: return .terminate(.logout)
        case _ where CommandHeader.isCommand(template): return command(CommandHeader(message), attached)
        default: return .refuse(.notEstablished, expected: 0)
        }
    }

    /// Bytes of the signature that follows a message; the memory holds an SBE header.
    @inlinable public static func signatureBytes(_ message: UnsafeRawPointer) -> Int {
        let header = MessageHeader(message)
        guard header.schemaId == MessageHeader.orderEntrySchema else { return 0 }
        let isSigned = header.templateId == Template.logon || CommandHeader.isCommand(header.templateId)
        return isSigned ? Limits.signatureBytes : 0
    }

    private mutating func negotiate(_ message: NegotiateMessage, _ rules: SessionRules) -> SessionAction {
        guard state == .connected else { return .refuse(.notEstablished, expected: 0) }
        guard message.protocolVersion == SessionRules.protocolVersion else {
            return .refuse(.unsupportedVersion, expected: UInt64(SessionRules.protocolVersion))
        }
        guard message.reservedAreZero else { return .refuse(.invalidField, expected: 10) }
        let asked = message.heartbeatMilliseconds
        if asked != 0 {
            guard SessionRules.heartbeatMilliseconds.contains(asked) else {
                return .refuse(.invalidField, expected: 12)
            }
            heartbeat = UInt64(asked) * 1_000_000
        }
        state = .negotiated
        return .challenge
    }

    private mutating func logon(_ message: LogonMessage, _ rules: SessionRules, _ accounts: Int) -> SessionAction {
        guard state == .negotiated else { return .refuse(.notEstablished, expected: 0) }
        guard message.reservedAreZero else { return .refuse(.invalidField, expected: 28) }
        guard message.flags.isSubset(of: .dropCopy) else { return .refuse(.unsupportedOption, expected: 0) }
        guard message.challenge == challenge else { return .refuse(.challengeMismatch, expected: 0) }
        guard accounts + Int(logonsPending) < rules.accountsMax else {
            return .refuse(.tooManyAccounts, expected: UInt64(rules.accountsMax))
        }
        logonsPending += 1
        return .logon
    }

    private mutating func establish(_ message: EstablishMessage, _ accounts: Int) -> SessionAction {
        guard state == .negotiated else { return .refuse(.notEstablished, expected: 0) }
        guard message.reservedAreZero else { return .refuse(.invalidField, expected: 8) }
        if logonsPending > 0 { return .hold }
        guard accounts > 0 else { return .refuse(.accountNotAttached, expected: 0) }
        state = .established
        return .establish
    }

    private func command(_ header: CommandHeader, _ attached: (UInt32) -> Attached) -> SessionAction {
        guard state == .established else { return .refuse(.notEstablished, expected: 0) }
        switch attached(header.account) {
        case .trading: return .command
        case .dropCopy: return .refuse(.readOnlySession, expected: 0)
        case .not: return .refuse(.accountNotAttached, expected: 0)
        }
    }
}
