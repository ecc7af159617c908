"""Proof of calls without their content: a Merkle log of call records that outsiders can check.

note, checkpoint, merkle, tiles, proof   what C2SP and RFC 6962 say, without a file or a socket
verify, timestamps                       what a court or a member checks, offline
folder, growth, log, stored, spans       the log as plain files, and who may write them
leaf, keys, config                       what a record looks like in the log, and who signs it
witness, cosigning, stamps               others who say that they saw the same log, and when
jobs, retention, audit                   the worker: append, publish, prune, compare with the books
queries, views, urls                     what is handed out
"""
