"""What the messaging room tells the other floors; the window keeps the unread count from these."""

LETTER_DEPOSITED = "messaging.letter.deposited"  # {person, unread}
LETTER_READ = "messaging.letter.read"  # {person, unread}
