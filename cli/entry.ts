// kahi.js, the file that Node.js starts. Old versions of Node.js can read its syntax, as CommonJS and as a module, so each of
// them gets a sentence instead of a syntax error. The rest of kahi is in main.mjs, which only a supported version loads.

/** The oldest version of Node.js that kahi supports: major, minor. package.json has the same. */
const OLDEST = [20, 19] as const
const found = process.versions.node
const [major = 0, minor = 0] = found.split('.').map(Number)

if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) void import('./main.ts')
else {
  const needed = `kahi needs ${OLDEST.join('.')} or newer: install it, or set KAHI_NODE to its path`
  process.stderr.write(`kahi: ${process.execPath} is Node.js ${found}, and ${needed}\n`)
  process.exitCode = 111
}
