"""What is deployed, and the same on one machine."""
