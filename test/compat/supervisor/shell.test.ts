// The shell of supervisorctl at a terminal: the real one and kahi's show the same screens, letter by letter. The test compares only
// the resulting screen, not the control sequences (cursor movements, the bell, bracketed paste).

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahiPath } from '../../helpers/kahi.ts'
import { type Keys, typeAt } from '../../helpers/terminal.ts'
import { isInstalled, mask, type Pair, run } from './pair.ts'

const PROMPT = '\nsupervisor> $'
const [UP, DOWN, LEFT, DELETE, BACKSPACE] = ['\x1b[A', '\x1b[B', '\x1b[D', '\x1b[3~', '\x7f']
const [CTRL_C, CTRL_D, CTRL_U] = ['\x03', '\x04', '\x15']

/** The line that is being typed. */
const typed = (text: string): string => `(^|\n)supervisor> ${text}$`

const SCENES: Readonly<Record<string, readonly Keys[]>> = {
  'help, empty lines, what is no command, exit': [
    ['\r', PROMPT],
    ['  \r', PROMPT],
    ['nonsense\r', PROMPT],
    ['help\r', PROMPT],
    ['?\r', PROMPT],
    ['help start\r', PROMPT],
    ['? pid\r', PROMPT],
    ['help nonsense\r', PROMPT],
    ['version\r', PROMPT],
    ['!ls\r', PROMPT],
    ['-x\r', PROMPT],
    ['EOF x\r', PROMPT],
  ],
  quit: [['quit\r', PROMPT]],
  exit: [['exit\r', PROMPT]],
  'the end of the input': [[CTRL_D, PROMPT]],
  'Ctrl-C at the prompt': [
    ['stat', PROMPT],
    [CTRL_C, typed('stat')],
  ],
  'Ctrl-D deletes in a line': [
    ['statx', PROMPT],
    [`${LEFT}${CTRL_D}${CTRL_D}`, typed('statx')],
    ['us off\r', typed('stat')],
    ['exit\r', PROMPT],
  ],
  editing: [
    ['verzion', PROMPT],
    [`${LEFT}${LEFT}${LEFT}${LEFT}${BACKSPACE}`, typed('verzion')],
    ['r', typed('vezion')],
    [DELETE, typed('verzion')],
    ['s', typed('verion')],
    ['\r', typed('version')],
    [UP, PROMPT],
    ['\r', typed('version')],
    ['exit\r', PROMPT],
  ],
  completion: [
    ['st\t\t', PROMPT],
    ['a\t', typed('st')],
    ['r\t', typed('sta')],
    ['we\t', typed('start ')],
    [CTRL_U, typed('start web ')],
    ['\t\t', typed('')],
    ['stop \t\t', PROMPT],
    ['w\t\t', typed('stop ')],
    [':\t\t', typed('stop w')],
    [CTRL_U, typed('stop w:')],
    ['add \t\t', typed('')],
    [CTRL_U, typed('add ')],
    ['help st\t\t', typed('')],
    [CTRL_U, typed('help st')],
    ['sh\t', typed('')],
    [CTRL_U, typed('shutdown ')],
    ['open x\t\t', typed('')],
    [CTRL_U, typed('open x')],
    ['exit\r', typed('')],
  ],
  'history, which is kept': [
    [UP, PROMPT],
    [UP, typed('pid web')],
    ['\r', typed('status off')],
    ['version\r', PROMPT],
    ['version\r', PROMPT],
    ['\r', PROMPT],
    ['  \r', PROMPT],
    [UP, PROMPT],
    [UP, typed('  ')],
    [`${UP}${UP}`, typed('version')],
    [`${DOWN}${DOWN}${DOWN}${DOWN}`, typed('pid web')],
    ['reload\r', typed('')],
    ['no\r', 'y/N\\? $'],
    ['exit\r', PROMPT],
  ],
  'tail -f': [
    ['tail -f web\r', PROMPT],
    [CTRL_C, 'exit <==\nhello\n', true],
    ['tail -f nope\r', PROMPT],
    ['exit\r', PROMPT],
  ],
  fg: [
    ['fg echo\r', PROMPT],
    ['one\r', 'exit <==\n'],
    ['two\r', 'one\none\n'],
    [CTRL_C, 'two\ntwo\n'],
    ['fg off\r', PROMPT],
    ['fg\r', PROMPT],
    // The original ends up to half a minute later after this.
    ['', PROMPT],
  ],
  questions: [
    ['reload\r', PROMPT],
    ['n\r', 'y/N\\? $'],
    ['shutdown\r', PROMPT],
    ['\r', 'y/N\\? $'],
    ['reload\r', PROMPT],
    [CTRL_D, 'y/N\\? $'],
    ['exit\r', 'error: .*\nsupervisor> $'],
  ],
  'Ctrl-C at a question': [
    ['reload\r', PROMPT],
    ['x', 'y/N\\? $'],
    [CTRL_C, 'y/N\\? x$'],
  ],
  'several lines at once': [['version\rnonsense\rexit\r', PROMPT]],
  shutdown: [
    ['shutdown\r', PROMPT],
    ['Yes\r', 'y/N\\? $'],
    ['exit\r', PROMPT],
  ],
}

/** A line that tells when Ctrl-C was typed: the original sometimes says where it was by then. */
const INTERRUPTED = /\^C\S+ Cannot connect, error: <class 'KeyboardInterrupt'> \(\)$/gm

async function play(pair: Pair): Promise<Readonly<Record<string, unknown>>> {
  const { directory, conf, daemon } = await run(pair)
  const history = join(directory, 'history')
  appendFileSync(conf, '\n')
  writeFileSync(
    conf,
    readFileSync(conf, 'utf8').replace('[supervisorctl]\n', '[supervisorctl]\nhistory_file=%(here)s/history\n'),
  )
  const shown: Record<string, unknown> = {}
  for (const [name, keys] of Object.entries(SCENES)) {
    writeFileSync(history, 'status off\npid web\n')
    const { screen, exitCode } = await typeAt([...program(pair), '-c', conf], keys)
    const text = mask(screen.replaceAll(INTERRUPTED, '^C').replaceAll('error: <', '\nerror: <'), '', directory)
    shown[name] = { text: text.split('\n'), exitCode, history: readFileSync(history, 'utf8').split('\n') }
  }
  await daemon.ended()
  return shown
}

const program = ({ client }: Pair): readonly string[] =>
  client === 'kahi' ? [kahiPath, 'supervisorctl'] : ['/usr/bin/supervisorctl']

const PAIRS: readonly Pair[] = [
  { daemon: 'supervisord', client: 'supervisorctl' },
  { daemon: 'supervisord', client: 'kahi' },
  { daemon: 'kahi', client: 'kahi' },
]

test.skipIf(!isInstalled)('the shell looks as the real one looks (needs supervisor installed)', async () => {
  const [real, onReal, own] = await Promise.all(PAIRS.map(play))
  expect(onReal).toEqual(real)
  expect(own).toEqual(real)
})

test.skipIf(!isInstalled)(
  'the shell asks for name and password where the server does, and keeps the password to itself (needs supervisor installed)',
  async () => {
    const ask = async (pair: Pair): Promise<unknown> => {
      const { directory, conf } = await run(pair, 'username=me\npassword=secret\n')
      const text = readFileSync(conf, 'utf8').replace(
        '[supervisorctl]\n',
        '[supervisorctl]\nhistory_file=%(here)s/history\n',
      )
      writeFileSync(conf, text)
      const { screen, exitCode } = await typeAt(
        [...program(pair), '-c', conf],
        [
          ['me\r', 'Username:$'],
          ['wrong\r', 'Password:$'],
          ['you\r', 'Username:$'],
          [`sekret${BACKSPACE.repeat(4)}cret\r`, 'Password:$'],
          ['me\r', 'Username:$'],
          [`xx${CTRL_U}secret\r`, 'Password:$'],
          [UP, PROMPT],
          ['\r', typed('me')],
          ['exit\r', PROMPT],
        ],
      )
      return { text: mask(screen, '', directory), exitCode, history: readFileSync(join(directory, 'history'), 'utf8') }
    }
    const [real, onReal, own] = await Promise.all(PAIRS.map(ask))
    expect(onReal).toEqual(real)
    expect(own).toEqual(real)
  },
)
