// The meaning of signals for the init of s6-overlay. Source: s6-overlay 3.2.3.2 and v1.21, sections 4.5 and 4.6 of
// their behaviour as verified by experiment.

import { readFileSync } from 'node:fs'
import type { Image } from '../../../converter/s6-overlay/image.ts'
import type { SignalTable } from '../../../runtime/daemon/signals.ts'

/** A program that s6 has since 2.10, as in version 2.2: there HUP is a scan. */
const SINCE_S6_210 = ['bin/s6-usertree-maker', 'usr/bin/s6-usertree-maker']
const CAP_SYS_BOOT = 22n
/** Exit code of a first process that may neither reboot nor power off the machine. */
const CANNOT_REBOOT = 111
const REBOOTED = 129
const POWERED_OFF = 130

/** The meaning of each signal. */
export function signalTable(
  environment: Readonly<Record<string, string | undefined>>,
  { generation, has }: Pick<Image, 'generation' | 'has'>,
): SignalTable {
  const nothing = { SIGUSR1: 'nothing', SIGUSR2: 'nothing', SIGWINCH: 'nothing' } as const
  if (generation === 2) {
    const hangUp = SINCE_S6_210.some(has) ? 'nothing' : 'stop'
    return { ...nothing, SIGTERM: 'stop', SIGHUP: hangUp, SIGQUIT: 'stop', SIGINT: 'stop', SIGABRT: 'stop' }
  }
  const [reboot, powerOff] = mayReboot() ? [REBOOTED, POWERED_OFF] : [CANNOT_REBOOT, CANNOT_REBOOT]
  const usual: SignalTable = {
    ...nothing,
    SIGTERM: 'stop',
    SIGUSR2: 'stop',
    SIGINT: reboot,
    SIGUSR1: powerOff,
    SIGPWR: powerOff,
    SIGQUIT: 'nothing',
    SIGHUP: 'nothing',
  }
  if (!/^0*[1-9]\d*$/.test(environment.S6_CMD_RECEIVE_SIGNALS ?? '')) return usual
  const forMain = ['SIGTERM', 'SIGQUIT', 'SIGINT', 'SIGUSR1', 'SIGUSR2', 'SIGPWR', 'SIGWINCH'] as const
  return { ...usual, ...Object.fromEntries(forMain.map((name) => [name, 'main'])) }
}

function mayReboot(): boolean {
  try {
    const bits = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
    return ((BigInt(`0x${bits}`) >> CAP_SYS_BOOT) & 1n) === 1n
  } catch {
    return false
  }
}
