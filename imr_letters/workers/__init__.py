"""Supervised processes of this machine that do the same to many tasks.

A task whose process ends, for whatever reason, is tried once more alone, and after that reported as lost. No other task
loses anything: what was done with it in the same part is done again, and comes out the same.

`pool` has the processes, `parts` what they take at once, `marks` the files by which it is known what an ended process
worked on, `limits` what one task may take, `ordered` a short way to use all of it.
"""
