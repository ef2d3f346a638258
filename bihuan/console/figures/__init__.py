"""指标: dashboards, figures and the lists behind them."""
