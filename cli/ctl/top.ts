// `kahi ctl top`: what processes use, again and again. The daemon measures only when it is asked.

import { systemClock } from '../../runtime/system/clock.ts'
import type { UsageObject } from '../../runtime/control/operations/shapes/usage.ts'
import { type Arguments, type Command, flagOf, listOf, textOf } from '../command.ts'
import { CTL_EXIT, EXIT } from '../exit-codes.ts'
import { print, printProblem } from '../print.ts'
import type { Client } from './client.ts'
import { splitNamespec } from '../../config/model/names.ts'
import { withDaemon } from './session.ts'
import { untilInterrupted } from './stream.ts'
import { COLUMNS, type Load, loadsOf, usageTable } from './usage-table.ts'

const SCREEN = {
  enter: '\x1b[?1049h\x1b[?25l',
  leave: '\x1b[?25h\x1b[?1049l',
  home: '\x1b[H',
  restOfLine: '\x1b[K',
  rest: '\x1b[J',
}
const CTRL_C = '\x03'

/** Shows what processes use. */
export const topCommand: Command = {
  name: 'top',
  usage: '[--sort COLUMN] [--interval SECONDS] [NAME... | GROUP:*]',
  summary: 'Show what processes use, the largest first, and again every two seconds until q or Ctrl-C',
  options: {
    sort: { type: 'string', default: 'cpu', choices: [...COLUMNS.map(titleOf), 'name'], summary: 'Column to sort by' },
    interval: { type: 'string', default: '2', summary: 'Seconds between two measurements' },
    once: { type: 'boolean', summary: 'Measure one interval, print, and end; so it is without a terminal' },
  },
  positionals: [
    { name: 'names', summary: 'Processes, groups as GROUP:*; all by default', required: false, many: true },
  ],
  examples: [
    ['kahi ctl top', 'c m p f t r u k n sort by a column; q ends'],
    ['kahi ctl top --once --sort mem', 'one table, the most memory first'],
  ],
  run: (args) => {
    const interval = Number(textOf(args, 'interval'))
    if (interval >= 0.1 && interval <= 3600)
      return withDaemon(args, (client) => new Top(client, args, interval).run(), { isForOne: true })
    printProblem(`--interval must be a number of seconds from 0.1 to 3600, not "${textOf(args, 'interval')}"`)
    return Promise.resolve(EXIT.usage)
  },
}

function titleOf({ title }: { readonly title: string }): string {
  return title.toLowerCase().replace('%', '')
}

/** Measures and shows. */
class Top {
  readonly #client: Client
  readonly #args: Arguments
  readonly #intervalMs: number
  #sort: string
  #before: readonly UsageObject[] = []
  #loads: readonly Load[] = []

  constructor(client: Client, args: Arguments, interval: number) {
    this.#client = client
    this.#args = args
    this.#intervalMs = interval * 1000
    this.#sort = textOf(args, 'sort') ?? 'cpu'
  }

  async run(): Promise<number> {
    await this.#measure()
    const isLive = process.stdout.isTTY && !flagOf(this.#args, 'once') && !flagOf(this.#args, 'json')
    if (isLive) await untilInterrupted((stop) => this.#live(stop))
    else await this.#once()
    return CTL_EXIT.success
  }

  async #once(): Promise<void> {
    await this.#pause(new AbortController().signal)
    await this.#measure()
    if (flagOf(this.#args, 'json')) print(JSON.stringify(this.#sorted().map(showLoad), null, 2))
    else
      for (const line of usageTable(this.#sorted(), process.stdout.isTTY ? process.stdout.columns : Infinity))
        print(line)
  }

  async #live(stop: AbortSignal): Promise<void> {
    const quit = new AbortController()
    const until = AbortSignal.any([stop, quit.signal])
    const { stdin, stdout } = process
    const draw = (): void => void stdout.write(this.#screen())
    const key = (text: string): void => {
      if (text === 'q' || text === CTRL_C) quit.abort()
      const column = text === 'n' ? 'name' : COLUMNS.find((one) => one.key === text)
      if (column !== undefined) this.#sort = typeof column === 'string' ? column : titleOf(column)
      draw()
    }
    if (stdin.isTTY) stdin.setRawMode(true)
    stdin.setEncoding('utf8').on('data', key)
    stdout.on('resize', draw)
    stdout.write(SCREEN.enter)
    try {
      while (!until.aborted) {
        draw()
        await this.#pause(until)
        if (!until.aborted) await this.#measure()
      }
    } finally {
      stdout.off('resize', draw)
      stdout.write(SCREEN.leave)
      if (stdin.isTTY) stdin.setRawMode(false)
      stdin.off('data', key).pause()
    }
  }

  #screen(): string {
    const { columns, rows } = process.stdout
    const keys = `q ends; sorted by ${this.#sort}: ${COLUMNS.map((one) => `${one.key} ${titleOf(one)}`).join(', ')}, n name`
    const lines = [...usageTable(this.#sorted(), columns).slice(0, rows - 2), '', keys.slice(0, columns - 1)]
    return `${SCREEN.home}${lines.map((line) => `${line}${SCREEN.restOfLine}`).join('\r\n')}${SCREEN.rest}`
  }

  #sorted(): readonly Load[] {
    const column = COLUMNS.find((one) => titleOf(one) === this.#sort)
    if (column === undefined) return this.#loads
    return this.#loads.toSorted((left, right) => {
      const [a, b] = [column.value(left), column.value(right)]
      return typeof a === 'number' && typeof b === 'number' ? b - a : String(a) < String(b) ? -1 : 1
    })
  }

  async #measure(): Promise<void> {
    const [processes, usages] = await Promise.all([
      this.#client.call('GET /api/v1/processes'),
      this.#client.call('GET /api/v1/usage'),
    ])
    const names = listOf(this.#args, 'names').map((name) => splitNamespec(name))
    const meant = processes.filter(
      ({ group, name }) =>
        names.length === 0 || names.some((one) => one.group === group && (one.name === undefined || one.name === name)),
    )
    this.#loads = loadsOf(meant, usages, this.#before)
    this.#before = usages
  }

  #pause(until: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = systemClock().after(this.#intervalMs, resolve)
      until.addEventListener('abort', () => {
        timer.cancel()
        resolve()
      })
    })
  }
}

function showLoad({ usage, cpu, process: { group, name, state } }: Load): object {
  return { group, name, state, cpu_percent: cpu === undefined ? 0 : Math.round(cpu * 10) / 10, ...usage }
}
