// Mistakes that newcomers make: the message says what to write instead.

import { expect, test } from 'vitest'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { readConfig } from '../../config/toml/read.ts'
import { testMachine } from '../helpers/machine.ts'

const PROGRAM = '[programs.a]\ncommand = "x"\n'

function messagesOf(source: string): readonly string[] {
  try {
    readConfig(source, '/k.toml', testMachine())
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.diagnostics.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`))
  }
}

test.each([
  ['[programs.a]\ncommand = "x\n', 'the text has no closing quote in this line, or contains a control character'],
  ['[oneshots.m]\ncommand = "x"\n', 'Unknown key "command" in [oneshots.m] (did you mean "up"?)'],
  ['[server.unix]\npath = "/k"\n', 'Unknown key "path" in [server.unix] (did you mean "file"?)'],
  [`${PROGRAM}cwd = "/"\n`, 'Unknown key "cwd" in [programs.a] (did you mean "directory"?)'],
  [`${PROGRAM}ready = { port = 80 }\n`, 'Cannot read "ready" as readiness: there is no "port"; did you mean "tcp"?'],
  [
    `${PROGRAM}ready = { http = "localhost:80" }\n`,
    'Cannot read "ready" as readiness: "localhost:80" is not an http URL such as "http://127.0.0.1:8080/health"',
  ],
  [
    `${PROGRAM}environment = ["A=b"]\n`,
    'Cannot read "environment" as table of variables: it is a list with items of another kind (write { NAME = "value", OTHER = 8000 })',
  ],
  [
    `${PROGRAM}stopsignal = "SIGTREM"\n`,
    'Cannot read "stopsignal" as signal: "SIGTREM" is not a signal name or number; did you mean "TERM"?',
  ],
  [
    `${PROGRAM}directory = "\${NOT_THERE}"\n`,
    'the variable NOT_THERE is not set and has no default, as in ${NOT_THERE:-default}',
  ],
])('%j', (source, message) => {
  expect(messagesOf(source).join('\n')).toContain(message)
})
