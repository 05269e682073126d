// Which exits lead to a restart, how soon, and how often. A signal is never an expected end for kahi, so the rule is
// Restart=always with the exit codes that prevent it.

import type { ProcessSettings } from '../../../config/settings/process.ts'

/** Lines of [Unit]: the limit of starts. */
export function startLimitLines(settings: ProcessSettings): readonly string[] {
  const limit = startLimit(settings)
  if (limit === undefined) return settings.autorestart === 'false' ? [] : ['StartLimitIntervalSec=0']
  return [`StartLimitIntervalSec=${limit.seconds}`, `StartLimitBurst=${limit.starts}`]
}

/** Lines of [Service]. */
export function restartLines(settings: ProcessSettings): readonly string[] {
  const { autorestart, exitcodes, restart, on_exit: policy } = settings
  if (autorestart === 'false' || policy === 'shutdown') return ['Restart=no', ...successLines(exitcodes)]
  const delay = restart === undefined || restart === 's6' ? 1 : restart.delay
  const expected = autorestart === 'unexpected' ? exitcodes : []
  const final = restart === undefined || restart === 's6' ? expected : [...expected, ...restart.no_restart_codes]
  return [
    'Restart=always',
    `RestartSec=${delay}`,
    ...(final.length === 0 ? [] : [`RestartPreventExitStatus=${[...new Set(final)].join(' ')}`]),
    ...successLines(expected),
  ]
}

/** 0 is a success anyway. */
function successLines(codes: readonly number[]): readonly string[] {
  const others = codes.filter((code) => code !== 0)
  return others.length === 0 ? [] : [`SuccessExitStatus=${others.join(' ')}`]
}

/** How many starts in which time are allowed; undefined without a limit. */
export function startLimit({
  autorestart,
  restart,
  startretries,
  startsecs,
  on_exit: policy,
}: ProcessSettings): { readonly seconds: number; readonly starts: number } | undefined {
  if (autorestart === 'false' || policy === 'shutdown' || restart === 's6') return undefined
  if (restart === undefined) {
    if (startsecs === 0) return undefined
    const starts = startretries + 1
    return { starts, seconds: starts * (startsecs + 1) + 1 }
  }
  if (restart.limit === 0) return undefined
  const starts = restart.limit + 1
  const seconds = restart.window === 0 ? starts * (Math.max(1, restart.delay) + 1) : Math.ceil(restart.window)
  return { starts, seconds }
}
