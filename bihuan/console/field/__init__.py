"""Field mode: drafts kept on the phone and sent once, printed codes, finding by number."""
