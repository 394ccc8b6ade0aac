"""The contract: documents, their export from an application. Pure: no server, no database."""
