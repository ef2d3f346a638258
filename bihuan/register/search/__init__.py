"""Search by name, pinyin initials, Latin name, code and the end of a telephone number.

Names and numbers are sealed, so the index holds no text: each token is a keyed hash (HMAC-SHA256,
8 bytes, the key beside the personal keys and never in a backup). What the index proposes is
opened and compared before it is shown, so neither a collision nor a stale row can mislead.
"""
