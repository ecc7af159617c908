"""Ministry of Interior, foreign nationals (FIDA): who is here, and by which permit (002 art 17)."""
