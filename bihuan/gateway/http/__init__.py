"""HTTP intake: what senders post, checked and durable before it is answered."""
