// superlance's programs as event listeners of kahi do their job: they get events, restart programs through
// XML-RPC, and send their mails. The real ones run if they are installed or in the folder that SUPERLANCE names. On every machine
// with Debian's supervisor, our own listeners do the same with the same supervisor.childutils.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { kahi, root, scratch, startDaemon } from '../../helpers/kahi.ts'
import { eventually } from '../../helpers/wait.ts'

const PYTHON = '/usr/bin/python3'
const PATH = process.env.SUPERLANCE ?? ''

function canImport(module: string): boolean {
  return spawnSync(PYTHON, ['-c', `import ${module}`], { env: { PYTHONPATH: PATH } }).status === 0
}

const peers = [
  {
    who: 'the real ones (needs superlance installed, or its folder in SUPERLANCE)',
    isThere: canImport('superlance.httpok'),
    command: (name: string) => `${PYTHON} -u -m superlance.${name}`,
  },
  {
    who: 'listeners like them (needs supervisor installed)',
    isThere: canImport('supervisor.childutils'),
    command: (name: string) => `${PYTHON} ${root}/fixtures/programs/listeners.py ${name}`,
  },
]

const LISTENERS = [
  { name: 'httpok', args: '-p web -m m@x -s "cat >>DIR/mail" URL', events: 'TICK_5' },
  { name: 'memmon', args: '-p hog=1024 -m m@x -s "cat >>DIR/mail"', events: 'TICK_5' },
  { name: 'crashmail', args: '-p crash -m m@x -s "cat >>DIR/mail"', events: 'PROCESS_STATE_EXITED' },
  { name: 'crashmailbatch', args: '--subject crashes BATCH', events: 'PROCESS_STATE,TICK_5' },
  { name: 'fatalmailbatch', args: '--subject fatals BATCH', events: 'PROCESS_STATE,TICK_5' },
  { name: 'crashsms', args: '--subject sms BATCH', events: 'PROCESS_STATE,TICK_5' },
]

const PROGRAMS = `
[program:web]
command=sleep 1000
[program:hog]
command=sleep 1000
[program:crash]
command=sh -c "exit 3"
startsecs=0
autorestart=false
[program:doomed]
command=false
startsecs=5
startretries=0
`

/** A server on the loopback, closed with the test; gives its port. */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** As much of SMTP as it takes to be given mails; what came is in `mails`. */
function smtpServer(mails: string[]): Server {
  return createServer((socket) => {
    let text = ''
    let isMail = false
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      text += chunk.toString()
      if (!text.endsWith(isMail ? '\r\n.\r\n' : '\r\n')) return
      if (isMail) mails.push(text)
      isMail = !isMail && /^data/i.test(text)
      text = ''
      socket.write(isMail ? '354 go on\r\n' : '250 ok\r\n')
    })
    socket.write('220 here\r\n')
  })
}

for (const { who, isThere, command } of peers) {
  test.skipIf(!isThere)(`superlance: ${who}`, async () => {
    const folder = scratch()
    const conf = join(folder, 's.conf')
    const mails: string[] = []
    const smtp = await listen(smtpServer(mails))
    const http = await listen(createHttpServer((_request, response) => response.writeHead(500).end()))
    const batch = `--toEmail t@x --fromEmail f@x --smtpHost 127.0.0.1:${smtp} --tickEvent TICK_5 --interval 0.05`
    const listeners = LISTENERS.map(({ name, args, events }) => {
      return `[eventlistener:${name}]\ncommand=${command(name)} ${args}\nevents=${events}\nbuffer_size=100\nstderr_logfile=DIR/err\n`
    }).join('')
    const text =
      `[supervisord]\nlogfile=/dev/null\npidfile=DIR/pid\nchildlogdir=DIR\nenvironment=PYTHONPATH="${PATH}"\n` +
      `[unix_http_server]\nfile=DIR/s.sock\n[supervisorctl]\nserverurl=unix://DIR/s.sock\n${listeners}${PROGRAMS}`
    writeFileSync(
      conf,
      text.replaceAll('URL', `http://127.0.0.1:${http}/`).replaceAll('BATCH', batch).replaceAll('DIR', folder),
    )
    const daemon = startDaemon(['supervisord', '-n', '-c', conf], { cwd: folder })
    await daemon.line('success: hog entered RUNNING')

    const read = (name: string): string =>
      existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : ''
    const sent = () => read('mail') + mails.join('\n')
    const wanted = [
      /httpok: http:\S+: bad status returned/,
      /memmon.*: process hog:hog restarted/,
      /crash crashed/,
      /Process crash in group crash exited unexpectedly \(pid \d+\) from state RUNNING/,
      /Subject: crashes[^]*crash:crash \(pid \d+\) died unexpectedly/,
      /Subject: fatals[^]*doomed:doomed failed to start too many times/,
      /Subject: sms[^]*\[crash:crash\]\(\d+\) exited unexpectedly/,
    ]
    const missing = () => wanted.filter((pattern) => !pattern.test(sent())).map(String)
    await eventually(() => expect(missing()).toEqual([]))
    for (const name of ['web', 'hog'])
      expect(daemon.output().split(`spawned: '${name}'`).length - 1, `${name} restarted`).toBeGreaterThan(1)
    const { stdout } = await kahi(['supervisorctl', '-c', conf, 'status', ...LISTENERS.map(({ name }) => name)])
    expect(stdout.match(/RUNNING/g), read('err')).toHaveLength(LISTENERS.length)
  })
}
