// `npm run demo`: converts the HinD fixture, runs it with stand-ins for its programs, looks at it, restarts one
// program and shuts down. Everything lives in a temporary folder that is removed at the end.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { layImage } from './lay-image.mjs'

const project = dirname(dirname(fileURLToPath(import.meta.url)))
const kahi = join(project, 'dist/kahi')
function say(text) {
  process.stdout.write(`\n\u2500\u2500 ${text}\n`)
}

/** Runs kahi and shows what it prints. */
async function show(...args) {
  process.stdout.write(`$ kahi ${args.join(' ')}\n`)
  const { stdout, stderr, exitCode } = await execa(kahi, args, { reject: false })
  for (const text of [stdout, stderr]) if (text !== '') process.stdout.write(`${text}\n`)
  return { stdout, exitCode }
}

/** Resolves when the daemon has written a line that holds the text; rejects when it ends before. */
function logged(daemon, text) {
  return new Promise((resolve, reject) => {
    daemon.stdout.on('data', (chunk) => String(chunk).includes(text) && resolve())
    daemon.once('exit', (code) => reject(new Error(`the daemon ended with ${code}`)))
  })
}

async function waitUntilRunning(ctl) {
  const deadline = Date.now() + 15_000
  for (;;) {
    const { stdout } = await execa(kahi, [...ctl, 'status', '--json'], { reject: false })
    const states = stdout.startsWith('[') ? JSON.parse(stdout).map(({ state }) => state) : []
    if (states.length > 0 && states.every((state) => state === 'RUNNING')) return
    if (Date.now() > deadline) throw new Error(`not all programs are running: ${stdout}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const root = mkdtempSync(join(tmpdir(), 'kahi-demo-'))
let daemon
try {
  const conf = layImage(root, (text) => text.replaceAll('startsecs=10', 'startsecs=1'))
  const toml = join(root, 'kahi.toml')
  say('Convert supervisord.conf and the file it includes')
  await show('migrate', conf, '-o', toml)
  process.stdout.write(`${readFileSync(toml, 'utf8').replaceAll(root, '').split('\n').slice(0, 24).join('\n')}\n…\n`)

  say('Run it')
  process.stdout.write('$ kahi daemon -c kahi.toml &\n')
  daemon = execa(kahi, ['daemon', '-c', toml], { reject: false, buffer: false, stdin: 'ignore', stderr: 'inherit' })
  await logged(daemon, 'kahi started')
  const ctl = ['ctl', '-c', toml]
  await waitUntilRunning(ctl)

  say('Look at it')
  await show(...ctl, 'status')
  say('Restart one program')
  await show(...ctl, 'restart', 'caddy')
  await show(...ctl, 'tail', 'caddy')
  say('Stop')
  const ended = new Promise((resolve) => daemon.once('exit', resolve))
  await show(...ctl, 'shutdown')
  const code = await ended
  process.stdout.write(`the daemon ended with exit code ${code}\n`)
  process.exitCode = code === 0 ? 0 : 1
} finally {
  if (daemon?.exitCode === null) daemon.kill('SIGTERM')
  rmSync(root, { recursive: true, force: true })
}
