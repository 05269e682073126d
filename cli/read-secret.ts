// Reads a text that must not be shown: from the keyboard without echo, or the first line of a pipe.

const ENTER = new Set(['\r', '\n', '\u0004'])
const DELETE = new Set(['\u007f', '\b'])
const INTERRUPT = '\u0003'

/** Gives the text; undefined after Ctrl-C. `prompt` is written to standard error. */
export async function readSecret(prompt: string): Promise<string | undefined> {
  const { stdin } = process
  if (!stdin.isTTY) return (await firstLine()).replace(/\r$/, '')
  process.stderr.write(prompt)
  stdin.setRawMode(true)
  try {
    return await typed()
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    process.stderr.write('\n')
  }
}

function typed(): Promise<string | undefined> {
  return new Promise((resolve) => {
    let characters: string[] = []
    const finish = (text: string | undefined): void => {
      process.stdin.removeListener('data', read)
      resolve(text)
    }
    const read = (chunk: Buffer): void => {
      for (const one of chunk.toString('utf8')) {
        if (one === INTERRUPT) return finish(undefined)
        if (ENTER.has(one)) return finish(characters.join(''))
        if (DELETE.has(one)) characters = characters.slice(0, -1)
        else characters.push(one)
      }
    }
    process.stdin.on('data', read)
    process.stdin.resume()
  })
}

async function firstLine(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  return text.split('\n')[0] ?? ''
}
