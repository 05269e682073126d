// A scene of the differential test: a small supervisord.conf and the steps of the test. The scene runs under the real supervisord
// and under kahi (play.ts). The events of listeners, the answers of calls and the final states of all processes must be equal.

/** One scene. */
export interface Scene {
  readonly about: string
  /** Sections besides those that every scene has. `DIR` is the scene's own folder, `LISTENER name` an event listener's command. */
  readonly conf: string
  readonly steps: readonly Step[]
  /** More lines of [supervisord]. */
  readonly daemon?: string
  /** What the listener of every scene asks for, if not all but ticks. */
  readonly events?: string
  /** Several processes move at once: the events of each are compared. */
  readonly isMixed?: boolean
  /** Files compared at the end. */
  readonly files?: readonly string[]
  /** Why it does not come to the same. */
  readonly differs?: string
  /** There is no [rpcinterface:supervisor]; nothing can be asked. */
  readonly isDeaf?: boolean
}

/** What is done, or waited for. */
export type Step =
  | { readonly do: 'see'; readonly event: string; readonly process: string; readonly times: number }
  | { readonly do: 'heard'; readonly listener: string; readonly lines: number }
  | { readonly do: 'written'; readonly file: string; readonly text: string }
  | { readonly do: 'call' | 'begin'; readonly method: string; readonly params: readonly Param[] }
  | { readonly do: 'signal'; readonly name: NodeJS.Signals }
  | { readonly do: 'configure'; readonly conf: string }
  | { readonly do: 'connect'; readonly socket: string }
  | { readonly do: 'ended' }

type Param = string | number | boolean

/** Waits until the listener of every scene has been told this of a process so many times. */
export function see(event: string, process = '', times = 1): Step {
  return { do: 'see', event, process, times }
}

/** Waits until another listener has written down so many lines. */
export function heard(listener: string, lines: number): Step {
  return { do: 'heard', listener, lines }
}

/** Waits until a file holds a text. */
export function written(file: string, text: string): Step {
  return { do: 'written', file, text }
}

/** Calls a method of XML-RPC and waits for its answer. */
export function call(method: string, ...params: readonly Param[]): Step {
  return { do: 'call', method, params }
}

/** Calls a method; its answer is compared at the end. */
export function begin(method: string, ...params: readonly Param[]): Step {
  return { do: 'begin', method, params }
}

/** Signals the daemon. */
export function signal(name: NodeJS.Signals): Step {
  return { do: 'signal', name }
}

/** Puts other sections in the place of those of the scene. */
export function configure(conf: string): Step {
  return { do: 'configure', conf }
}

/** Reads what a unix socket gives to who connects. */
export function connect(socket: string): Step {
  return { do: 'connect', socket }
}

/** Waits for the end of the daemon; its exit code is compared. */
export const ended: Step = { do: 'ended' }

/** A program that stays up, with more lines of its section. */
export function program(name: string, more = '', command = 'sleep 1000'): string {
  return `[program:${name}]\ncommand=${command}\nstartsecs=0\n${more}\n`
}

/** A program that runs a line of shell. */
export function shell(name: string, script: string, more = ''): string {
  return program(name, more, `sh -c '${script}'`)
}

/** Fails, but not before the request that started it is answered: supervisord looks for ends there, and may find it. */
export const SOON = "sh -c 'sleep 0.3; exit 4'"

/** A program that is down until a client starts it. */
export function idle(name: string, more = '', command = 'sleep 1000'): string {
  return program(name, `autostart=false\n${more}`, command)
}
