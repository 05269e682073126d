// Every file and every command of the pages for users, through dist/kahi. TOML is checked. Commands run in a shell and their output
// is compared; `…` matches any text. Other files are parsed. KAHI_GOLDEN=write writes the current output into the pages.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Block, blocksOf, commandsOf, type Step, stepsOf } from '../helpers/blocks.ts'
import { findMistakes } from '../helpers/docs-files.ts'
import { fits, mask } from '../helpers/docs-output.ts'
import { type Shell, startShell } from '../helpers/docs-shell.ts'
import { root } from '../helpers/kahi.ts'
import { pages, textOf } from '../helpers/pages.ts'
import { unknownWords } from '../helpers/typed.ts'
import { eventually } from '../helpers/wait.ts'

const isWriting = process.env.KAHI_GOLDEN === 'write'
/** Commands that change nothing. They run again until their output is that of the page. */
const LOOKS = /^(?:kahi (?:ctl\b.* (?:status|logs|tail|events|blame|wait)\b|healthcheck\b)|curl |cat |tail )/

const withBlocks = pages.filter((page) => page !== 'CHANGELOG.md' && blocksOf(page).length > 0)

test.each(withBlocks)('%s', async (page) => {
  const shell = startShell()
  const written: (readonly [Step, string])[] = []
  for (const block of blocksOf(page)) {
    if (block.file !== undefined) await writeFile(shell, block)
    if (!block.isElsewhere && block.language === 'console') {
      for (const step of stepsOf(block)) written.push([step, await play(shell, page, step)])
    } else if (!block.isElsewhere && block.language === 'sh' && block.file === undefined) {
      for (const command of commandsOf(block))
        expect(await shell.run(command), `${page}: ${command}`).toMatchObject({ exitCode: 0 })
    } else expect(await findMistakes(shell, block), `${page}:${block.line}`).toEqual([])
  }
  if (isWriting) write(page, written)
})

test.each(pages.filter((page) => page !== 'CHANGELOG.md' && !page.startsWith('docs/decisions/')))(
  'the commands that %s names are there, with their options',
  (page) => {
    expect(unknownWords(textOf(page))).toEqual([])
  },
)

async function writeFile(shell: Shell, { file = '', text }: Block): Promise<void> {
  await shell.run(`mkdir -p "$(dirname ${file})" && cat >${file} <<'END OF FILE'\n${text}END OF FILE`)
  if (text.startsWith('#!')) await shell.run(`chmod +x ${file}`)
}

/** Runs a command and compares; gives its output. */
async function play(shell: Shell, page: string, { command, output, line }: Step): Promise<string> {
  if (isWriting && LOOKS.test(command)) await shell.run('sleep 3')
  const look = async (): Promise<string> => {
    const { output: own, exitCode } = await shell.run(command)
    const shown = own === '' && output !== '' ? shell.background() : own
    if (output === '' && !isWriting)
      expect({ line, command, exitCode, shown }).toMatchObject({ exitCode: 0, shown: '' })
    if (!isWriting && !fits(output, shown)) expect(mask(shown), `${page}:${line}: ${command}`).toBe(mask(output))
    return shown
  }
  if (!LOOKS.test(command) || isWriting) return look()
  let shown = ''
  await eventually(async () => void (shown = await look()))
  return shown
}

/** Replaces the output of each command in the page if it does not match the current output. */
function write(page: string, written: readonly (readonly [Step, string])[]): void {
  const lines = textOf(page).split('\n')
  for (const [{ line, command, output }, shown] of written.toReversed()) {
    if (fits(output, shown)) continue
    const from = line - 1 + command.split('\n').length
    lines.splice(from, output === '' ? 0 : output.trimEnd().split('\n').length, ...shown.trimEnd().split('\n'))
  }
  writeFileSync(join(root, page), lines.join('\n'))
}
