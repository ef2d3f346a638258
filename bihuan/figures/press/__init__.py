"""报刊数据核录: a newspaper page as it comes out of PDF, read into articles and statistics.

Everything proposed points at its characters; a person confirms before anything stands beside the
county's own figures. `read.read_press` is the way in.
"""
