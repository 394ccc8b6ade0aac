"""Emission of TypeScript: types, decoders and encoders of a contract."""
