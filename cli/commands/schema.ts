// `kahi schema`: kahi.toml as a JSON Schema, for editors.

import { configSchema } from '../../config/toml/schema.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'

/** Prints the JSON Schema of kahi.toml. */
export const schemaCommand: Command = {
  name: 'schema',
  usage: '',
  summary: 'Print the JSON Schema of kahi.toml, for editors',
  options: {},
  positionals: [],
  examples: [
    [
      'kahi schema > kahi.schema.json',
      'editors with Taplo use it when kahi.toml begins with: #:schema ./kahi.schema.json',
    ],
  ],
  async run() {
    print(JSON.stringify(configSchema(), null, 2))
    return EXIT.ok
  },
}
