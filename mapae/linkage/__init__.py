"""Linkage: which accounts are one hand, by rarity of what they share; rings inside components."""
