--- empty: a party that does nothing, to which room.ts is compared.

return {}
