// `npm run demo`: converts the HinD fixture, runs it with placeholders for its programs, shows their states, restarts one
// program and shuts down. All files are in a temporary folder, which is removed at the end.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { layImage } from './lay-image.ts'

const START_LIMIT_MS = 15_000
const BETWEEN_LOOKS_MS = 200

/** Runs the demo with dist/kahi of the checkout; gives the exit code. */
export async function main(_argv: readonly string[], project: string): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'kahi-demo-'))
  try {
    return await demo(join(project, 'dist/kahi'), project, root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function demo(kahi: string, project: string, root: string): Promise<number> {
  const conf = layImage(project, root, (text) => text.replaceAll('startsecs=10', 'startsecs=1'))
  const toml = join(root, 'kahi.toml')
  say('Convert supervisord.conf and the file it includes')
  await show(kahi, 'migrate', conf, '-o', toml)
  process.stdout.write(`${readFileSync(toml, 'utf8').replaceAll(root, '').split('\n').slice(0, 24).join('\n')}\n…\n`)

  say('Run it')
  process.stdout.write('$ kahi daemon -c kahi.toml &\n')
  const daemon = spawn(kahi, ['daemon', '-c', toml], { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = new Promise<number | null>((resolve) => daemon.once('exit', resolve))
  try {
    const ctl = ['ctl', '-c', toml]
    await waitUntilRunning(kahi, ctl)
    say('Look at it')
    await show(kahi, ...ctl, 'status')
    say('Restart one program')
    await show(kahi, ...ctl, 'restart', 'caddy')
    await show(kahi, ...ctl, 'tail', 'caddy')
    say('Stop')
    await show(kahi, ...ctl, 'shutdown')
    const code = await ended
    process.stdout.write(`the daemon ended with exit code ${code}\n`)
    return code === 0 ? 0 : 1
  } finally {
    if (daemon.exitCode === null) daemon.kill('SIGTERM')
  }
}

function say(text: string): void {
  process.stdout.write(`\n\u2500\u2500 ${text}\n`)
}

/** Runs kahi and prints its output. */
async function show(kahi: string, ...args: readonly string[]): Promise<void> {
  process.stdout.write(`$ kahi ${args.join(' ')}\n`)
  const { stdout, stderr } = await execa(kahi, args, { reject: false })
  for (const text of [stdout, stderr]) if (text !== '') process.stdout.write(`${text}\n`)
}

async function waitUntilRunning(kahi: string, ctl: readonly string[]): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS
  for (;;) {
    const { stdout } = await execa(kahi, [...ctl, 'status', '--json'], { reject: false })
    const states = stdout.startsWith('[') ? (JSON.parse(stdout) as { state: string }[]).map(({ state }) => state) : []
    if (states.length > 0 && states.every((state) => state === 'RUNNING')) return
    if (Date.now() > deadline) throw new Error(`not all programs are running: ${stdout}`)
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS_MS))
  }
}
