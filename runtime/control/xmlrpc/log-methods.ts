// Methods for logs. Source: supervisor 4.2.5, rpcinterface.SupervisorNamespaceRPCInterface.

import { splitUnitId } from '../../../config/model/names.ts'
import { clearLog, clearLogs, clearMainLog, readLogEnd, readLogPart } from '../operations/logs.ts'
import type { Controlled } from '../operations/supervised.ts'
import type { Arguments, Method, Parameter } from './method.ts'
import { NAME } from './process-methods.ts'
import { about, readProcess, showOutcomes } from './targets.ts'

const OFFSET: Parameter = {
  name: 'offset',
  type: 'int',
  help: 'Where to begin; negative: so many bytes before the end',
}
const LENGTH: Parameter = { name: 'length', type: 'int', help: 'How many bytes at most; 0: up to the end' }

/** Each method under all of its names. */
export const logMethods: readonly Method[] = [
  reading('supervisor.readProcessStdoutLog', 'stdout'),
  reading('supervisor.readProcessLog', 'stdout'),
  reading('supervisor.readProcessStderrLog', 'stderr'),
  tailing('supervisor.tailProcessStdoutLog', 'stdout'),
  tailing('supervisor.tailProcessLog', 'stdout'),
  tailing('supervisor.tailProcessStderrLog', 'stderr'),
  clearing('supervisor.clearProcessLogs'),
  clearing('supervisor.clearProcessLog'),
  {
    name: 'supervisor.clearAllProcessLogs',
    help: 'Clears the logs of all processes',
    parameters: [],
    returns: ['array', 'A struct for each process: name, group, status, description'],
    call: async (controlled) => showOutcomes(await about(undefined, () => clearLogs.run(controlled, {}))),
  },
  readingMain('supervisor.readLog'),
  readingMain('supervisor.readMainLog'),
  {
    name: 'supervisor.clearLog',
    help: "Clears the daemon's own log",
    parameters: [],
    returns: ['boolean', 'Always true'],
    call: (controlled) => about(undefined, () => clearMainLog.run(controlled, {})),
  },
]

function reading(name: string, stream: 'stdout' | 'stderr'): Method {
  return {
    name,
    help: `Part of the ${stream} log of a process`,
    parameters: [NAME, OFFSET, LENGTH],
    returns: ['string', 'What is there'],
    call: async (controlled, given, { room }) => {
      const of = { name: readProcess(given.text(0)), stream }
      const work = () => readLogPart.run(controlled, { of, ...part(given, 1), room })
      return textOf(await about(given.text(0), work, { NO_LOG: pathOf(controlled, of) }))
    },
  }
}

function readingMain(name: string): Method {
  return {
    name,
    help: "Part of the daemon's own log",
    parameters: [OFFSET, LENGTH],
    returns: ['string', 'What is there'],
    call: async (controlled, given, { room }) => {
      const work = () => readLogPart.run(controlled, { of: undefined, ...part(given, 0), room })
      return textOf(await about(undefined, work))
    },
  }
}

function tailing(name: string, stream: 'stdout' | 'stderr'): Method {
  return {
    name,
    help: `The end of the ${stream} log of a process, for clients that have read up to an offset`,
    parameters: [NAME, OFFSET, LENGTH],
    returns: ['array', 'The text, the offset after it, and whether something was left out'],
    call: async (controlled, given, { room }) => {
      const of = { name: readProcess(given.text(0)), stream }
      const work = () => readLogEnd.run(controlled, { of, ...part(given, 1), room })
      const { bytes, size, overflow } = await about(given.text(0), work)
      return [textOf(bytes), size, overflow]
    },
  }
}

function clearing(name: string): Method {
  return {
    name,
    help: 'Clears the logs of a process',
    parameters: [NAME],
    returns: ['boolean', 'Always true'],
    call: async (controlled, given) => {
      await about(given.text(0), () => clearLog.run(controlled, { name: readProcess(given.text(0)) }))
      return true
    },
  }
}

/** The path of the missing file; undefined when there is no log file. */
function pathOf({ supervisor }: Controlled, { name, stream }: { name: string; stream: 'stdout' | 'stderr' }) {
  const process = splitUnitId(name)
  const info = supervisor.find(process.group, process.name)?.info()
  return (stream === 'stdout' ? info?.stdoutLogfile : info?.stderrLogfile) || undefined
}

function part(given: Arguments, first: number): { readonly offset: number; readonly length: number } {
  return { offset: given.whole(first), length: given.whole(first + 1) }
}

/** The first character may be incomplete; then it is left out. */
function textOf(bytes: Buffer): string {
  let start = 0
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1
  return bytes.toString('utf8', start)
}
