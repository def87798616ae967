"""Listings of the register: by time, policy, section, subject and e-mail address, made from its stream."""
