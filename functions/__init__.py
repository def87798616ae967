"""Consentinel's Lambda functions: one package per noun of the trade."""
