"""Floor 5: base registries. One room per custodian; rooms know `custody` and not one another."""
