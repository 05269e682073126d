// The variables of s6-overlay and what each does in kahi. The table is printed in docs/compat/s6.md; the function reads
// those that a conversion uses. Source: s6-overlay 3.2.3.2 and v1.21, section 4.3 of their behaviour as verified by
// experiment.

import { keepsEnvironment } from '../s6-rc/overlay-places.ts'
import type { Image } from './image.ts'

/** One variable. */
export interface VariableRow {
  readonly name: string
  readonly fallback: string
  /** Begins with same, differs or not applicable. */
  readonly here: string
}

/** All variables of s6-overlay. */
export const variableRows: readonly VariableRow[] = [
  { name: 'PATH', fallback: '/command:/usr/bin:/bin', here: 'same: the three are added where they are missing' },
  {
    name: 'S6_KEEP_ENV',
    fallback: '0',
    here: 'same: programs inherit everything, nothing is written into container_environment',
  },
  {
    name: 'S6_LOGGING',
    fallback: '0',
    here: 'differs: 0 only; with 1 and 2 output still goes to stdout, and a warning says so',
  },
  { name: 'S6_CATCHALL_USER', fallback: 'root', here: 'not applicable: there is no catch-all logger' },
  { name: 'S6_LOGGING_SCRIPT', fallback: 'n20 s1000000 T', here: 'same: logutil-service reads it' },
  {
    name: 'S6_BEHAVIOUR_IF_STAGE2_FAILS',
    fallback: '0',
    here: 'same; from 2 on the end begins with the first failure, not when everything else has settled',
  },
  {
    name: 'S6_CMD_WAIT_FOR_SERVICES_MAXTIME',
    fallback: '0 (5000 before 3.2)',
    here: 'same: in version 3 for the whole boot (`timeout_depends`): the command then runs, or the container ends with 2; a script of cont-init.d that runs is not killed. A longrun that runs and was never ready is then in the list of kahi’s `s6-rc -a list`, and not in that of s6-rc. In versions 1 and 2 for the wait for services.d',
  },
  {
    name: 'S6_CMD_WAIT_FOR_SERVICES',
    fallback: '0',
    here: 'same: the command waits until services of services.d are ready',
  },
  {
    name: 'S6_SERVICES_READYTIME',
    fallback: '50',
    here: 'not applicable: nothing is slept before services are looked at',
  },
  {
    name: 'S6_SERVICES_GRACETIME',
    fallback: '3000',
    here: 'same: at the end others wait so long for services of services.d (`timeout_down`)',
  },
  {
    name: 'S6_KILL_FINISH_MAXTIME',
    fallback: '0 (v1, v2: 5000)',
    here: 'same: timeout_down of each script of cont-finish.d',
  },
  {
    name: 'S6_KILL_GRACETIME',
    fallback: '3000',
    here: 'same: between TERM and KILL, for what is left at the end (`kill_grace`) and for the command; it is not slept when everything has ended',
  },
  { name: 'S6_SYNC_DISKS', fallback: '0', here: 'not applicable: the kernel of the host keeps the disks in order' },
  {
    name: 'S6_CMD_ARG0',
    fallback: '',
    here: 'same: split into words (versions 1 and 2: into lines), in front of the command; in versions 1 and 2 it is the command where there is none',
  },
  { name: 'S6_CMD_USE_TERMINAL', fallback: '0', here: 'not applicable: the command has the terminal in any case' },
  { name: 'S6_CMD_RECEIVE_SIGNALS', fallback: '0', here: 'same: TERM QUIT INT USR1 USR2 PWR WINCH go to the command' },
  { name: 'S6_FIX_ATTRS_HIDDEN', fallback: '0', here: 'same' },
  { name: 'S6_READ_ONLY_ROOT', fallback: '0', here: 'not applicable: nothing is copied; only /run must be writable' },
  {
    name: 'S6_STAGE2_HOOK',
    fallback: '',
    here: 'same: split into words and run before the files are read; S6_* variables that it writes into container_environment count',
  },
  {
    name: 'S6_VERBOSITY',
    fallback: '2',
    here: 'differs: 0 logs critical lines only, 1 warnings too, 2 everything that starts and stops, more debugs; in kahi’s words on stderr. From 2 on kahi init-s6 also writes the lines of s6-overlay and s6-rc about the boot and the end (`s6-rc: info: service legacy-services successfully started`, `[services.d] done.`), for clients that wait for them',
  },
  { name: 'S6_RUNTIME_PROFILE', fallback: '', here: 'same: /etc/cont-profile.d/NAME stands for /etc' },
  {
    name: 'S6_RUNTIME_BUNDLEDIR',
    fallback: '/etc/s6-overlay/user-bundles.d',
    here: 'same: the directory of the bundles user and user2; not read where s6-rc.d has a bundle user',
  },
  { name: 'S6_WAIT_FOR_CLOSING_FD', fallback: '', here: 'not applicable' },
  {
    name: 'S6_YES_I_WANT_A_WORLD_WRITABLE_RUN_BECAUSE_KUBERNETES',
    fallback: '0',
    here: 'not applicable: the mode of /run is not looked at',
  },
]

/** The settings that a conversion uses; times in seconds, 0 = no limit. */
export interface OverlaySettings {
  readonly keepsEnvironment: boolean
  /** 0: continues, 1: continues with a warning, 2: ends the container. */
  readonly ifFails: 0 | 1 | 2
  readonly waitsForServices: boolean
  /** In version 3 for the whole boot, before for the services of services.d; in milliseconds; 0 = no limit. */
  readonly waitMs: number
  readonly servicesGraceSecs: number
  readonly finishSecs: number
  readonly killGraceSecs: number
  readonly fixesHidden: boolean
  readonly verbosity: number
  readonly hidesOutput: boolean
  readonly profile: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** S6_CMD_WAIT_FOR_SERVICES_MAXTIME before 3.2. */
const USUAL_WAIT_MS = 5000

function isBefore32(generation: Image['generation'], version: Image['version']): boolean {
  if (generation === 2) return true
  const [major = 3, minor = 2] = version ?? []
  return major === 3 && minor < 2
}

/** The values of the variables; a value that is no number counts as not set. */
export function readVariables(
  environment: Environment,
  { generation, version }: Pick<Image, 'generation' | 'version'>,
): OverlaySettings {
  const usualWait = isBefore32(generation, version) ? USUAL_WAIT_MS : 0
  const number = (name: string, fallback: number): number => {
    const text = environment[name] ?? ''
    return /^\d+$/.test(text) ? Number(text) : fallback
  }
  const seconds = (name: string, fallback: number): number => number(name, fallback) / 1000
  return {
    keepsEnvironment: keepsEnvironment(environment),
    ifFails: Math.min(number('S6_BEHAVIOUR_IF_STAGE2_FAILS', 0), 2) as 0 | 1 | 2,
    waitsForServices: number('S6_CMD_WAIT_FOR_SERVICES', 0) !== 0,
    waitMs: number('S6_CMD_WAIT_FOR_SERVICES_MAXTIME', usualWait),
    servicesGraceSecs: seconds('S6_SERVICES_GRACETIME', 3000),
    finishSecs: seconds('S6_KILL_FINISH_MAXTIME', generation === 3 ? 0 : 5000),
    killGraceSecs: seconds('S6_KILL_GRACETIME', 3000),
    fixesHidden: number('S6_FIX_ATTRS_HIDDEN', 0) !== 0,
    verbosity: number('S6_VERBOSITY', 2),
    hidesOutput: number('S6_LOGGING', 0) !== 0,
    profile: environment.S6_RUNTIME_PROFILE || undefined,
  }
}

/**
 * The words of S6_CMD_ARG0 before the command. Version 3 splits it as sh does, and not without a command; versions 1 and 2
 * split it into lines. Source: s6-overlay 3.2.3.2, rc.init; v1.22 and v2.2, init-stage1.
 */
export function commandWith(
  environment: Environment,
  command: readonly string[],
  generation: Image['generation'],
): readonly string[] {
  if (generation === 3 && command.length === 0) return []
  const separator = generation === 3 ? /[ \t\n]+/ : /\n+/
  return [...(environment.S6_CMD_ARG0 ?? '').split(separator).filter((word) => word !== ''), ...command]
}
