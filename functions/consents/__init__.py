"""Acts of visitors and how they enter the register."""
