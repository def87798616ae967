"""The merchant's account: who it is, where it sells, how much it wants to know of a visitor."""
