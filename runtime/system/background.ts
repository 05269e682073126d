// Runs the daemon in the background: the same command line is started again in a session of its own, and this process
// ends when the new one reports that it is ready. So a caller finds its socket open.

import { spawn } from 'node:child_process'

const MARK = 'KAHI_IN_BACKGROUND'
/** Removed from the environment at once: no configuration and no program must see it. */
const isMarked = process.env[MARK] === '1'
delete process.env[MARK]

/** Whether this process was started by runInBackground(). */
export function isInBackground(): boolean {
  return isMarked
}

/**
 * Starts this command line again in the background, under the same name, and hands it `text` (see textFromForeground).
 * Gives 0 when it is ready, else its exit code. What it writes to stderr until then is shown.
 */
export function runInBackground(calledAs: string, text: string): Promise<number> {
  const environment = { ...process.env, [MARK]: '1', KAHI_ARGV0: calledAs }
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  child.send(text, () => {}) // where it has ended already, its exit code says why
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

/** What the process in the foreground has read for this one: a pipe can be read only once. For the background only. */
export function textFromForeground(): Promise<string> {
  return new Promise((resolve) => process.once('message', (text) => resolve(String(text))))
}

/** Reports to the waiting process that all servers are open. In the foreground it does nothing. */
export function tellReady(): void {
  if (!isInBackground()) return
  process.stderr.on('error', () => {})
  process.send?.('ready')
}
