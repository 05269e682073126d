// Whole images with supervisord, and the steps of the test for each of them.

import type { Files } from '../../helpers/image.ts'
import type { Life } from '../../helpers/real-images.ts'

/** An image whose first process is supervisord. */
export interface SupervisordImage extends Life {
  readonly name: string
  /** Directories of KAHI_IMAGES. */
  readonly layers: readonly string[]
  readonly files: Files
  /** What the Dockerfile of the image does. */
  readonly before: string
  /** The configuration; the image's command names it. */
  readonly conf: string
}

/** A program that stands in for another one: it says who it is, and what ended it. */
const fakeProgram = (name: string): string =>
  `#!/bin/sh\ntrap 'echo "${name} ends"; exit 0' TERM\necho ${name} >>/run/order\necho "${name} runs"\nwhile :; do sleep 0.1; done\n`

const status =
  'supervisorctl status | grep -v ^dependent-startup | sed "s/RUNNING .*/RUNNING/; s/EXITED .*/EXITED/; s/STOPPED .*/STOPPED/; s/  */ /g"'

/** The module of SONiC that its listener needs: a table of features, and a place for events. */
const SWSSCOMMON = `class ConfigDBConnector:
    def __init__(self, **_): pass
    def connect(self): pass
    def get_table(self, name): return {"eventd": {"auto_restart": "enabled"}} if name == "FEATURE" else {}
class FieldValueMap(dict): pass
def events_init_publisher(source): return source
def events_deinit_publisher(handle): pass
def event_publish(handle, tag, params):
    with open("/run/published", "a") as out: out.write("%s %s %s\\n" % (handle, tag, dict(params)))
`

const eventd = 'supervisorctl status eventd | grep -q RUNNING'

/**
 * docker-eventd of sonic-buildimage with its supervisord.conf, start.sh and supervisor-proc-exit-listener, and
 * supervisord-dependent-startup. The programs of SONiC are stood in for.
 */
const sonic = (crash: boolean): SupervisordImage => ({
  name: crash ? 'SONiC: a critical process dies' : 'SONiC: the engine stops it',
  layers: ['sonic'],
  files: {
    'usr/sbin/rsyslogd': fakeProgram('rsyslogd'),
    'usr/bin/eventd': fakeProgram('eventd'),
    'usr/lib/python3/dist-packages/swsscommon/__init__.py': '',
    'usr/lib/python3/dist-packages/swsscommon/swsscommon.py': SWSSCOMMON,
  },
  before: ':',
  conf: '/etc/supervisor/supervisord.conf',
  steps: {
    boot: `until ${eventd} && supervisorctl status | grep -q "exit-listener *RUNNING"; do sleep 0.1; done; ${status}`,
    order: 'cat /run/order',
    health: 'supervisorctl status eventd >/dev/null; echo $?',
    restart: `supervisorctl restart eventd; cat /run/order; ${status}`,
    ...(crash
      ? { crash: 'kill -9 $(supervisorctl pid eventd)', end: 'until grep . /run/published; do sleep 0.05; done' }
      : {}),
  },
  stop: !crash,
  keep: (line) => /^\w+ (?:runs|ends)$/.test(line),
})

/** Dovecot's image of mailcow with its supervisord.conf and stop-supervisor.sh; syslog-ng and dovecot are stood in for. */
const mailcow = (crash: boolean): SupervisordImage => ({
  name: crash ? 'mailcow: a program dies' : 'mailcow: the engine stops it',
  layers: ['mailcow'],
  files: { 'usr/sbin/syslog-ng': fakeProgram('syslog-ng'), 'usr/sbin/dovecot': fakeProgram('dovecot') },
  before: ':',
  conf: '/etc/supervisor/supervisord.conf',
  steps: {
    boot: 'until [ "$(sort /run/order 2>/dev/null | tr "\\n" " ")" = "dovecot syslog-ng " ] && pgrep -f stop-supervisor; do sleep 0.1; done >/dev/null',
    health: 'pgrep -f "^/bin/sh /usr/sbin/dovecot" | wc -l',
    // One that dies before it is RUNNING is tried again, and no listener hears of it.
    ...(crash ? { running: /dovecot entered RUNNING/, crash: 'pkill -9 -f "^/bin/sh /usr/sbin/dovecot"' } : {}),
  },
  stop: !crash,
  keep: (line) => /^\S+ (?:runs|ends)$/.test(line) || line.startsWith('Processing Event'),
  masks: [
    [/(?:pool)?serial:\d+/g, 'serial'],
    [/len:\d+/g, 'len'],
  ],
})

const ARTISAN = `#!/usr/bin/env php
<?php
pcntl_async_signals(true);
$goes = true;
pcntl_signal(SIGTERM, function () use (&$goes) { $goes = false; });
echo "worker runs\\n";
@mkdir('/run/queue');
while ($goes) {
  foreach (glob('/run/queue/*.job') as $job) {
    if (@rename($job, "$job.taken")) echo 'did ' . trim(file_get_contents("$job.taken")) . "\\n";
  }
  usleep(50000);
}
echo "worker ends\\n";
`

const program = (name: string, command: string, more = ''): string =>
  `[program:${name}]\ncommand=${command}\nstdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\nredirect_stderr=true\n${more}`

const LARAVEL = `[supervisord]
nodaemon=true
user=root
logfile=/dev/null
logfile_maxbytes=0
pidfile=/run/supervisord.pid
[unix_http_server]
file=/run/supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix:///run/supervisor.sock
${program('php-fpm', 'php-fpm8.2 -F -y /etc/fpm.conf', 'priority=5\n')}
${program('nginx', "nginx -c /etc/site.conf -g 'daemon off;'", 'priority=10\n')}
${program('cron', 'cron -f')}
${program('worker', '/usr/bin/php /srv/artisan queue:work --sleep=3 --tries=3', 'process_name=%(program_name)s_%(process_num)02d\nnumprocs=4\nuser=www-data\nautorestart=true\nstopasgroup=true\nkillasgroup=true\nstopwaitsecs=3600\n')}`

const get = (path: string): string => `curl -sf --unix-socket /run/nginx.sock http://app${path}; echo " $?"`

/** An image as Laravel's documentation makes them: nginx, php-fpm, cron and four queue workers, all from Debian. */
const laravel: SupervisordImage = {
  name: 'Laravel: nginx, php-fpm, cron, queue workers',
  layers: ['debian'],
  files: {
    'etc/supervisor/laravel.conf': LARAVEL,
    'etc/fpm.conf':
      '[global]\nerror_log=/proc/self/fd/2\n[www]\nuser=www-data\nlisten=/run/php.sock\nlisten.mode=0666\npm=static\npm.max_children=2\nclear_env=no\ncatch_workers_output=yes\ndecorate_workers_output=no\n',
    'etc/site.conf':
      'error_log /dev/stderr;\npid /run/nginx.pid;\nevents {}\nhttp {\n  access_log /dev/stdout;\n  server {\n    listen unix:/run/nginx.sock;\n    location / {\n      include /etc/nginx/fastcgi_params;\n      fastcgi_param SCRIPT_FILENAME /srv/index.php;\n      fastcgi_pass unix:/run/php.sock;\n    }\n  }\n}\n',
    'srv/index.php':
      '<?php error_log("php says " . $_SERVER["REQUEST_URI"]); echo "app ", getenv("APP_ENV"), " ", posix_getpwuid(posix_geteuid())["name"];',
    'srv/artisan': ARTISAN,
    'var/spool/cron/crontabs/': '',
  },
  before:
    'ldconfig; mkdir -p /var/lib/nginx /var/log/nginx; mkdir -m 777 /run/queue; chmod 1730 /var/spool/cron/crontabs; cat /etc/group | grep -q ^crontab || groupadd -r crontab',
  conf: '/etc/supervisor/laravel.conf',
  steps: {
    boot: `until [ "$(supervisorctl -c /etc/supervisor/laravel.conf status | grep -c RUNNING)" = 7 ] && [ -S /run/nginx.sock ] && [ -S /run/php.sock ]; do sleep 0.1; done`,
    health: get('/health'),
    job: 'echo mail >/run/queue/1.job; until [ -e /run/queue/1.job.taken ]; do sleep 0.05; done',
    restart: `supervisorctl -c /etc/supervisor/laravel.conf restart nginx php-fpm worker: | sort; until [ -S /run/nginx.sock ] && [ -S /run/php.sock ]; do sleep 0.1; done; ${get('/again')}`,
    reload: `supervisorctl -c /etc/supervisor/laravel.conf signal HUP nginx; ${get('/reloaded')}`,
    crash: `old=$(supervisorctl -c /etc/supervisor/laravel.conf pid worker:worker_02); kill -9 $old; until [ "$(supervisorctl -c /etc/supervisor/laravel.conf pid worker:worker_02)" -gt 0 ] && ! supervisorctl -c /etc/supervisor/laravel.conf pid worker:worker_02 | grep -qx $old; do sleep 0.1; done; until supervisorctl -c /etc/supervisor/laravel.conf status worker:worker_02 | grep -q RUNNING; do sleep 0.1; done`,
    cron: 'pgrep -xc cron',
  },
  stop: true,
  keep: (line) => /^(?:worker |did |.*php says|.*HTTP\/1|\[.*NOTICE)/.test(line),
  masks: [
    [/\[\d\d-\w+-\d{4} [\d:]+\]/g, '[time]'],
    [/\[\d\d\/\w+\/\d{4}:[\d:]+ \+0000\]/g, '[time]'],
    [/pid \d+/g, 'pid'],
    [/^[\d/]+ [\d:]+ \[error\] \d+#\d+: \*\d+/g, '[error]'],
  ],
}

export const supervisordImages: readonly SupervisordImage[] = [
  sonic(true),
  sonic(false),
  mailcow(true),
  mailcow(false),
  laravel,
]
