"""Proof that the audit trail is unchanged: its entries form a chain, and each hash covers the one before.

An event is written in the transaction of its action, and sealed right after that transaction is committed
(`seal`; docs/decisions/0006-the-trail-is-a-chain.md says why not within it). Triggers keep sealed entries
as they are (`triggers`), `verify` finds the first that is not, and a head (`head`) that is kept elsewhere
proves that the chain as a whole was not rewritten.
"""
