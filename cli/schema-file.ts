// The JSON Schema of kahi.toml beside a kahi.toml, and the line in it with which editors find the schema. Source: Taplo,
// "Directives", `#:schema`.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { OptionSpec } from './command.ts'
import { WriteError, type WriteOptions, writeWhole } from './write-file.ts'

const NAME = 'kahi.schema.json'

/** The option of commands that write a kahi.toml. */
export const schemaOption: OptionSpec = {
  type: 'boolean',
  summary: `Also write ${NAME} beside the file, and a first line with which editors (Taplo) use it`,
}

/** Writes a kahi.toml; with `hasSchema` also the schema into its directory, and the line. Throws WriteError. */
export async function writeConfig(
  file: string,
  text: string,
  { hasSchema, ...options }: WriteOptions & { readonly hasSchema: boolean },
): Promise<void> {
  if (!hasSchema) return writeWhole(file, text, options)
  if (!options.force && existsSync(file)) throw new WriteError(`${file} exists`, 'use --force to replace it')
  const { configSchema } = await import('../config/toml/schema.ts')
  writeWhole(join(dirname(file), NAME), `${JSON.stringify(configSchema(), null, 2)}\n`, { force: true })
  writeWhole(file, `#:schema ./${NAME}\n${text}`, options)
}
