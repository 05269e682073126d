// The command of `watch`, seen through dist/kahi: one at a time.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { end, run } from '../helpers/order.ts'
import { eventually } from '../helpers/wait.ts'

test('changes while the command runs lead to one more run for all of them', async () => {
  const script = 'echo begin >>DIR/order; until [ -e DIR/go ]; do sleep 0.02; done; echo end >>DIR/order'
  const watch = `watch = { paths = ["DIR/conf"], exec = ["/bin/sh", "-c", '''${script}'''], debounce = 0.05 }`
  const all = await run(`[programs.p]\ncommand = "/bin/sleep 1000"\nstartsecs = 0\n${watch}\n`)
  await all.daemon.line("spawned: 'p'")
  const isSeen = (count: number) => () => all.daemon.output().split('/conf ').length > count
  for (const [index, text] of ['1', '2', '3'].entries()) {
    writeFileSync(join(all.folder, 'conf'), text)
    await eventually(isSeen(index + 1), 'the change is seen')
  }
  await eventually(() => expect(all.order()).toEqual(['begin']))
  writeFileSync(join(all.folder, 'go'), '')
  await eventually(() => expect(all.order()).toEqual(['begin', 'end', 'begin', 'end']))
  await end(all)
})
