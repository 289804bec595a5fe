"""Whether the site keeps working while things break: `make soak`. What was counted: docs/resilience.md."""
