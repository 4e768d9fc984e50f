"""Trains the reader that `qa/` ships; nothing here is needed to answer questions."""
