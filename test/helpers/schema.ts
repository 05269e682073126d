// A check against the part of JSON Schema that our own schema uses.

/** A schema: type, properties, required, additionalProperties false, items, enum, $ref to $defs. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly required?: readonly string[]
  readonly additionalProperties?: false
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly $defs?: Readonly<Record<string, Schema>>
}

/** The values that break the schema, as `path: reason`. */
export function misfits(value: unknown, schema: Schema, root = schema, path = '$'): string[] {
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.replace('#/$defs/', '')]
    return target === undefined ? [`${path}: no ${schema.$ref}`] : misfits(value, target, root, path)
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${path}: ${JSON.stringify(value)}`]
  if (schema.type !== undefined && ![schema.type].flat().some((type) => isOf(value, type)))
    return [`${path}: no ${[schema.type].flat().join(' or ')}`]
  if (Array.isArray(value))
    return value.flatMap((item, index) => misfits(item, schema.items ?? {}, root, `${path}[${index}]`))
  if (typeof value !== 'object' || value === null) return []
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(value, key)).map((key) => `${path}: no ${key}`)
  const inner = Object.entries(value).flatMap(([key, item]) => {
    const property = schema.properties?.[key]
    if (property !== undefined) return misfits(item, property, root, `${path}.${key}`)
    return schema.additionalProperties === false ? [`${path}.${key}: not described`] : []
  })
  return [...missing, ...inner]
}

function isOf(value: unknown, type: string): boolean {
  if (type === 'null') return value === null
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return Array.isArray(value)
  return typeof value === type && !Array.isArray(value) && value !== null
}
