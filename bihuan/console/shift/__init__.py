"""The shift's pages and API: duty log (值班日志), handover (交接班), flash report (信息快报)."""
