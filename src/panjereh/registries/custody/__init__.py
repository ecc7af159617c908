"""What every custodian needs: a log of who looked, pauses for maintenance, bulk loads."""
