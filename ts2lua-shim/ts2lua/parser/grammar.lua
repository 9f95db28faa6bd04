--- grammar: the productions by name. Each file beside this one adds its own, so that expressions,
--- functions, classes and statements can hold each other.

return {}
