"""The publisher's side: changes are written with the deed that makes them, closed into numbered
files within a second, and handed out in tokens of whoever asks."""
