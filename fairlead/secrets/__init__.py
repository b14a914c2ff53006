"""The age store, certificates, redaction."""
