"""Messages that an act of a row sends to one person, who may hold no post: a result, say."""
