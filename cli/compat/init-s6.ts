// `/init`, and `kahi init-s6`: boots an image of s6-overlay. Its files are converted in memory and run as any other
// configuration; here is only what must be there before: places in /run, the hook, and what signals mean to an init.
// Source: s6-overlay 3.2.3.2, preinit, stage0 and rc.init; v1.21, init-stage1; sections 4.1 to 4.6 of their behaviour as
// verified by experiment.

import { ConfigError, formatDiagnostic } from '../../config/diagnostic.ts'
import type { Entry } from '../../config/document.ts'
import { convertS6Overlay } from '../../converter/s6-overlay/convert.ts'
import { type Generation, openImage } from '../../converter/s6-overlay/image.ts'
import { runDaemon } from '../../runtime/daemon.ts'
import { isFirstBrain } from '../../runtime/shim/helper.ts'
import { keepHeapSmall } from '../../runtime/system/heap.ts'
import { runAttached } from '../../runtime/system/run-program.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { defaultSocket, prepareDefaultSocket, thisAsker } from '../default-socket.ts'
import { EXIT } from '../exit-codes.ts'
import { LiveSource, type Read } from '../live-source.ts'
import { shimPath, thisProgram } from '../shim-path.ts'
import { VERSION } from '../version.ts'
import { completePath, makeDirectory, preparePlaces } from './init/places.ts'
import { signalTable } from './init/signals.ts'

const HELP = `kahi init-s6 [COMMAND [ARGUMENT…]]

Boots the files of this image as the /init of s6-overlay does, then runs the command and ends with its exit code.
`

/** Runs as /init would with these arguments, which are the container's command; gives the exit code. */
export async function initMain(calledAs: string, argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && argv[0] === '--help' && !calledAs.endsWith('/init')) {
    process.stdout.write(HELP)
    return EXIT.ok
  }
  try {
    return await boot(argv)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.diagnostics.map(formatDiagnostic).join('\n')}\n`)
    return EXIT.usage
  }
}

async function boot(command: readonly string[]): Promise<number> {
  keepHeapSmall()
  const { generation } = openImage('/')
  const directory = process.cwd()
  process.env.PATH = completePath(process.env.PATH)
  if (isFirstBrain(process.env)) {
    for (const trouble of preparePlaces(generation, directory)) process.stderr.write(`kahi: warning: ${trouble}\n`)
    const failed = await runHook(generation)
    if (failed !== undefined) return failed
  }
  process.chdir('/')
  const asker = thisAsker()
  const socket = defaultSocket(asker)
  const read = () => usable(convertS6Overlay('/', thisMachine(), { command, directory }))
  return runDaemon({
    source: new LiveSource({ read, machine: thisMachine, defaultSocket: socket }),
    defaultSocket: socket,
    prepareDefaultSocket: () => prepareDefaultSocket(asker),
    shimPath: shimPath(),
    program: thisProgram(),
    check: ['version'],
    version: VERSION,
    calledAs: 'kahi',
    logFormat: 'text',
    logStream: 'stderr',
    signals: signalTable(process.env, generation),
  })
}

/** Who may not write into /run has no service directories; all else works. */
function usable<Image extends Read>(image: Image): Image {
  const isUsable = ({ key, value }: Entry): boolean => key !== 'scan_directory' || makeDirectory(String(value))
  const tables = image.document.tables.map((table) =>
    table.kind === 'supervisor' ? { ...table, entries: table.entries.filter(isUsable) } : table,
  )
  return { ...image, document: { ...image.document, tables } }
}

/** Images change their files here, so it comes before these are read. Gives the exit code when it fails and that is fatal. */
async function runHook(generation: Generation): Promise<number | undefined> {
  const words = (process.env.S6_STAGE2_HOOK ?? '').split(/[ \t\n]+/).filter((word) => word !== '')
  if (words.length === 0) return undefined
  const code = await runAttached(words)
  if (code === 0) return undefined
  process.stderr.write(`kahi: warning: the hook ${words.join(' ')} ended with ${code}\n`)
  const isFatal = Number(process.env.S6_BEHAVIOUR_IF_STAGE2_FAILS ?? 0) >= 2
  return isFatal ? (generation === 3 ? code : EXIT.no) : undefined
}
