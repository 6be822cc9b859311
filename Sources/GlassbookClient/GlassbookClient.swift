// GlassbookClient: see GlassbookClient.md.
