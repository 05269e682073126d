// Calls of skarnet's tools in scripts, as far as words can tell.

/** Programs of execline, s6, s6-rc, s6-portable-utils and s6-overlay whose names nothing else has. */
const TOOL =
  /^(?:execlineb|importas|redirfd|fdmove|foreground|background|loopwhilex|forx|ifelse|ifte|ifthenelse|elgetpositionals|multisubstitute|backtick|with-contenv|with-retries|printcontenv|logutil-service|s6-(?!overlay)[a-z0-9-]+)$/
const FOLDER = /^(?:\/command|\/(?:usr\/)?(?:local\/)?s?bin|\/package\/.*)\/(?=[^/]+$)/

/** Each tool with the first line that calls it. */
export function toolsIn(text: string): readonly { readonly tool: string; readonly line: number }[] {
  const lines = new Map<string, number>()
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*#(?!!)/.test(line)) continue
    for (const word of line.replace(/^#!/, '').split(/[\s;&|()`"'<>{}=]+/)) {
      const tool = word.replace(FOLDER, '')
      if (TOOL.test(tool) && !lines.has(tool)) lines.set(tool, index + 1)
    }
  }
  return [...lines].map(([tool, line]) => ({ tool, line }))
}
