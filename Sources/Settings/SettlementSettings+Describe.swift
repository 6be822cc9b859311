extension SettlementSettings {
    /// The `[settlement]` tables in force, as TOML.
    func describe(_ out: inout Document) {
        out.table("settlement")
        out.line("published", published)
        out.line("domain", domain)
        out.line("keys", keys)
        out.line("checkpoint_interval_ms", checkpointIntervalMilliseconds)
        out.line("checkpoint_records", checkpointRecords)
        out.line("publish_delay_ms", publishDelayMilliseconds)
        out.line("receipt_interval_us", receiptIntervalMicroseconds)
        out.line("snapshot_records", snapshotRecords)
        out.line("snapshots_kept", snapshotsKept)
        out.line("history", raw: "\(history)")
        out.line("serve_address", serveAddress)
        out.line("serve_port", servePort)
        out.line("witness_quorum", witnessQuorum)
        out.line("witness_timeout_ms", witnessTimeoutMilliseconds)
        // Without any, the key still has to be there.
        if witnesses.isEmpty { out.line("witness", raw: "[]") }
        for witness in witnesses {
            out.table("[settlement.witness]")
            out.line("url", witness.url)
            out.line("key", witness.key)
        }
        out.table("settlement.availability")
        out.line("layer", availability.layer.rawValue)
        out.line("directory", availability.directory)
        out.line("url", availability.url)
        out.line("batch_records", availability.batchRecords)
        out.line("batch_bytes", availability.batchBytes)
        out.line("batch_ms", availability.batchMilliseconds)
        out.line("timeout_ms", availability.timeoutMilliseconds)
        out.line("alarm_ms", availability.alarmMilliseconds)
    }
}
