// The end of a log by lines: an answer has some hundred bytes for each line, so a log of very short lines would be a very long
// answer.

const NEWLINE = 0x0a

/** The end of a text, with at most so many lines. */
export function lastLines(text: Buffer, most: number): Buffer {
  let start = text.length
  for (let count = 0; count < most && start > 0; count += 1)
    start = start < 2 ? 0 : text.lastIndexOf(NEWLINE, start - 2) + 1
  return text.subarray(start)
}
