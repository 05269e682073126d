// `kahi ctl timeline`: the start of the daemon as bars, on the terminal or as a picture.

import type { BootObject } from '../../runtime/control/operations/shapes/graph.ts'
import { type Command, flagOf, textOf } from '../command.ts'
import { CTL_EXIT, EXIT } from '../exit-codes.ts'
import { escapeXml } from '../graph/svg.ts'
import { print, printProblem } from '../print.ts'
import { WriteError, writeWhole } from '../write-file.ts'
import { NO_BOOT } from './blame.ts'
import { withDaemon } from './session.ts'

type Service = BootObject['services'][number]

/** Shows the start of the daemon as bars. */
export const timelineCommand: Command = {
  name: 'timeline',
  usage: '[-o FILE.svg]',
  summary: 'Show the start of the daemon as a bar for each program and oneshot: waiting, starting, up',
  options: {
    output: { type: 'string', alias: 'o', summary: 'Write a picture (SVG) into this file, which is replaced' },
  },
  positionals: [],
  examples: [
    [
      'kahi ctl timeline',
      'dots for waiting, # for starting, = for up; * marks the units that the whole start waited for',
    ],
    ['kahi ctl timeline -o boot.svg', 'a picture for a browser'],
  ],
  run: (args) =>
    withDaemon(
      args,
      async (client) => {
        const boot = await client.call('GET /api/v1/boot')
        const file = textOf(args, 'output')
        if (flagOf(args, 'json')) {
          print(JSON.stringify(boot, null, 2))
          return EXIT.ok
        }
        if (file !== undefined) return write(file, timelineSvg(boot))
        for (const line of timelineLines(boot, process.stdout.columns || 100)) print(line)
        return EXIT.ok
      },
      { isForOne: true },
    ),
}

function write(file: string, svg: string): number {
  try {
    writeWhole(file, `${svg}\n`, { force: true })
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof WriteError)) throw error
    printProblem(error.message, error.hint)
    return CTL_EXIT.generic
  }
}

/** The end of the picture: a little after the last unit was up, or now when one is not up yet. */
function endOf({ services, elapsed }: BootObject): number {
  const isOpen = services.some(({ up, failure }) => up === null && failure === '')
  const last = Math.max(1, ...services.flatMap(({ begun, started, up }) => [begun ?? 0, started ?? 0, up ?? 0]))
  return isOpen ? Math.max(last, elapsed) : last * 1.05
}

/** One line for each unit, at most `columns` wide. */
function timelineLines(boot: BootObject, columns: number): readonly string[] {
  const { services } = boot
  if (services.length === 0) return [NO_BOOT]
  const names = Math.min(40, Math.max(...services.map(({ name }) => name.length)))
  const width = Math.max(20, columns - names - 5)
  const end = endOf(boot)
  const cells = (ms: number): number => Math.round((ms / end) * width)
  const lines = services.map(({ name, begun, up, failure, critical }) => {
    const [begunAt, done] = [cells(begun ?? end), cells(up ?? end)]
    const rest = up === null ? '' : '='.repeat(Math.max(0, width - done))
    const bar = `${'.'.repeat(begunAt)}${begun === null ? '' : '#'.repeat(Math.max(1, done - begunAt))}${rest}`.slice(
      0,
      width,
    )
    return `${critical ? '*' : ' '} ${name.padEnd(names)} |${failure === '' ? bar : failure.slice(0, width)}`
  })
  return [...lines, `  ${' '.repeat(names)} |0${`${(end / 1000).toFixed(3)} s`.padStart(width - 1)}`]
}

const ROW = 22
const BAR_HEIGHT = 14
const WIDTH = 800
const MARGIN = 12
const AXIS = 24
/** Width of a character at 12 pixels. */
const CHARACTER = 7.3

/** An SVG file with a row for each unit, in the order in which they were wanted. */
function timelineSvg(boot: BootObject): string {
  const { services } = boot
  const end = endOf(boot)
  const left = Math.ceil(Math.max(1, ...services.map(({ name }) => name.length)) * CHARACTER) + 2 * MARGIN
  const height = AXIS + services.length * ROW + MARGIN
  const xOf = (ms: number): number => Math.round((left + (ms / end) * WIDTH) * 10) / 10
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + WIDTH + MARGIN} ${height}" font-family="monospace" font-size="12">`,
    '<style>text{fill:#123}.waiting{fill:#dde3ea}.starting{fill:#f0a030}.up{fill:#8cc48c}.failed{fill:#d66}' +
      '.critical{font-weight:bold}line{stroke:#ccd}</style>',
    ...ticks(end).map((ms) => drawTick(ms, xOf(ms), height)),
    ...services.map((service, index) => drawRow(service, { y: AXIS + index * ROW, left, end, xOf })),
    '</svg>',
  ].join('\n')
}

/** About eight round times for the axis. */
function ticks(end: number): readonly number[] {
  const rough = end / 8
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step)
}

function drawTick(ms: number, x: number, height: number): string {
  const label = `${Number((ms / 1000).toPrecision(3))} s`
  return `<line x1="${x}" y1="${AXIS - 6}" x2="${x}" y2="${height - MARGIN}"/><text x="${x}" y="12" text-anchor="middle" font-size="10">${label}</text>`
}

interface Row {
  readonly y: number
  readonly left: number
  readonly end: number
  xOf(ms: number): number
}

function drawRow(service: Service, { y, left, end, xOf }: Row): string {
  const { name, begun, up, failure, critical } = service
  const begunAt = begun ?? end
  const done = up ?? end
  const bars = [
    drawBar('waiting', xOf(0), xOf(begunAt), y),
    begun === null ? '' : drawBar(failure === '' ? 'starting' : 'failed', xOf(begunAt), xOf(done), y),
    up === null ? '' : drawBar('up', xOf(done), xOf(end), y),
  ]
  const label = `<text class="${critical ? 'critical' : 'free'}" x="${left - MARGIN}" y="${y + 11}" text-anchor="end">${escapeXml(name)}</text>`
  return `<g><title>${escapeXml(describe(service))}</title>${label}${bars.join('')}</g>`
}

function drawBar(kind: string, from: number, to: number, y: number): string {
  const width = Math.max(0, Math.round((to - from) * 10) / 10)
  return width === 0 ? '' : `<rect class="${kind}" x="${from}" y="${y}" width="${width}" height="${BAR_HEIGHT}"/>`
}

function describe({ name, begun, up, failure, needs }: Service): string {
  const after = needs.length === 0 ? '' : ` after ${needs.map((need) => `${need.name} ${need.reached}`).join(', ')}`
  const begunAt = begun === null ? 'never begun' : `begun at ${Math.round(begun)} ms${after}`
  const end = failure !== '' ? failure : up === null ? 'not up yet' : `up at ${Math.round(up)} ms`
  return `${name}: ${begunAt}, ${end}`
}
