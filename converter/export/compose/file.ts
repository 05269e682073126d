// The files of an export for Compose: compose.yaml, and a file of variables for each service that has secrets.

import { ConfigError } from '../../../config/model/diagnostic.ts'
import { writeDocument } from '../../../config/toml/write.ts'
import type { Given } from '../../format.ts'
import { environmentOf, plainName, plainNames, reportContainers } from '../plan/container.ts'
import { imagesOf } from '../plan/images.ts'
import type { Plan } from '../plan/plan.ts'
import type { Output, OutputFile } from '../plan/target.ts'
import { unmarkDocument } from '../plan/variables.ts'
import type { Unit } from '../plan/unit.ts'
import { yamlText } from '../plan/yaml.ts'
import { composeService } from './service.ts'

/** The name of the file. */
export const FILE = 'compose.yaml'
const SECRET = 0o600
const CONFIG = '/etc/kahi/kahi.toml'

/** Writes all files. */
export function writeCompose(plan: Plan, given: Given): Output {
  const imageOf = imagesOf(plan, given)
  return given.single === true ? writeSingle(plan, onlyImage(plan, imageOf)) : writeServices(plan, imageOf)
}

/** One container has one image. Throws ConfigError when programs have several. */
function onlyImage({ name, units }: Plan, imageOf: (unit: Unit) => string): string {
  const [first = `${plainName(name)}:latest`, ...others] = new Set(units.map(imageOf))
  if (others.length === 0) return first
  const message = `--single has one image, and --image names ${[first, ...others].join(', ')}`
  throw new ConfigError([{ severity: 'error', message, hint: 'give one --image without a name' }])
}

function writeServices(plan: Plan, imageOf: (unit: Unit) => string): Output {
  const nameOf = plainNames(plan)
  const made = plan.units.map(
    (unit) => [nameOf(unit.name), composeService(unit, plan, { image: imageOf(unit), nameOf })] as const,
  )
  const comments = new Map(plan.units.map((unit) => [nameOf(unit.name), unit.comments]))
  const text = yamlText({ name: plainName(plan.name), services: Object.fromEntries(made) }, ['services'], comments)
  const secrets = plan.units.flatMap((unit): OutputFile[] => {
    const { secret } = environmentOf(unit.settings)
    const lines = secret.map(([name, value]) => `${name}=${variableValue(value)}\n`)
    return secret.length === 0 ? [] : [{ path: `${nameOf(unit.name)}.env`, text: lines.join(''), mode: SECRET }]
  })
  return { files: [{ path: FILE, text }, ...secrets], diagnostics: reportContainers(plan) }
}

/** One service runs kahi with the whole configuration. */
function writeSingle({ name, document }: Plan, image: string): Output {
  const service = {
    image,
    command: ['kahi', 'daemon', '--config', CONFIG],
    configs: [{ source: 'kahi', target: CONFIG }],
    restart: 'unless-stopped',
  }
  const services = { [plainName(name)]: service }
  const text = yamlText({ name: plainName(name), services, configs: { kahi: { file: './kahi.toml' } } })
  const toml = writeDocument(unmarkDocument(document))
  return {
    files: [
      { path: FILE, text },
      { path: 'kahi.toml', text: toml, mode: SECRET },
    ],
    diagnostics: [],
  }
}

/** A value of an environment file: quotes of one kind keep everything, the other one replaces variables. */
function variableValue(value: string): string {
  const marked = value.replaceAll(/\uE000(\w+)[^\uE001]*\uE001/g, (_, name: string) => `\${${name}}`)
  if (marked === value && !value.includes("'")) return /^[\w@+=:,./-]*$/.test(value) ? value : `'${value}'`
  const escape = (text: string): string => text.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)
  return `"${marked === value ? escape(value).replaceAll('$', String.raw`\$`) : escape(marked)}"`
}
