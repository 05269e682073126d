// No line is lost without a report: every line of every source is in the ledger once, and its result is at the place that the
// ledger names. This test uses the corpus, if it is available; test/converter/golden.test.ts does the same for the fixtures.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../config/model/diagnostic.ts'
import { layOut } from '../../../config/toml/write.ts'
import { convert } from '../../helpers/convert.ts'
import type { Conversion } from '../../../converter/format.ts'
import { type CorpusCase, corpusCases } from '../../helpers/corpus.ts'
import { expectAllLines, expectPlaces } from '../../helpers/ledger.ts'
import { testMachine } from '../../helpers/machine.ts'
import { makeFolder } from '../../helpers/test-folder.ts'

const cases: CorpusCase[] = corpusCases()

function attempt(row: CorpusCase): Conversion | undefined {
  try {
    return convert(row.file, testMachine({ environment: row.environment }))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    expect(error.diagnostics.filter(({ severity }) => severity === 'error')[0]?.place).toBeDefined()
    return undefined
  }
}

describe.each(cases)('$name', (row) => {
  const conversion = attempt(row)
  test.skipIf(conversion === undefined)(
    'every line is in the ledger once, and what it became is where the ledger says (skipped where supervisord refuses the file)',
    () => {
      expectAllLines(conversion as Conversion)
      expectPlaces(conversion as Conversion)
    },
  )

  test.skipIf(conversion === undefined)('gives the same bytes again, and on another machine', () => {
    const other = { uid: 5, temporaryDirectory: '/other', findUser: () => undefined }
    const again = convert(row.file, testMachine({ environment: row.environment, ...other }))
    expect(layOut(again.document).text).toBe(layOut((conversion as Conversion).document).text)
  })
})

function convertText(text: string): { readonly toml: string; readonly fates: readonly string[] } {
  const file = join(makeFolder(), 's.conf')
  writeFileSync(file, text)
  const { document, lines } = convert(file, testMachine())
  const layout = layOut(document)
  const fates = lines.map(({ place, fate, to, written }) => {
    const at = (written && layout.lines.get(written)) ?? '-'
    return `${place.line} ${fate} ${to || '-'} ${at}`
  })
  return { toml: layout.text, fates }
}

test('comments and order stay; what is not converted is a comment in its place', () => {
  const text = `; the daemon
[supervisord] ; main
nodaemon = true   ; stay
;logfile=/x

; a program that is off
;[program:off]
;command=off  ; why

[program:web]

; what it runs
command = web
   --port 80 ; the port

   --fast
stopwaitsec = 3
user = app
user = 1000
; last words
`
  expect(convertText(text).toml).toBe(`# the daemon
[supervisor]  # main
nodaemon = true  # stay
# logfile=/x
logfile = "supervisord.log"
output_format = "raw"
pidfile = "supervisord.pid"

# a program that is off
# [program:off]
# command=off  ; why

[programs.web]
# what it runs
# the port
command = '''
web
--port 80

--fast'''
# not converted: stopwaitsec = 3
user = "1000"
# last words
stdout_logfile = "AUTO"
stderr_logfile = "AUTO"
`)
})

test('each fate has its lines', () => {
  const { fates } = convertText(`[DEFAULT]
startsecs=2
nothing=1
[supervisord]
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:a]
command=a
  b
autostart=off
priority=1
priority=2
odd=1

# end
[inet_http_server]
port=1
[notes]
a=1
`)
  expect(fates).toEqual([
    '1 replaced - -',
    '2 replaced programs.a.startsecs 14',
    '3 dropped - 1',
    '4 renamed supervisor 2',
    '5 replaced - -',
    '6 replaced - -',
    '7 renamed programs.a 7',
    '8 kept programs.a.command 8',
    '9 kept programs.a.command 8',
    '10 changed programs.a.autostart 11',
    '11 replaced - -',
    '12 kept programs.a.priority 12',
    '13 dropped - 13',
    '14 blank - -',
    '15 comment - 18',
    '16 renamed server.http 19',
    '17 renamed server.http.listen 20',
    '18 dropped - 25',
    '19 dropped - 26',
  ])
})
