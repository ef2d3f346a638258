"""What happens to a case beside calling: moves by its table, matters, links, documents."""
