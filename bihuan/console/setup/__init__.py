"""First run (上线准备) and readiness (上线自检): from an empty county to the real thing."""
