"""The subscriber's side: it keeps its place in each feed, finds its own customers in the files, and
takes nothing that is cut, missing, replayed or meant for somebody else."""
