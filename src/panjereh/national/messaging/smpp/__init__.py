"""The SMPP 3.4 channel: codec, one connection, the delivery ledger, and the pump of them all."""
