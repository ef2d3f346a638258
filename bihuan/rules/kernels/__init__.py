"""The inner loops of the rules: compiled, without clock or I/O, one file each, rarely edited.

A kernel file stands alone: it calls no compiled function of another file, because numba's
compiled cache watches only the file that a function stands in.
"""
