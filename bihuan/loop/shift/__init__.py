"""The shift: duty log (值班日志), signed handover (交接班), flash report (信息快报)."""
