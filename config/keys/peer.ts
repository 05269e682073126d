// Keys of [peers.NAME]: other daemons, which the page shows beside this one, and which `kahi ctl --peers` asks too.

import { address } from '../values/patterns.ts'
import { timeLimit } from '../values/values.ts'
import { key, type Settings } from './key.ts'
import { requestKeys } from './webhook.ts'

const own = { scope: 'daemon', supervisord: '', live: true } as const

/** Keys of another daemon. */
export const peerKeys = {
  url: key(
    address(['https', 'http'], ['unix']),
    '',
    'Where the other daemon listens: https, http, or `unix:///run/other.sock`.',
    { ...own, required: true },
  ),
  ...requestKeys,
  timeout: key(timeLimit, 3, 'How long its answer may take.', own),
}

/** The values of these keys. */
export type PeerValues = Settings<typeof peerKeys>
