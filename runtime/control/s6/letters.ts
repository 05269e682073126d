// What each byte written to supervise/control requests, one row for each letter. Source: s6 2.15, s6-svc and
// s6-supervise; section 3.2 of their behaviour as verified by experiment.

import { readSignal } from '../../../config/values/signal.ts'
import type { SignalTarget } from '../operations/supervised.ts'

/** A service as the letters control it. A letter that does not fit the state of the service changes nothing. */
export interface Steered {
  /** Starts it now. */
  start(): void
  /** Stops it. */
  stop(): void
  /** It is not restarted automatically any more; `now`: but it is started once, if it is down. */
  once(now: boolean): void
  /** Ends the supervision after the next death, and begins a new one. */
  leave(): void
  /** Whether it is started when its supervision begins: whether there is no file `down`. */
  beNormally(up: boolean): void
  signal(number: number, target: SignalTarget): void
  /** SIGSTOP, or SIGCONT. */
  pause(isPaused: boolean, target: SignalTarget): void
  /** The signal that stops it, and the signal that makes it read its files again. */
  readonly stopSignal: number
  readonly reloadSignal: number
}

type Letter = (service: Steered) => void

function sends(name: string): Letter {
  const number = readSignal(name) ?? 0
  return (service) => service.signal(number, 'process')
}

/** The letters. */
export const LETTERS: Readonly<Record<string, Letter>> = {
  a: sends('ALRM'),
  b: sends('ABRT'),
  q: sends('QUIT'),
  h: sends('HUP'),
  k: sends('KILL'),
  t: sends('TERM'),
  i: sends('INT'),
  1: sends('USR1'),
  2: sends('USR2'),
  y: sends('WINCH'),
  r: (service) => service.signal(service.stopSignal, 'process'),
  l: (service) => service.signal(service.reloadSignal, 'process'),
  p: (service) => service.pause(true, 'process'),
  c: (service) => service.pause(false, 'process'),
  P: (service) => service.pause(true, 'group'),
  C: (service) => service.pause(false, 'group'),
  K: (service) => service.signal(9, 'group'),
  u: (service) => service.start(),
  d: (service) => service.stop(),
  o: (service) => service.once(true),
  O: (service) => service.once(false),
  U: (service) => {
    service.beNormally(true)
    service.start()
  },
  D: (service) => {
    service.beNormally(false)
    service.stop()
  },
  Q: (service) => {
    service.beNormally(false)
    service.once(false)
  },
  x: (service) => service.leave(),
}
