// Finds calls of skarnet's tools in scripts, as far as single words show them.

import type { Definition } from './definition.ts'

/** Programs of execline, s6, s6-rc, s6-portable-utils and s6-overlay with unique names. */
const NAMES =
  'execlineb importas redirfd fdmove fdclose fdblock fdreserve fdswap foreground background loopwhilex forx forstdin forbacktickx ifelse ifte ifthenelse elgetpositionals elgetopt elglob eltest dollarat envfile homeof multidefine multisubstitute backtick execline-cd execline-umask posix-cd posix-umask runblock tryexec withstdinas unexport emptyenv piperw with-contenv with-retries printcontenv logutil-service'.split(
    ' ',
  )
const S6 = /^s6-(?!overlay$)[a-z0-9-]+$/
const FOLDER = /^(?:\/command|\/(?:usr\/)?(?:local\/)?s?bin|\/package\/.*)\/(?=[^/]+$)/

/** Whether a script of a service talks to its supervisor, which needs a service directory. */
export function callsTools({ texts }: Pick<Definition, 'texts'>): boolean {
  return [...texts.values()].some(({ text }) => /^[^#\n]*\bs6-(?:notifyoncheck|sv[a-z0-9]+)\b/m.test(text))
}

/** Whether a word names a tool, by itself or by its path. */
export function isTool(word: string): boolean {
  const tool = word.replace(FOLDER, '')
  return NAMES.includes(tool) || S6.test(tool)
}

/** Each tool with the first line that calls it. */
export function toolsIn(text: string): readonly { readonly tool: string; readonly line: number }[] {
  const lines = new Map<string, number>()
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*#(?!!)/.test(line)) continue
    for (const word of line.replace(/^#!/, '').split(/[\s;&|()`"'<>{}=]+/)) {
      const tool = word.replace(FOLDER, '')
      if ((NAMES.includes(tool) || S6.test(tool)) && !lines.has(tool)) lines.set(tool, index + 1)
    }
  }
  return [...lines].map(([tool, line]) => ({ tool, line }))
}
