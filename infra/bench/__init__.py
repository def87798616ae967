"""What starting and answering costs, as ratios to the least that any handler would cost on the same machine."""
