import Reference

extension Reference: ReplayVenue {}
