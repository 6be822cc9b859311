// MarketData: see MarketData.md.
