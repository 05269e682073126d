// Images of linuxserver.io: their base (docker-baseimage-ubuntu with the script docker-mods) with docker-mariadb and with
// docker-baseimage-alpine-nginx, as they are in their public repositories, with Debian's mariadb, nginx, php-fpm and cron. s6-overlay
// and kahi boot them; the output and the states must be the same.

import { expect, test } from 'vitest'
import { bootImage } from '../../helpers/image.ts'
import { bootOriginal, originalOverlay } from '../../helpers/original-overlay.ts'
import { LAID, type Life, live, type Lived, realImage } from '../../helpers/real-images.ts'

const ENV = {
  PATH: '/lsiopy/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ...{ HOME: '/root', TERM: 'xterm', LANG: 'C.UTF-8' },
  ...{ S6_CMD_WAIT_FOR_SERVICES_MAXTIME: '0', S6_VERBOSITY: '1', S6_STAGE2_HOOK: '/docker-mods' },
}

/** What the Dockerfile of the base does. */
const BASE = [
  'useradd -u 911 -U -d /config -s /bin/false abc',
  'usermod -G users abc',
  'mkdir -p /app /config /defaults /lsiopy',
  'ldconfig',
].join('; ')

/** Links as in the package s6-overlay-symlinks, which these images have. */
const LINKS = 'for one in /command/*; do [ -e /usr/bin/${one##*/} ] || ln -s $one /usr/bin/; done'

interface Image extends Life {
  readonly name: string
  readonly layer: string
  readonly env: Readonly<Record<string, string>>
  /** What the image's Dockerfile does. */
  readonly before: string
}

const up = (name: string): string =>
  `until [ "$(s6-svstat -o up,ready /run/service/${name})" = 'true true' ]; do sleep 0.1; done`
const NOISE =
  /^(?:\d{4}-\d\d-\d\d |\d{6} |\{"time"| {2}hint: |kahi: |s6-rc: |[\w/.-]+(?: [\w/.-]+)?: (?:info|warning): |\[\d\d-)/

const mariadb: Image = {
  name: 'mariadb',
  layer: 'linuxserver-mariadb',
  env: { MYSQL_DIR: '/config', DATADIR: '/config/databases', MYSQL_ROOT_PASSWORD: 'secret', MYSQL_DATABASE: 'shop' },
  before: [
    'mkdir -p /etc/mysql; printf "[mysqld]\\nbind-address=127.0.0.1\\n" >/etc/mysql/my.cnf',
    // A variable of MariaDB 11.4, with which the image is built; 10.11 refuses to start with it.
    'sed -i /slave_connections_needed_for_purge/d /defaults/custom.cnf',
  ].join('; '),
  steps: {
    boot: `${up('svc-mariadb')}; until s6-rc -a list | grep -qx ci-service-check; do sleep 0.1; done`,
    services: 's6-rc -a list | grep -v ^s6rc- | sort',
    write:
      'mariadb -uroot -e "create database lasting; create table lasting.t (n int) engine=Aria; insert into lasting.t values (7)"',
    restart: `old=$(s6-svstat -o pid /run/service/svc-mariadb); s6-svc -wr -r /run/service/svc-mariadb; until [ "$(s6-svstat -o pid /run/service/svc-mariadb)" != "$old" ]; do sleep 0.1; done; until mariadb -uroot -N -e "select n from lasting.t" 2>/dev/null; do sleep 0.2; done`,
    log: 'grep -c "ready for connections" /config/log/mysql/mariadb-error.log',
    // The end of the log is read from outside of the container's processes.
    follow: 'tail -n 0 -F /config/log/mysql/mariadb-error.log >/proc/1/fd/1 2>/dev/null &',
  },
  stop: true,
  keep: (line) => line !== '' && (!NOISE.test(line) || /Normal shutdown|Shutdown complete/.test(line)),
  masks: [[/^\d{4}-\d\d-\d\d +[\d:]+ \d+ /g, '']],
}

const nginx: Image = {
  name: 'nginx, php-fpm, cron',
  layer: 'linuxserver-nginx',
  env: { FILE__SECRET: '/secret', UMASK: '022', PUID: '1234', PGID: '1234', TZ: 'Etc/UTC' },
  before: [
    'printf hidden >/secret',
    // Alpine's names of programs and directories; nginx 1.22 has neither http2 nor QUIC as this image writes them.
    'ln -sf php-fpm8.2 /usr/sbin/php-fpm84; mkdir -p /var/lib/nginx/tmp /var/www /etc/crontabs',
    'mkdir -p /etc/nginx/http.d /etc/nginx/modules /etc/nginx/conf.d; rm /etc/php/8.2/fpm/pool.d/*',
    'printf "[www]\\nuser=abc\\ngroup=abc\\nlisten=127.0.0.1:9000\\npm=static\\npm.max_children=2\\n" >/etc/php/8.2/fpm/pool.d/www.conf',
    'sed -i "s#^error_log.*#error_log=/config/log/php/error.log#; /^pid/d" /etc/php/8.2/fpm/php-fpm.conf',
    'sed -i "/http[23] on/d; /quic/d" /defaults/nginx/*.sample /defaults/nginx/site-confs/*.sample',
    'mkdir -p /custom-cont-init.d /custom-services.d',
    'printf "#!/bin/bash\\necho custom runs with \\$SECRET\\n" >/custom-cont-init.d/hello',
    'printf "#!/bin/bash\\necho mysvc runs\\nexec sleep infinity\\n" >/custom-services.d/mysvc',
  ].join('; '),
  steps: {
    boot: 'until s6-rc -a list | grep -qx ci-service-check; do sleep 0.1; done',
    services: 's6-rc -a list | grep -v ^s6rc- | sort; ls /run/service | grep -v -e ^s6 | sort',
    health:
      'for one in svc-nginx svc-php-fpm svc-cron; do echo "$one $(s6-svstat -o up,wantedup /run/service/$one)"; done',
    user: 'id abc; cat /run/s6/container_environment/SECRET',
    page: 'until curl -skf https://127.0.0.1/ -o /tmp/page; do sleep 0.1; done; head -c 15 /tmp/page',
    restart:
      'for one in svc-nginx svc-php-fpm; do s6-svc -wR -r /run/service/$one; s6-svstat -o up /run/service/$one; done; until curl -skf https://127.0.0.1/ -o /tmp/page; do sleep 0.1; done',
  },
  stop: true,
  // openssl shows how it makes a key with dots, plus signs and asterisks.
  keep: (line) => !/^[.+*]*$/.test(line) && !NOISE.test(line),
}

const images: readonly Image[] = [mariadb, nginx]

const original = originalOverlay(3)

test.each(images.map((image) => [image.name, image] as const))('%s', async (_, image) => {
  const layers = realImage('debian', image.layer)
  if (layers === undefined || original === undefined) return
  const env = { ...ENV, ...image.env }
  const before = `${BASE}; ${image.before}; ${LAID}`
  const real = await live(bootOriginal(original, {}, [], { env, layers, before: `${LINKS}; ${before}` }), image)
  const kahi = await live(
    bootImage({}, [], {
      env,
      layers,

      before: `/kahi/kahi install --as s6-overlay >/install.log; ${before}`,
    }),
    image,
  )
  expect(kahi).toEqual<Lived>(real)
  expect(real.lines).not.toEqual([])
})
