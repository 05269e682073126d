// Shapes of the configuration in force.

import * as v from 'valibot'
import { flag, listOf, object, oneOf, orNull, text } from './words.ts'

const Setting = v.pipe(
  v.strictObject({
    key: text('The key, as in kahi.toml'),
    value: v.pipe(v.unknown(), v.description('Its value, expanded and typed; secrets are hidden')),
    place: orNull(v.string(), 'Where it is written, `FILE:LINE:COLUMN`; null for a default'),
  }),
  v.readonly(),
  v.description('A value'),
)

/** A table of the configuration, or one process of it. */
export const Section = object(
  'Section',
  'The settings of the daemon, of a server, a process, a oneshot, a webhook, a log target or another daemon',
  {
    subject: text('What they are for: `supervisor`, `web`, `group:name`, the address of a server'),
    kind: oneOf(['supervisor', 'server', 'webhook', 'log-target', 'peer', 'process', 'oneshot'], 'What it is'),
    table: text('The table that they come from: `programs.web`'),
    place: orNull(v.string(), 'Where the table begins; null where there is none'),
    settings: listOf(Setting, 'In the order of the reference'),
  },
)

/** The configuration in force. */
export const ConfigurationShape = object('Configuration', 'The configuration in force', {
  file: text('Path of the file'),
  is_current: flag('Whether the file says the same now; places are those of the file as it is now'),
  sections: listOf(Section, 'The daemon, its servers, oneshots and processes'),
})

/** The configuration, for clients. */
export type ConfigurationObject = v.InferOutput<typeof ConfigurationShape>

/** A section, for clients. */
export type SectionObject = v.InferOutput<typeof Section>
