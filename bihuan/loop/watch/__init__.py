"""The watchdog: what stands still is noticed, said on the board and written down."""
