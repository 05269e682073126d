// `pidproxy`: runs a command that puts a process into the background, and passes signals on to the process whose pid is
// in its pidfile. Source: supervisor 4.2.5, pidproxy.PidProxy.

import { readFileSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'
import { sendSignal, spawnInherited } from '../../runtime/system/proxied.ts'
import { onSignals } from '../../runtime/system/signals.ts'
import { EXIT } from '../exit-codes.ts'

/** Signals that also end the proxy. */
const LAST: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGQUIT']
const OTHERS: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGUSR1', 'SIGUSR2']

/** Runs as pidproxy would. Gives its exit code, which is 0 however the command ends. */
export function pidproxyMain(calledAs: string, argv: readonly string[]): Promise<number> {
  const [pidfile, command, ...args] = argv
  if (pidfile === undefined || command === undefined) {
    process.stdout.write(`Usage: ${calledAs} <pidfile name> <command> [<cmdarg1> ...]\n`)
    return Promise.resolve(EXIT.no)
  }
  return new Promise((resolve) => {
    const pass = (name: NodeJS.Signals) => () => {
      const isSent = passOn(pidfile, name)
      if (isSent && LAST.includes(name)) resolve(EXIT.ok)
    }
    onSignals(Object.fromEntries([...LAST, ...OTHERS].map((name) => [name, pass(name)])))
    spawnInherited(resolvePath(command), [command, ...args], (problem) => {
      if (problem !== undefined) process.stderr.write(`${command}: ${problem}\n`)
      resolve(EXIT.ok)
    })
  })
}

function passOn(pidfile: string, name: NodeJS.Signals): boolean {
  const pid = readPid(pidfile)
  if (pid === undefined) process.stdout.write(`Can't read child pidfile ${pidfile}!\n`)
  else sendSignal(pid, name)
  return pid !== undefined
}

function readPid(pidfile: string): number | undefined {
  try {
    const text = readFileSync(pidfile, 'utf8').trim()
    return /^\d{1,10}$/.test(text) ? Number(text) : undefined
  } catch {
    return undefined
  }
}
