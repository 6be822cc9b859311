enum SettlementPlaceholder {}
