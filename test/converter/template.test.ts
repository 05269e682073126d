// For a template kahi names the template language instead of syntax errors. It does not take similar ordinary files for templates.

import { describe, expect, test } from 'vitest'
import { ConfigError, formatDiagnostic } from '../../config/model/diagnostic.ts'
import { convert } from '../helpers/convert.ts'
import { testMachine } from '../helpers/machine.ts'

function errorsOf(text: string): string {
  try {
    convert('/w/s.conf', testMachine(), { text })
    return ''
  } catch (error) {
    if (error instanceof ConfigError) return error.diagnostics.map(formatDiagnostic).join('\n')
    throw error
  }
}

describe('one error at the place', () => {
  test.each([
    [
      'Jinja blocks',
      '[supervisord]\n{% for p in programs %}\n[program:{{ p }}]\ncommand=x\n{% endfor %}\n',
      2,
      '{% for p in programs %}',
    ],
    ['Jinja in a number', '[supervisord]\n[program:a]\ncommand=x\nnumprocs={{ n }}\n', 4, '{{ n }}'],
    ['Jinja in a section', '[supervisord]\n[program:{{ name }}]\ncommand=x\n', 2, '{{ name }}'],
    ['Jinja in a user', '[supervisord]\n[program:a]\ncommand=x\nuser={{ user }}\n', 4, '{{ user }}'],
    ['a comment of Jinja in the first line', '{# made by hand #}\n[supervisord]\n', 1, '{# made by hand #}'],
    ['ERB', '[supervisord]\n<% if @x -%>\n[program:a]\ncommand=x\n<% end -%>\n', 2, '<% if @x -%>'],
    ['a shell variable in a number', '[supervisord]\n[program:a]\ncommand=x\nnumprocs=${N}\n', 4, '${N}'],
    ['autoconf', '[supervisord]\n[program:a]\ncommand=x\nnumprocs=@COUNT@\n', 4, '@COUNT@'],
    ['words to be replaced', '[supervisord]\n[program:a]\ncommand=x\nautostart=__AUTO__\n', 4, '__AUTO__'],
  ])('%s', (_, text, line, mark) => {
    expect(errorsOf(text)).toBe(
      `/w/s.conf:${line}:1: error: This is a template: ${JSON.stringify(mark)} is a placeholder\n  hint: render it first, then convert the result`,
    )
  })
})

describe('no templates', () => {
  test.each([
    ['${X} for a shell', '[supervisord]\n[program:a]\ncommand=sh -c "echo ${X} $HOME __NAME__"\n'],
    ['braces for a command', "[supervisord]\n[program:a]\ncommand=docker ps --format '{{.Names}}'\n"],
    ['a commented mark', '[supervisord]\n; {% raw %}\n[program:a]\ncommand=x\n'],
  ])('%s', (_, text) => {
    expect(errorsOf(text)).toBe('')
  })

  test('an unset variable is named, whatever else is in the line', () => {
    expect(errorsOf('[supervisord]\n[include]\nfiles=%(ENV_NO)s/${A}/*.conf\n')).toContain('the variable NO is not set')
  })

  test('another mistake is said although a command has braces', () => {
    const text = "[supervisord]\n[program:a]\ncommand=docker ps --format '{{.Names}}'\nstartsecs=soon\n"
    expect(errorsOf(text)).toContain('"soon" is not a whole number')
  })
})
