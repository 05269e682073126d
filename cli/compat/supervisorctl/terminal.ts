// Reads lines from a terminal, with editing, completion and history. Each line has its own reader. Between two lines
// the terminal has its normal mode: it shows what is typed ahead, Ctrl-C is a signal, and typed text waits for the next
// question. Source: GNU readline 8.2 as CPython 3.11 uses it.

import { createInterface, type Interface } from 'node:readline'
import { Readable } from 'node:stream'

/** The possible completions of a word, and the word. */
export type Word = readonly [found: readonly string[], word: string]

/** What the terminal needs. */
export interface TerminalOptions {
  /** The oldest line first. */
  readonly history: readonly string[]
  complete(line: string): Promise<Word>
  /** Ctrl-C was typed; false when no callback is set, which ends the input. */
  interrupt(): boolean
}

/** Asks one question at a time. */
export class Terminal {
  readonly #options: TerminalOptions
  /** Gets each key by itself, so that nothing is read beyond the end of a line. */
  readonly #keys = new Readable({ read: () => undefined })
  /** The newest line first. */
  readonly #history: string[]
  /** Ends the current question. */
  #end = (): boolean => false
  /** The line when TAB found nothing to add. */
  #tabbed: string | undefined

  constructor(options: TerminalOptions) {
    this.#options = options
    this.#history = [...options.history].reverse()
    this.#keys.on('keypress', (_text, key: { readonly name?: string }) => {
      if (key.name !== 'tab') this.#tabbed = undefined
    })
    process.stdin.setEncoding('utf8').pause()
    process.stdin.on('data', (text: string) => {
      for (const key of text) this.#keys.push(key)
    })
    process.stdin.on('end', () => this.#keys.push(null))
  }

  /** Asks a question; undefined at the end of the input. */
  ask(question: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const lines = this.#open(question)
      const end = this.#listen(() => lines.close())
      const finish = (line: string | undefined): void => {
        if (end()) resolve(line)
      }
      lines.once('line', (line) => {
        if (line !== '' && line !== this.#history[0]) this.#history.unshift(line)
        finish(line)
      })
      lines.once('close', () => finish(undefined))
      lines.once('SIGINT', () => (this.#options.interrupt() ? end() : finish(undefined)))
      if (question !== '') lines.prompt()
    })
  }

  /** As ask(), without showing the typed text. */
  askHidden(question: string): Promise<string | undefined> {
    process.stdout.write(question)
    return new Promise((resolve) => {
      let typed = ''
      const end = this.#listen(() => this.#keys.off('data', take).pause())
      const finish = (line: string | undefined): void => {
        end()
        process.stdout.write('\n')
        resolve(line)
      }
      const take = (given: Buffer): void => {
        const key = String(given)
        if (key === '\r' || key === '\n') finish(typed)
        else if (key === '\x03' && this.#options.interrupt()) end()
        else if (key === '\x03' || (key === '\x04' && typed === '')) finish(undefined)
        else if (key === '\x15') typed = ''
        else if (key === '\x7f' || key === '\b') typed = [...typed].slice(0, -1).join('')
        else typed += key
      }
      this.#keys.on('data', take).resume()
    })
  }

  /** Lines that were typed, the oldest first. */
  history(): readonly string[] {
    return [...this.#history].reverse()
  }

  /** Ends the current question, if there is one. */
  close(): void {
    this.#end()
  }

  #open(prompt: string): Interface {
    this.#end()
    const lines = createInterface({
      input: this.#keys,
      output: process.stdout,
      terminal: true,
      prompt,
      history: [...this.#history],
      historySize: Number.MAX_SAFE_INTEGER,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        void this.#complete(lines, line).then((text) => done(null, [text === undefined ? [] : [text], line]))
      },
    })
    return lines
  }

  /**
   * Begins a question and ends the current one. Gives a function that ends the new one; it returns whether the question
   * was still open.
   */
  #listen(stop: () => void): () => boolean {
    process.stdin.setRawMode(true)
    process.stdin.resume()
    let isOpen = true
    this.#end = () => {
      if (!isOpen) return false
      isOpen = false
      process.stdin.pause()
      process.stdin.setRawMode(false)
      stop()
      return true
    }
    return this.#end
  }

  /**
   * The line, completed by what all possible completions have in common. When that adds nothing, a second TAB shows
   * them.
   */
  async #complete(lines: Interface, line: string): Promise<string | undefined> {
    const [found, word] = await this.#options.complete(line).catch((): Word => [[], ''])
    const names = [...new Set(found)].sort()
    const common = commonBeginning(names)
    if (common.length > word.length) {
      this.#tabbed = undefined
      return line.slice(0, line.length - word.length) + common
    }
    if (this.#tabbed === line && names.length > 1) {
      process.stdout.write(`\n${inColumns(names, process.stdout.columns)}\n`)
      lines.prompt(true)
    }
    this.#tabbed = line
    return undefined
  }
}

function commonBeginning([first = '', ...others]: readonly string[]): string {
  let length = first.length
  while (!others.every((name) => name.startsWith(first.slice(0, length)))) length -= 1
  return first.slice(0, length)
}

/** Names in columns from top to bottom, all as wide as the widest. Source: GNU readline 8.2, rl_display_match_list. */
function inColumns(names: readonly string[], width: number): string {
  const wide = Math.max(...names.map(({ length }) => length)) + 2
  const fitting = Math.max(1, Math.floor(width / wide) - (width % wide === 0 ? 1 : 0))
  const rows = Math.ceil(names.length / fitting)
  const row = (first: number): string =>
    names
      .filter((_, index) => index % rows === first)
      .map((name, column) => (column + 1 < fitting ? name.padEnd(wide) : name))
      .join('')
  return Array.from({ length: rows }, (_, first) => row(first)).join('\n')
}
