"""报刊数据核录 and published series: pages and API."""
