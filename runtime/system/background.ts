// Going into the background: the same command line is started again in a session of its own, and this
// process ends once that one says it is ready, so that a caller finds its socket open.

import { spawn } from 'node:child_process'

const MARK = 'KAHI_IN_BACKGROUND'
/** Taken out at once: no configuration and no program must see it. */
const isMarked = process.env[MARK] === '1'
delete process.env[MARK]

/** Whether this process is the one that was started by runInBackground(). */
export function isInBackground(): boolean {
  return isMarked
}

/** Starts this command line again in the background, called by the same name; gives 0 when it is ready, else the code it ended with. What it writes to stderr until then is shown. */
export function runInBackground(calledAs: string): Promise<number> {
  const environment = { ...process.env, [MARK]: '1', KAHI_ARGV0: calledAs }
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  child.stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk))
  return new Promise((resolve) => {
    child.once('message', () => {
      child.disconnect()
      child.stderr?.destroy()
      child.unref()
      resolve(0)
    })
    child.once('exit', (code) => resolve(code ?? 1))
    child.once('error', () => resolve(1))
  })
}

/** Tells the waiting process that all servers are open; nothing in the foreground. */
export function tellReady(): void {
  if (!isInBackground()) return
  process.stderr.on('error', () => {})
  process.send?.('ready')
}
