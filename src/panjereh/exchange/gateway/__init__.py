"""The data plane of the exchange: no Django here, and no database in the way of a call."""
