"""The wire between a home and its station: documents, signatures, client, outbox."""
