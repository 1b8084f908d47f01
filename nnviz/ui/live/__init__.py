"""The live page: one to four lanes, steered and shown over the feed."""
