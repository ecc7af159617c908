"""What is watched, when it is told and to whom; the rules are data (data/alerts.yaml)."""
