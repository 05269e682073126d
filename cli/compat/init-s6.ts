// `/init`, and `kahi init-s6`: boots an image of s6-overlay. The files of the image are converted in memory and run as
// any other configuration. This file does what must be done before: it makes directories in /run, runs the hook, and
// sets the meaning of signals for an init. Source: s6-overlay 3.2.3.2, preinit, stage0 and rc.init; v1.21, init-stage1;
// sections 4.1 to 4.6 of their behaviour as verified by experiment.

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError, formatDiagnostic } from '../../config/model/diagnostic.ts'
import type { Entry } from '../../config/keys/document.ts'
import type { Machine } from '../../config/model/machine.ts'
import { convertS6Overlay } from '../../converter/s6-overlay/convert.ts'
import { type Image, openImage } from '../../converter/s6-overlay/image.ts'
import { placesOf } from '../../converter/s6-overlay/places.ts'
import { commandWith, readVariables } from '../../converter/s6-overlay/variables.ts'
import { runDaemon } from '../../runtime/daemon/daemon.ts'
import { isFirstDaemonProcess } from '../../runtime/shim/client/helper.ts'
import { keepHeapSmall } from '../../runtime/system/heap.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { defaultSocket, prepareDefaultSocket, thisAsker } from '../default-socket.ts'
import { EXIT } from '../exit-codes.ts'
import { LiveSource, type Read } from '../live-source.ts'
import { shimPath, thisProgram } from '../shim-path.ts'
import { VERSION } from '../version.ts'
import { announcerOf } from './init/announcer.ts'
import { completePath, makeDirectory } from './init/places.ts'
import { prepareImage } from './init/prepare.ts'
import { writtenSettings } from './init/settings.ts'
import { signalTable } from './init/signals.ts'

const HELP = `kahi init-s6 [COMMAND [ARGUMENT…]]

Boots the files of this image as the /init of s6-overlay does, then runs the command and ends with its exit code.
`

/** Runs as /init would with these arguments, which are the container's command. Gives the exit code. */
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
  const image = openImage('/')
  const directory = process.cwd()
  process.env.PATH = completePath(process.env.PATH)
  if (isFirstDaemonProcess(process.env)) {
    const failed = await prepareImage(image, directory)
    if (failed !== undefined) return failed
  }
  process.chdir('/')
  const { environment } = machineOf(image)
  const settings = readVariables(environment, image)
  const started = commandWith(environment, command, image.generation)
  const asker = thisAsker()
  const socket = defaultSocket(asker)
  const read = () => usable(convertS6Overlay('/', machineOf(image), { command, directory, isBoot: canScan(image) }))
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
    signals: signalTable(process.env, image),
    isPrepared: true,
    ...(settings.verbosity < 2 ? {} : { announcer: announcerOf(image, started[0] ?? '') }),
  })
}

/** This machine, with the settings that the hook wrote into the container's variables. */
function machineOf(image: Image): Machine {
  const machine = thisMachine()
  return {
    ...machine,
    environment: { ...machine.environment, ...writtenSettings(placesOf(image).environment_directory) },
  }
}

/** Without a scan directory no service can be added while the container boots. */
function canScan(image: Image): boolean {
  return process.env.KAHI_SHIM !== 'none' && existsSync(shimPath()) && makeDirectory(placesOf(image).scan_directory)
}

/** Settings that need a directory in /run, and which one. When it cannot be made, everything else works without. */
const NEEDED: Readonly<Record<string, (value: string) => string>> = {
  scan_directory: (value) => value,
  exit_code_file: dirname,
  halt_directory: (value) => value,
}

function usable<Image extends Read>(image: Image): Image {
  const isUsable = ({ key, value }: Entry): boolean =>
    NEEDED[key] === undefined || makeDirectory(NEEDED[key](String(value)))
  const tables = image.document.tables.map((table) =>
    table.kind === 'supervisor' ? { ...table, entries: table.entries.filter(isUsable) } : table,
  )
  return { ...image, document: { ...image.document, tables } }
}
