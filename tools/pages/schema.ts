// The fields of a JSON Schema, for docs/reference/migrate-report.md.

/** The fields of a JSON Schema, as Markdown. */
export function schemaMarkdown(schema: Schema): string {
  const parts: readonly (readonly [string, Schema])[] = [['The report', schema], ...Object.entries(schema.$defs ?? {})]
  return parts
    .map(([title, { properties = {}, required = [] }]) => {
      const rows = Object.entries(properties).map(([name, field]) => {
        const presence = required.includes(name) ? '' : ', may be absent'
        return `| \`${name}\` | ${typeOf(field)}${presence} | ${field.description ?? ''} |`
      })
      return [`## ${title}`, '', '| field | type | meaning |', '|---|---|---|', ...rows, ''].join('\n')
    })
    .join('\n')
}

/** The part of JSON Schema that our schema uses. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly string[]
  readonly description?: string
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly $defs?: Readonly<Record<string, Schema>>
}

function typeOf({ $ref, type, enum: words, items }: Schema): string {
  if ($ref !== undefined) return $ref.replace('#/$defs/', '')
  if (words !== undefined) return words.map((word) => `\`${word}\``).join(', ')
  if (items !== undefined) return `list of ${typeOf(items)}`
  return [type ?? ''].flat().join(' or ')
}
