// Finds the mistakes in the files that a page shows, and in its commands for another machine.

import { spawnSync } from 'node:child_process'
import { DockerfileParser } from 'dockerfile-ast'
import { parse as parseIni } from 'ini'
import { parseAllDocuments } from 'yaml'
import { type Block, commandsOf, stepsOf } from './blocks.ts'
import { composeMistakes, manifestsIn } from './container-files.ts'
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
  const [first] = parseAllDocuments(text)
  if (first === undefined) return ['no document']
  if ('errors' in first && first.errors.length > 0) return first.errors.map(String)
  const value = first.toJS() as { kind?: string; services?: unknown }
  if (value.kind !== undefined) return mistakeOf(() => manifestsIn(text))
  return value.services === undefined ? [] : composeMistakes(text)
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
