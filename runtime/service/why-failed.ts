// Why a program does not stay up, for `kahi daemon`: how it ended, how often, and the last line that it wrote.

import { hideInText } from '../../config/values/secrets.ts'
import type { Death, ServiceContext } from './context.ts'
import { describeExit } from './machine/exit-status.ts'
import type { ServiceOutput } from './process/output.ts'

/** The texts of supervisord that only say that it ended. */
const VAGUE = /^(?:Exited too quickly|Bad exit code )/
/** Of the log so much is read, and of the line so much is shown. */
const TAIL_BYTES = 2048
const LINE_LENGTH = 160

/** What is known of a failed program. */
export interface FailureFacts {
  readonly spawnError: string
  readonly deaths: readonly Death[]
  readonly output: Pick<ServiceOutput, 'log'>
  readonly context: Pick<ServiceContext, 'explainsErrors'>
}

/** `exit status 3, 4 times in 6 s; last line: cannot open app.yml`; the text of supervisord where that says more. */
export function whyFailed({ spawnError, deaths, output, context }: FailureFacts): string {
  const last = deaths.at(-1)
  if (context.explainsErrors !== true || last === undefined || !VAGUE.test(spawnError)) return spawnError
  const how = describeExit(last.status)
  const first = deaths.findLastIndex(({ status }) => describeExit(status) !== how) + 1
  const times = deaths.length - first
  const seconds = Math.ceil((last.atMs - (deaths[first]?.atMs ?? last.atMs)) / 1000)
  const line = lastLine(output)
  return [`${how}${times > 1 ? `, ${times} times in ${seconds} s` : ''}`, ...(line === '' ? [] : [line])].join(
    '; last line: ',
  )
}

/** Standard error comes first: programs say there why they end. */
function lastLine(output: Pick<ServiceOutput, 'log'>): string {
  for (const stream of ['stderr', 'stdout'] as const) {
    const line = tail(output, stream).trimEnd().split('\n').at(-1)?.trim() ?? ''
    if (line !== '') return hideInText(line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}...` : line)
  }
  return ''
}

function tail(output: Pick<ServiceOutput, 'log'>, stream: 'stdout' | 'stderr'): string {
  try {
    const text = output.log(stream)?.tail(TAIL_BYTES).toString() ?? ''
    return text.replaceAll(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, '').replaceAll(/[^\P{Cc}\n]/gu, ' ')
  } catch {
    return '' // the file is gone, or nothing was written yet
  }
}
