// What each byte written to supervise/control asks for, one row a letter.
// Source: s6 2.15, s6-svc and s6-supervise; section 3.2 of their behaviour as verified by experiment.

import { readSignal } from '../../../config/signal.ts'
import type { SignalTarget } from '../../service/signal-process.ts'

/** A service as the letters steer it. What does not fit its state changes nothing. */
export interface Steered {
  /** It is to be up, now. */
  start(): void
  /** It is to be down. */
  stop(): void
  /** It is not to be started again by itself; `now`: but once, if it is down. */
  once(now: boolean): void
  /** As one supervisor that ends after the next death, and another one that comes. */
  leave(): void
  /** Whether it is to be up when somebody begins to supervise it: no file `down`. */
  beNormally(up: boolean): void
  signal(number: number, target: SignalTarget): void
  /** SIGSTOP, or SIGCONT. */
  pause(isPaused: boolean, target: SignalTarget): void
  /** The signal that asks it to end; that to read its files again. */
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
