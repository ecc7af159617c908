"""Cases: submitted requests, the process behind them, and what people are told."""
