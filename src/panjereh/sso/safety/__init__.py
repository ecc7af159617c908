"""What keeps a person's account theirs: notices, known devices, the number that is still their own,
a change of number that a thief cannot make, and closing the account.
"""
