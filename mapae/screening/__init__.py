"""Screening: names, documents and wallets of the records against those of the lists."""
