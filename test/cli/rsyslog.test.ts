// Debian's rsyslog receives output of programs from dist/kahi: over its default unix datagram socket, over unix datagram and
// stream sockets with RFC 5424, over UDP, TCP and TLS. The tests check the messages that rsyslog has received.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hasHelper, scratch } from '../helpers/kahi.ts'
import { freePort } from '../helpers/raw-http.ts'
import { setUp } from '../helpers/receiver.ts'
import { eventually } from '../helpers/wait.ts'

const MODULES = '/usr/lib/x86_64-linux-gnu/rsyslog'
const canRun =
  hasHelper &&
  spawnSync('openssl', ['version']).status === 0 &&
  spawnSync('rsyslogd', ['-v'], { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } }).status === 0 &&
  existsSync(`${MODULES}/lmnsd_ossl.so`)
if (!canRun)
  console.warn('no rsyslog with rsyslog-openssl, no openssl or no helper: rsyslog as a log target is not tested')

/** A message as rsyslog has read it. */
interface Message {
  readonly input: string
  readonly host: string
  readonly program: string
  readonly id: string
  readonly facility: string
  readonly severity: string
  readonly data: string
  readonly text: string
}

const FIELDS = {
  input: 'inputname',
  host: 'hostname',
  program: 'programname',
  id: 'msgid',
  facility: 'syslogfacility-text',
  severity: 'syslogseverity-text',
  data: 'structured-data',
  text: 'msg',
} as const satisfies Readonly<Record<keyof Message, string>>

/** The daemon of rsyslog. Its sockets: `default.sock`, `datagram.sock`, `stream.sock` in the folder, and three ports. */
async function rsyslog() {
  const folder = scratch()
  const [udp, tcp, tls] = [await freePort(), await freePort(), await freePort()]
  const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const key = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', ...named]
  execFileSync('openssl', [...key, '-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`], { stdio: 'ignore' })
  const row = Object.entries(FIELDS).map(
    ([name, property]) => `property(outname="${name}" name="${property}" format="jsonf")`,
  )
  writeFileSync(
    join(folder, 'rsyslog.conf'),
    `global(workDirectory="${folder}" net.enableDNS="off" maxMessageSize="16k" defaultNetstreamDriverCAFile="${folder}/cert.pem"
  defaultNetstreamDriverCertFile="${folder}/cert.pem" defaultNetstreamDriverKeyFile="${folder}/key.pem")
module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
module(load="imtcp")
module(load="imptcp")
template(name="row" type="list") { constant(value="{") ${row.join(' constant(value=",") ')} constant(value="}\\n") }
input(type="imuxsock" socket="${folder}/default.sock")
input(type="imuxsock" socket="${folder}/datagram.sock" useSpecialParser="off" parseHostname="on")
input(type="imptcp" path="${folder}/stream.sock" name="stream")
input(type="imudp" address="127.0.0.1" port="${udp}" name="udp")
input(type="imtcp" address="127.0.0.1" port="${tcp}" name="tcp")
input(type="imtcp" address="127.0.0.1" port="${tls}" name="tls" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
action(type="omfile" file="${folder}/messages" template="row" flushOnTXEnd="on")
`,
  )
  const args = ['-n', '-f', `${folder}/rsyslog.conf`, '-i', `${folder}/pid`]
  const child = spawn('/usr/sbin/rsyslogd', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  onTestFinished(() => void child.kill('SIGKILL'))
  await eventually(() => existsSync(`${folder}/pid`) && existsSync(`${folder}/stream.sock`), `rsyslog: ${output}`)
  const read = (): readonly Message[] => {
    const lines = existsSync(`${folder}/messages`) ? readFileSync(`${folder}/messages`, 'utf8').split('\n') : []
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Message)
  }
  return { folder, udp, tcp, tls, read, output: () => output }
}

test.skipIf(!canRun)('rsyslog reads program, stream, severity, labels and text on each kind of socket', async () => {
  const { folder, udp, tcp, tls, read, output } = await rsyslog()
  const target = (name: string, url: string, more = '') =>
    `[log_targets.${name}]\nkind = "syslog"\nurl = "${url}"\nbatch_wait = 0\nfacility = "local3"\nlabels = { via = "${name}", odd = 'a"b]\\c' }\n${more}\n`
  const long = 'long '.repeat(1000)
  const { daemon } = await setUp(
    `[programs.job]
command = ["sh", "-c", "echo 'grün \\"[x]\\" 日本'; echo '{\\"level\\":\\"warn\\"}'; echo '${long}'; echo bad >&2"]
startsecs = 0
autorestart = false
${target('default', `unix://${folder}/default.sock`)}
${target('datagram', `unix://${folder}/datagram.sock`, 'syslog_format = "rfc5424"')}
${target('stream', `unix-stream://${folder}/stream.sock`)}
${target('udp', `udp://127.0.0.1:${udp}`)}
${target('tcp', `tcp://127.0.0.1:${tcp}`)}
${target('tls', `tls://localhost:${tls}`, `ca = "${folder}/cert.pem"`)}
`,
  )
  const texts = ['grün "[x]" 日本', '{"level":"warn"}', long, 'bad']
  const severities = ['info', 'warning', 'info', 'err']
  const expected = texts.map((text, index) => ({
    text: text.trim(),
    severity: severities[index],
    program: 'job',
    facility: 'local3',
  }))
  const sortedBy = <Item extends { readonly text: string }>(items: readonly Item[]): readonly Item[] =>
    items.toSorted((a, b) => (a.text < b.text ? -1 : 1))
  const shown = (messages: readonly Message[]) =>
    sortedBy(
      messages.map(({ text, severity, program, facility }) => ({ text: text.trim(), severity, program, facility })),
    )
  for (const name of ['datagram', 'stream', 'udp', 'tcp', 'tls']) {
    const own = () => read().filter(({ data }) => data.includes(`via="${name}"`))
    await eventually(() => expect(shown(own())).toEqual(sortedBy(expected)))
    for (const { host, id, severity, data } of own()) {
      const stream = severity === 'err' ? 'stderr' : 'stdout'
      expect(host).not.toBe('')
      expect(id).toBe(stream)
      expect(data).toBe(`[kahi@32473 group="job" program="job" stream="${stream}" via="${name}" odd="a\\"b\\]\\\\c"]`)
    }
  }
  await eventually(() => expect(shown(read().filter(({ data }) => data === '-'))).toEqual(sortedBy(expected)))
  daemon.signal('SIGTERM')
  await daemon.ended()
  // the end of TLS without its notice
  expect(output()).not.toContain('osslRecordRecv')
})

test.skipIf(!canRun)(
  'a flood: what rsyslog has, and what is said to be dropped, are all lines; an unknown authority gets none',
  async () => {
    const { tcp, tls, read } = await rsyslog()
    const { ctl } = await setUp(
      `[programs.flood]
command = ["sh", "-c", "seq 1 200000; exec sleep 1000"]
startsecs = 0
stdout_logfile = "DIR/flood.log"
[log_targets.small]
kind = "syslog"
url = "tcp://127.0.0.1:${tcp}"
buffer = "64KB"
batch_wait = 0
[log_targets.unknown]
kind = "syslog"
url = "tls://localhost:${tls}"
labels = { via = "unknown" }
`,
    )
    const counts = async () => {
      const [, sent = '', dropped = ''] =
        /^small .* sent (\d+), dropped (\d+), queued 0 KiB/m.exec((await ctl('log-target')).stdout) ?? []
      return { sent: Number(sent), dropped: Number(dropped) }
    }
    await eventually(async () => {
      const { sent, dropped } = await counts()
      expect(sent + dropped).toBe(200_000)
    })
    const { sent, dropped } = await counts()
    expect(dropped).toBeGreaterThan(0)
    await eventually(() => expect(read().length).toBe(sent))
    await eventually(async () => expect((await ctl('log-target')).stdout).toMatch(/^unknown {2}failing .*CERT/m))
    expect(read().some(({ data }) => data.includes('unknown'))).toBe(false)
    expect(new Set(read().map(({ text }) => text)).size).toBe(sent)
  },
)
