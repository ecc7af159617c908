"""Ministry of Health: the birth notices that hospitals send."""
