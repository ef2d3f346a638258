"""The parts of a case page: what is on offer, who works on it, papers, photos, who held it when."""
