// The secrets that a report of values hides.

import { expect, test } from 'vitest'
import { withoutSecrets } from '../../config/values/secrets.ts'

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
  ['environment.ADMIN_PWD', 'x', '(hidden)'],
  ['environment.COOKIE_SALT', 'x', '(hidden)'],
  ['environment.PWD_DIR_COMPASS', '/x', '(hidden)'],
  ['environment.COMPASS', 'north', 'north'],
  ['environment.DSN', 'https://abcdef@sentry.example/1', '(hidden)'],
  ['environment.SENTRY', 'https://abcdef@sentry.example/1', 'https://(hidden)@sentry.example/1'],
  ['environment.URL', 'amqp://app:a/b@c@mq:5672/x', 'amqp://app:(hidden)@mq:5672/x'],
  ['command', 'mysqldump -pSECRET -h db app', 'mysqldump -p(hidden) -h db app'],
  ['command', 'curl -u me:pw https://x/', 'curl -u (hidden) https://x/'],
  ['command', 'curl -u me:pw -p 80', 'curl -u (hidden) -p (hidden)'],
  ['command', 'serve -p 80 -u app', 'serve -p 80 -u app'],
  ['command', "sh -c 'DB_PASSWORD=x exec serve'", "sh -c 'DB_PASSWORD=(hidden) exec serve'"],
  ['command', 'env API_TOKEN="a b" PORT=80 serve', 'env API_TOKEN=(hidden) PORT=80 serve'],
  ['argv', ['env', 'API_TOKEN=x', 'PORT=80', 'serve'], ['env', 'API_TOKEN=(hidden)', 'PORT=80', 'serve']],
  ['argv', ['sh', '-c', 'SECRET=x exec serve'], ['sh', '-c', 'SECRET=(hidden) exec serve']],
  ['command', "curl -H 'Authorization: Bearer X y' https://x/", "curl -H 'Authorization: (hidden)' https://x/"],
  ['argv', ['curl', '-H', 'X-Api-Key: X', 'https://x/'], ['curl', '-H', 'X-Api-Key: (hidden)', 'https://x/']],
  ['command', 'curl https://x/?a=1&access_token=X&sig=Y#z', 'curl https://x/?a=1&access_token=(hidden)&sig=(hidden)'],
  ['command', 'curl --user me:X https://x/', 'curl --user (hidden) https://x/'],
  ['argv', ['curl', '--user=me:X'], ['curl', '--user=(hidden)']],
  ['command', 'openssl enc -pass pass:X -in f', 'openssl enc -pass (hidden) -in f'],
  ['command', 'serve --config {"port":80,"password":"X"}', 'serve --config {"port":80,"password":"(hidden)"}'],
  ['environment.ADO', 'Server=x;Password=X;Port=1', 'Server=x;Password=(hidden);Port=1'],
  ['environment.PG', 'postgresql://db/app?password=X', 'postgresql://db/app?password=(hidden)'],
  ['environment.LICENSE', 'X', '(hidden)'],
  ['environment.HOOK', 'https://hooks.slack.com/services/T0/B0/X', 'https://hooks.slack.com/(hidden)'],
  [
    'environment.TO',
    'https://discord.com/api/webhooks/12/X?wait=1',
    'https://discord.com/api/webhooks/(hidden)?wait=1',
  ],
  ['environment.BOT', 'https://api.telegram.org/bot123456:Xy/send', 'https://api.telegram.org/(hidden)/send'],
  ['environment.PING', 'https://hc-ping.com/0f8fad5b-d9cb-469f-a165-70867728950e', 'https://hc-ping.com/(hidden)'],
  ['environment.JAR', 'https://x/app-1.2.3-linux-amd64.tar.gz', 'https://x/app-1.2.3-linux-amd64.tar.gz'],
  ['environment.GH', 'x ghp_0123456789abcdefghijABCDEFGHIJ y', 'x (hidden) y'],
  ['environment.GO', 'app:X@tcp(db:3306)/app', 'app:(hidden)@tcp(db:3306)/app'],
  ['environment.IMAGE', 'nginx:1.25@sha256:abc', 'nginx:1.25@sha256:abc'],
  ['environment.MAIL', 'mailto:me@x.org', 'mailto:me@x.org'],
  ['command', 'openssl enc -aes-256-cbc -k X -in f', 'openssl enc -aes-256-cbc -k (hidden) -in f'],
  ['argv', ['openssl', 'enc', '-K', 'X', '-in', 'f'], ['openssl', 'enc', '-K', '(hidden)', '-in', 'f']],
  ['command', 'curl -k https://x/', 'curl -k https://x/'],
  ['command', 'redis-cli -a X ping', 'redis-cli -a (hidden) ping'],
  ['command', 'zip -PX a.zip f', 'zip -P(hidden) a.zip f'],
  ['command', 'LICENSE=X exec app', 'LICENSE=(hidden) exec app'],
  ['command', 'app --license-key X -v', 'app --license-key (hidden) -v'],
  ['command', 'helm install --set db.password=X,port=1', 'helm install --set db.password=(hidden)'],
  ['command', 'helm install --set port=1,db.password=X', 'helm install --set port=1,db.password=(hidden)'],
  ['command', 'java -Dspring.datasource.password=X -jar a', 'java -Dspring.datasource.password=(hidden) -jar a'],
  ['command', 'curl -H "Authorization:Bearer X" https://x/', 'curl -H "Authorization:(hidden)" https://x/'],
  ['command', "curl --header='X-Api-Key: X' https://x/", "curl --header='X-Api-Key: (hidden)' https://x/"],
  ['argv', ['curl', '-HAuthorization: Basic X', 'https://x/'], ['curl', '-HAuthorization: (hidden)', 'https://x/']],
  ['command', 'app --auth Bearer X', 'app --auth (hidden) (hidden)'],
  ['command', 'serve token:X auth-service:8080', 'serve token:(hidden) auth-service:8080'],
  ['command', 'app {"password": "X"}', 'app {"password": (hidden)'],
  ['argv', ['mysql', '-u', 'me', '-pSECRET'], ['mysql', '-u', '(hidden)', '-p(hidden)']],
])('%s: %j', (key, value, shown) => {
  expect(withoutSecrets(key, value)).toEqual(shown)
})

test('what it costs grows with the length of the text, and a text beyond all sense is not shown', () => {
  expect(withoutSecrets('command', 'x'.repeat(100_000))).toBe('(hidden)')
  const texts = ['-key', 'eyJa-', 'a:b@', 'https://a/', 'a=b,', '"a":"', 'sk-', '-H', 'x '].map((one) =>
    one.repeat(65_536 / one.length),
  )
  for (const text of texts) expect(withoutSecrets('command', text)).toEqual(expect.any(String))
})
