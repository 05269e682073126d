// The changes of `kahi migrate Dockerfile`: for each Dockerfile in fixtures/dockerfile and fixtures/images they are compared with
// the expected diffs, one for each mode. `npm run golden` rewrites the diffs.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, formatDiagnostic } from '../../config/model/diagnostic.ts'
import { planDockerfile, type Request } from '../../converter/dockerfile/dockerfile.ts'
import { applyEdits, unifiedDiff } from '../../converter/dockerfile/edits.ts'
import { readBuild } from '../../converter/dockerfile/instructions.ts'
import { isDockerfile, WAYS } from '../../converter/dockerfile/options.ts'
import type { FileChange } from '../../converter/dockerfile/plan.ts'
import { inputsOf } from '../../converter/dockerfile/read-files.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures')
const cases = ['images', 'dockerfile'].flatMap((kind) =>
  readdirSync(join(FIXTURES, kind))
    .filter((name) => existsSync(join(FIXTURES, kind, name, 'Dockerfile')))
    .map((name) => join(kind, name)),
)

function requestOf(folder: string, way: Request['way']): Request {
  const file = join(folder, 'options.json')
  const given = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Request>) : {}
  const usual = { args: new Map(), version: '0.1.0', origin: undefined, machines: ['amd64'], base: undefined } as const
  return { ...usual, ...given, way, context: join(folder, given.context ?? '.') }
}

/** The diff of all files, with the messages about them. */
async function outcomeOf(folder: string, way: Request['way']): Promise<string> {
  const file = join(folder, 'Dockerfile')
  const name = (path: string): string => relative(folder, path)
  const say = (text: string): string => text.replaceAll(`${folder}/`, '')
  try {
    const { facts, plan } = await planDockerfile(file, readFileSync(file, 'utf8'), requestOf(folder, way))
    const diffs = plan.files.map((one) => unifiedDiff(name(one.file), one.text, one.edits))
    const inputs = inputsOf(facts).map(
      ({ path, source }) => `reads ${source === undefined ? 'a heredoc' : name(source)} as ${path}\n`,
    )
    return say([...plan.diagnostics.map((one) => `${formatDiagnostic(one)}\n`), ...inputs, ...diffs].join(''))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return say(`${error.message}\n`)
  }
}

/** Applies a unified diff as patch does, but only if every line matches. */
function patched(text: string, diff: string): string {
  const old = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const result: string[] = []
  let at = 0
  const lines = diff.split(/(?<=\n)/).slice(2)
  for (const [index, line] of lines.entries()) {
    const isCut = lines[index + 1]?.startsWith('\\') === true
    const body = isCut ? line.slice(1, -1) : line.slice(1)
    const from = /^@@ -(\d+)(?:,(\d+))? /.exec(line)
    if (from !== null) {
      const start = Number(from[1]) - (from[2] === '0' ? 0 : 1)
      result.push(...old.slice(at, start))
      at = start
    } else if (line.startsWith('+')) result.push(body)
    else if (!line.startsWith('\\')) {
      expect(body).toBe(old[at])
      if (line.startsWith(' ')) result.push(body)
      at += 1
    }
  }
  return [...result, ...old.slice(at)].join('')
}

describe.each(cases)('%s', (name) => {
  const folder = join(FIXTURES, name)
  test.each(WAYS)('%s', async (way) => {
    const expected = join(folder, `expected.${way}.diff`)
    const outcome = await outcomeOf(folder, way)
    if (process.env.KAHI_GOLDEN === 'write') writeFileSync(expected, outcome)
    expect(outcome).toBe(readFileSync(expected, 'utf8'))
  })

  test('the diffs can be applied, and give Dockerfiles that are read again', async () => {
    const file = join(folder, 'Dockerfile')
    const plans = await Promise.allSettled(
      WAYS.map((way) => planDockerfile(file, readFileSync(file, 'utf8'), requestOf(folder, way))),
    )
    const changes = plans.flatMap((one): readonly FileChange[] =>
      one.status === 'fulfilled' ? one.value.plan.files : [],
    )
    expect(changes.length).toBeGreaterThan(0)
    for (const { file: path, text, edits } of changes) {
      const changed = applyEdits(text, edits)
      expect(changed).not.toBe(text)
      expect(patched(text, unifiedDiff(path, text, edits))).toBe(changed)
      if (!isDockerfile(path)) continue
      const build = await readBuild(path, changed)
      expect(build.eol).toBe(text.includes('\r\n') ? '\r\n' : '\n')
      expect(/(?<!\r)\n/.test(changed)).toBe(build.eol === '\n')
      await expect(planDockerfile(path, changed, requestOf(dirname(path), 'drop-in'))).rejects.toThrow(
        'kahi is in this image already',
      )
    }
  })
})

test('no expected file is without its case', () => {
  for (const name of cases) {
    const found = readdirSync(join(FIXTURES, name)).filter((file) => /^expected\..*\.diff$/.test(file))
    expect(found.sort()).toEqual(WAYS.map((way) => `expected.${way}.diff`).sort())
  }
})

const read = async (text: string, more: Partial<Request> = {}) =>
  planDockerfile('Dockerfile', text, {
    way: 'drop-in',
    context: '/nowhere',
    args: new Map(),
    version: '0.1.0',
    origin: undefined,
    machines: ['amd64'],
    base: undefined,
    ...more,
  })

test.each([
  [
    'an unknown instruction',
    'FROM a\nCOPPY a b\n',
    'Dockerfile:2:1: error: There is no instruction COPPY\n  hint: did you mean COPY?',
  ],
  ['all errors at once', 'FORM a\nCOPPY a b\n', 'Dockerfile:2:1: error: There is no instruction COPPY'],
  ['nothing to build', '# empty\n', 'Dockerfile:1:1: error: There is no FROM'],
  ['an instruction before FROM', 'RUN a\nFROM b\n', 'Dockerfile:1:1: error: RUN stands before the first FROM'],
  [
    'neither daemon',
    'FROM debian:12\nCMD ["nginx"]\n',
    'Nothing here installs or starts supervisord, s6-overlay or flush-manager',
  ],
  [
    'another stage',
    'FROM debian:12 AS old\nCMD supervisord\nFROM debian:12\n',
    'Dockerfile:1:1: error: Nothing here installs or starts supervisord, s6-overlay or flush-manager in the last stage\n  hint: the stage old does: --target old',
  ],
  [
    'an Alpine without Node.js',
    'FROM alpine:3.8\nRUN apk add supervisor\nCMD supervisord\n',
    'Dockerfile:1:1: error: The Node.js of alpine:3.8 is older than 20.19',
  ],
  [
    'an old C library',
    'FROM ubuntu:16.04\nRUN apt-get install supervisor\nCMD supervisord\n',
    'Dockerfile:1:1: error: The C library of ubuntu:16.04 is older than glibc 2.28',
  ],
  [
    'an image without any library',
    'FROM scratch\nCOPY manager /manager\nCMD ["/manager", "-command", "/app"]\n',
    'Dockerfile:1:1: error: scratch has no libraries for Node.js, which needs glibc and libstdc++\n  hint: name an image that has them, with --base-image debian:12-slim',
  ],
  [
    'a start by flush-manager that is not seen',
    'FROM debian:12\nCMD ["/start"]\n',
    'name the folder that has it with --context DIR, or say what it runs with --runs',
  ],
  [
    'stages by number',
    'FROM debian:12\nRUN apt-get install supervisor\nFROM debian:12\nCOPY --from=0 /a /a\n',
    'Nothing here installs',
  ],
])('is refused: %s', async (_, text, message) => {
  await expect(read(text)).rejects.toThrow(message)
})

test('a start that is not known is asked for, and an answer is taken', async () => {
  const text = 'FROM debian:12\nRUN apt-get install supervisor\nCMD ["/start"]\n'
  await expect(read(text, { way: 'converted' })).rejects.toThrow(
    'Dockerfile:3:1: error: What /start runs is not known\n  hint: name the folder that has it with --context DIR',
  )
  const { plan } = await read('FROM base\nCMD ["/start"]\n', { runs: 'supervisord' })
  expect(plan.diagnostics.map(formatDiagnostic).join()).toContain(
    'No instruction here installs supervisord: base or a script brings it',
  )
})

test.each([
  ['an operator of Kubernetes', 'ENTRYPOINT ["/manager"]', {}, undefined],
  ['its options', 'ENTRYPOINT ["/manager", "--config=a.yaml"]', {}, undefined],
  [
    'the option -command',
    'CMD ["/manager", "-command=/app"]',
    {},
    'RUN ["/opt/kahi/kahi", "install", "--as", "manager", "--dir", "/"]',
  ],
  ['an answer', 'CMD ["manager"]', { runs: 'manager' }, '"--dir", "/usr/local/bin"]'],
] as const)('flush-manager is seen by more than the name of its program: %s', async (_, start, answers, line) => {
  const planned = read(`FROM debian:12\n${start}\n`, answers)
  if (line === undefined) return expect(planned).rejects.toThrow('Nothing here installs or starts')
  const { facts, plan } = await planned
  expect(facts.daemon).toBe('manager')
  expect(applyEdits(facts.build.text, plan.files[0]?.edits ?? [])).toContain(line)
})

test.each([
  [
    'a shell text keeps its words',
    'CMD exec manager -command "$APP" -config "" -- -x "a b" $MORE',
    'CMD exec /opt/kahi/kahi run -- "$APP" -x "a b" $MORE\n',
  ],
  [
    'the text of sh -c in JSON',
    'CMD ["sh", "-c", "umask 77; exec manager -command app $0"]',
    'exec /opt/kahi/kahi run --watch /usr/local/bin/conf/exporter.conf -- app $0"]\n',
  ],
  [
    'after tini, and all in ENTRYPOINT',
    'ENTRYPOINT ["tini", "--", "manager", "-command", "app", "serve"]',
    'ENTRYPOINT ["tini", "--", "/opt/kahi/kahi", "run", "--watch", "/usr/local/bin/conf/exporter.conf", "--", "app", "serve"]\n',
  ],
])('flush-manager, converted: %s', async (_, start, line) => {
  const { facts, plan } = await read(`FROM debian:12\n${start}\n`, { way: 'converted' })
  expect(applyEdits(facts.build.text, plan.files[0]?.edits ?? [])).toContain(line)
})

test('values of ARG come from the Dockerfile and from --build-arg', async () => {
  const text =
    'ARG BASE=alpine:3.8\nFROM ${BASE}\nARG WHAT=nothing\nRUN apk add ${WHAT:-x}\nCMD supervisord -c /a.conf\n'
  await expect(read(text)).rejects.toThrow('The Node.js of alpine:3.8')
  const { facts } = await read(text, {
    args: new Map([
      ['BASE', 'alpine:3.22'],
      ['WHAT', 'supervisor'],
    ]),
  })
  expect(facts.installs).toHaveLength(1)
  expect(facts.image).toBe('alpine:3.22')
})

test('FROM takes values of ARG from before the first FROM alone', async () => {
  const text = 'ARG BASE=alpine:3.22\nFROM other AS one\nARG BASE=no\nFROM ${BASE}\nENTRYPOINT ["/init"]\n'
  expect((await read(text)).facts.image).toBe('alpine:3.22')
  await expect(read('ARG BASE\nFROM $BASE\nRUN make\n')).rejects.toThrow(
    'Dockerfile:2:1: error: Nothing here installs or starts supervisord, s6-overlay or flush-manager, and the base image is not known\n  hint: name the base image with --build-arg BASE=IMAGE',
  )
})

test.each([
  ['CMD supervisord -n', 'write CMD ["supervisord", "-n"]'],
  ['CMD a && supervisord -n', 'begin the last command with exec'],
  ['CMD exec supervisord -n', undefined],
  ['CMD a && exec supervisord -n', undefined],
  ['CMD ["supervisord", "-n"]', undefined],
])('a shell as the first process is named: %s', async (start, hint) => {
  const text = `FROM debian:12\nRUN apt-get install supervisor\n${start}\n`
  const found = (await read(text)).plan.diagnostics.find(({ message }) => message.includes('first process'))
  expect(found?.hint).toBe(hint)
})

test('releases for several machines, and kahi from an image', async () => {
  const text = 'FROM debian:12\nRUN apt-get install supervisor\nCMD supervisord\n'
  const both = await read(text, { machines: ['amd64', 'arm64'] })
  const changed = applyEdits(text, both.plan.files[0]?.edits ?? [])
  expect(changed).toContain(
    'FROM scratch AS kahi-arm64\nADD kahi-0.1.0-linux-arm64.tar.gz /opt/\nFROM kahi-${TARGETARCH} AS kahi\n',
  )
  const image = await read(text, { origin: 'registry.example/kahi:0.1.0' })
  expect(applyEdits(text, image.plan.files[0]?.edits ?? [])).toContain('FROM registry.example/kahi:0.1.0 AS kahi\n')
})

test('a long Dockerfile takes time in proportion to its length', async () => {
  const run = 'RUN apt-get update && \\\n  # why\n  apt-get install -y supervisor curl && cp a b\n'
  const text = `FROM debian:12\n${run.repeat(3000)}COPY --from=x /a /a\nCMD supervisord\n`
  const { plan } = await read(text)
  expect(plan.changes.length).toBeGreaterThan(3000)
})
