"""The site attacked from outside, through the documented proxy: `make scan`. What it found: docs/scan.md."""
