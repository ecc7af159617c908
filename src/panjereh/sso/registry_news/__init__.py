"""What the civil registry tells the sign-on of people with an account: deaths, changed identities.

It comes as a tokenised feed over the exchange (NIX-11); every deed here names the file and the
call that it rests on.
"""
