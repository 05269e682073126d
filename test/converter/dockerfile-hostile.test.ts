// `kahi migrate Dockerfile` with Dockerfiles from strangers: it reads no file outside the build context, a small file needs little
// memory, and the changed file still builds.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { planDockerfile } from '../../converter/dockerfile/dockerfile.ts'
import { applyEdits } from '../../converter/dockerfile/edits.ts'
import { inputsOf } from '../../converter/dockerfile/read-files.ts'

const SUPERVISORD = '[supervisord]\nnodaemon=true\n[program:a]\ncommand=/a\n'
const folder = mkdtempSync(join(tmpdir(), 'kahi-dockerfile-'))
const context = join(folder, 'context')
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const planned = async (text: string) => {
  const request = { way: 'drop-in', version: '0.1.0', origin: undefined, machines: ['amd64'], base: undefined } as const
  return planDockerfile(join(context, 'Dockerfile'), text, { ...request, context, args: new Map() })
}
const read = async (lines: string) =>
  planned(`FROM debian:12\nRUN apt-get install -y supervisor\n${lines}CMD ["supervisord", "-n"]\n`)

test('the build context ends at its folder: no .., no link leads out', async () => {
  mkdirSync(join(context, 'inner'), { recursive: true })
  writeFileSync(join(folder, 'secret'), SUPERVISORD)
  writeFileSync(join(context, 'own.conf'), SUPERVISORD)
  symlinkSync('../secret', join(context, 'out'))
  symlinkSync('own.conf', join(context, 'in'))
  symlinkSync('..', join(context, 'inner/up'))
  const sourceOf = async (source: string) => inputsOf((await read(`COPY ${source} /etc/supervisord.conf\n`)).facts)
  expect(await sourceOf('../secret')).toEqual([])
  expect(await sourceOf('out')).toEqual([])
  expect(await sourceOf('inner/up/../../secret')).toEqual([])
  expect(await sourceOf('../own.conf')).toMatchObject([{ source: join(context, 'own.conf') }])
  expect(await sourceOf('in')).toMatchObject([{ source: join(context, 'in') }])
  expect(await sourceOf('inner/up/own.conf')).toMatchObject([{ source: join(context, 'inner/up/own.conf') }])
})

test('values that double with each line are refused', async () => {
  const lines = Array.from({ length: 60 }, (_, index) => `ENV A${index + 1}=$A${index}$A${index}\n`)
  await expect(read(`ENV A0=x\n${lines.join('')}`)).rejects.toThrow(
    /^\S+Dockerfile:\d+:1: error: The values of variables are longer than 16777216 characters in all$/,
  )
})

test('20,000 stages are refused, and not compared with one another', async () => {
  const stages = Array.from({ length: 20_000 }, (_, index) => `FROM s${index} AS s${index + 1}\n`)
  await expect(read(stages.join(''))).rejects.toThrow(/Dockerfile:1002:1: error: There are more than 1000 stages/)
})

test('a pattern of many wildcards takes no time of its own', async () => {
  writeFileSync(join(context, 'a'.repeat(200)), '')
  const { plan } = await read(`COPY ${'*a'.repeat(100)}b /etc/supervisord.conf\n`)
  expect(plan.changes).toHaveLength(3)
})

test('a configuration that RUN makes is named, and not taken for an empty one', async () => {
  const { facts, plan } = await read('RUN cat >/etc/supervisord.conf <<EOF\n[supervisord]\nEOF\n')
  expect(inputsOf(facts)).toEqual([])
  expect(plan.diagnostics.map(({ message }) => message)).toContain(
    'A command of RUN makes /etc/supervisord.conf: what is in it cannot be seen here',
  )
})

test.each(['<<EOF', '<<EOF bash -e', '<<-"EOF" /bin/sh -ex', '<<EOF bash -o pipefail'])(
  'the text of a heredoc is read when a shell runs it: RUN %s',
  async (start) => {
    const text = `FROM debian:12\nRUN ${start}\napt-get install -y supervisor curl\nEOF\nCMD ["supervisord"]\n`
    const { facts } = await planned(text)
    expect(facts.installs).toHaveLength(1)
  },
)

test.each([
  ['COPY own.conf ${A:-${B:-/etc/supervisord.conf}}\n', true],
  ['ARG B=/etc/supervisord.conf\nCOPY own.conf ${A:-${B}}\n', true],
  ['ARG A=/etc/other.conf\nCOPY own.conf ${A:-${B:-/etc/supervisord.conf}}\n', false],
  ['ENV A=/etc/supervisord.conf.tmpl\nCOPY own.conf ${A%.${B:-tmpl}}\n', true],
])('a variable in the word of a variable: %s', async (lines, isSeen) => {
  writeFileSync(join(context, 'own.conf'), SUPERVISORD)
  expect(inputsOf((await read(lines)).facts)).toHaveLength(isSeen ? 1 : 0)
})

test.each([
  ['tar -C / -Jxpf /tmp/*.xz && rm /tmp/*.xz', ''],
  ['tar -C / -Jxpf /tmp/s6*.tar.xz && rm /tmp/s6*.tar.xz /tmp/other', 'RUN rm /tmp/other\n'],
  ['tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz; rm -rf /tmp/*', 'RUN rm -rf /tmp/*\n'],
  ['tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz && rm /srv/*.xz', 'RUN rm /srv/*.xz\n'],
])('no command is left that fails without the archives of s6-overlay: %s', async (commands, left) => {
  const archive = 'https://github.com/just-containers/s6-overlay/releases/download/v3.2.0.0/s6-overlay-noarch.tar.xz'
  const text = `FROM debian:12\nADD ${archive} /tmp\nRUN ${commands}\nRUN true\nENTRYPOINT ["/init"]\n`
  const { plan } = await planned(text)
  const changed = applyEdits(text, plan.files[0]?.edits ?? [])
  expect(changed.replace(/[^]*"s6-overlay"\]\n/, '')).toBe(`${left}RUN true\nENTRYPOINT ["/init"]\n`)
})

test('a stage of another purpose under the name of the added one is refused', async () => {
  await expect(planned('FROM debian:12 AS Kahi\nFROM debian:12\nCMD ["supervisord"]\n')).rejects.toThrow(
    /Dockerfile:1:1: error: This stage has the name kahi, which the stage with kahi will have\n {2}hint: give it another name$/,
  )
})
