--- presets: models that make vectors of texts, and what an index for their vectors looks like
--- (PartyKit: vectorize create --preset).

---@type table<string, { dimensions: integer, metric: string }>
return {
  ["@cf/baai/bge-small-en-v1.5"] = { dimensions = 384, metric = "cosine" },
  ["@cf/baai/bge-base-en-v1.5"] = { dimensions = 768, metric = "cosine" },
  ["@cf/baai/bge-large-en-v1.5"] = { dimensions = 1024, metric = "cosine" },
  ["openai/text-embedding-ada-002"] = { dimensions = 1536, metric = "cosine" },
  ["cohere/embed-multilingual-v2.0"] = { dimensions = 768, metric = "dot-product" },
}
