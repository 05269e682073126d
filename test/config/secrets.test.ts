// What a report of values does not say.

import { expect, test } from 'vitest'
import { withoutSecrets } from '../../config/secrets.ts'

test.each([
  ['environment.DB_PASSWORD', 'x', '(hidden)'],
  ['environment.API_KEY', 'x', '(hidden)'],
  ['environment.KEY_FILE', '/k', '(hidden)'],
  ['environment.KEYBOARD', 'de', 'de'],
  ['environment.DATABASE_URL', 'postgres://app:s3cret@db:5432/app', 'postgres://app:(hidden)@db:5432/app'],
  ['environment.URL', 'http://localhost:80/a@b', 'http://localhost:80/a@b'],
  ['command', 'serve --password=x --port 80', 'serve --password=(hidden) --port 80'],
  ['command', 'serve --api-token "a b" -v', 'serve --api-token (hidden) -v'],
  ['argv', ['serve', '--db-password', 'x', '--port', '80'], ['serve', '--db-password', '(hidden)', '--port', '80']],
  ['credentials', { username: 'u', password: 'x' }, '(hidden)'],
  ['limits', { nofile: 5, token: 'x' }, { nofile: 5, token: '(hidden)' }],
  ['environment.PASSWORD', undefined, undefined],
  ['stopwaitsecs', 7, 7],
])('%s: %j', (key, value, shown) => {
  expect(withoutSecrets(key, value)).toEqual(shown)
})
