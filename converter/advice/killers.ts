// Recognizes listeners whose only purpose is to end the daemon. A script is recognized only when each command or call
// in it is one of a few known ones; any other part may have an effect.

/** What is known about a script. */
export interface Killer {
  /** It ends the daemon and has no other lasting effect. */
  readonly isAll: boolean
  /** It has a condition: the name of a program, or a state. */
  readonly asks: boolean
}

const SHELL_IDLE = ['printf', 'echo', 'read', 'kill', 'killall', 'cat', 'true', ':', 'sleep', 'exit', 'set', 'pidof']
const SHELL_LEADS =
  /^(?:(?:while|until|do|done|if|then|else|elif|fi|exec|!|\{|\}|in)(?=\s|$)|\w+=\S*|[\d&]*[<>]+&?\s*\S+)\s*/
const PYTHON_IDLE =
  /^(?:(?:sys\.)?(?:stdin|stdout|stderr)\.(?:write|flush|readline|read|readlines)|write_(?:stdout|stderr)|\w*\.(?:split|strip|rstrip|readline|readlines|read|write|flush|format|close|get|items|lower|upper|startswith|getpid|getppid|kill|exit)|print|int|str|dict|len|list|open|main|Exception|range|(?:os\.)?(?:kill|getppid|getpid|_exit)|(?:sys\.)?exit|(?:time\.)?sleep|signal\.\w+|(?:childutils\.)?(?:listener\.\w+|get_headers|eventdata)|logging\.\w+|\w+\.shutdown)$/
const PYTHON_MODULES = [
  'sys',
  'os',
  'signal',
  'time',
  'logging',
  'subprocess',
  'supervisor',
  'supervisor.childutils',
  '__future__',
]

/** Examines the text of a shell script. */
export function readShellKiller(text: string): Killer {
  const plain = text
    .replaceAll(/^\s*#.*$/gm, '')
    .replaceAll(/\bsupervisorctl\s+(?:-\S+\s+\S+\s+)*shutdown\b/g, 'true')
    .replaceAll(/'[^']*'|"(?:[^"\\$`]|\\.)*"/g, 'Q')
    .replaceAll('"', ' ')
  const parts = plain.split(/;|\n|&&|\|\|?|\$?\(|\)|`|(?<![<>])&(?!\d)/)
  const isAll = parts.every((part) => isIdle(part.trim())) && !/(?<![<>&\d])>+\s*(?!&|\/dev\/)\S/.test(plain)
  return { isAll, asks: /\b(?:if|case|grep|elif)\b|\[/.test(plain) }
}

function isIdle(part: string): boolean {
  let rest = part
  for (let lead = SHELL_LEADS.exec(rest); lead !== null; lead = SHELL_LEADS.exec(rest))
    rest = rest.slice(lead[0].length)
  const [word = ''] = rest.split(/\s/)
  return word === '' || SHELL_IDLE.includes(word) || /^Q/.test(word)
}

/** Examines the text of a Python script. */
export function readPythonKiller(text: string): Killer {
  const plain = text
    .replaceAll(/"""[\s\S]*?"""|'''[\s\S]*?'''/g, 'Q')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, 'Q')
    .replaceAll(/#.*$/gm, '')
  const modules = [...plain.matchAll(/^\s*(?:import\s+([\w., ]+)|from\s+([\w.]+)\s+import)/gm)].flatMap(
    ([, several, one]) => (several ?? one ?? '').split(',').map((name) => name.trim().split(' ')[0] ?? ''),
  )
  const own = [...plain.matchAll(/\bdef\s+(\w+)/g)].map(([, name]) => name)
  const calls = [...plain.matchAll(/([\w.]*\w)\s*\(/g)].map(([, name = '']) => name)
  const words = ['if', 'while', 'elif', 'except', 'and', 'or', 'not', 'in', 'return', 'print']
  const isKnown = (name: string): boolean => own.includes(name) || words.includes(name) || PYTHON_IDLE.test(name)
  const writes = /\bopen\s*\([^)]*,\s*(?:mode\s*=\s*)?['"][^'"]*[wax+]/.test(text)
  const isAll = modules.every((name) => PYTHON_MODULES.includes(name)) && calls.every(isKnown) && !writes
  const conditions = [...plain.matchAll(/\bif\b([^:\n]*)/g)].filter(
    ([, what = '']) => !/__name__|==\s*0|not\s+\w+$/.test(what),
  )
  return { isAll, asks: conditions.length > 0 }
}
