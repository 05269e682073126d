// One file for each kind of loss in a converter of the Go project. Each file is converted, written and read again. The result is
// compared with that of supervisord 4.2.5; test/compat/supervisord-files.test.ts runs the real supervisord.

import { describe, expect, test } from 'vitest'
import { migrate, place, rows } from './lossless.ts'

describe('a converter loses none of these', () => {
  test.each(rows)('%s', (_, text, expected) => {
    expect(migrate(place(text)).effective.groups[0]?.processes[0]).toMatchObject(expected)
  })

  test('several processes of one program', () => {
    const text =
      '[program:a]\ncommand=x %(process_num)02d\nprocess_name=%(program_name)s_%(process_num)02d\nnumprocs=2\nnumprocs_start=1'
    expect(migrate(place(text)).effective.groups[0]?.processes).toMatchObject([
      { namespec: 'a:a_01', argv: ['x', '01'] },
      { namespec: 'a:a_02', argv: ['x', '02'] },
    ])
  })

  test('groups, their names and their order', () => {
    const text =
      '[program:a]\ncommand=x\nprocess_name=p\npriority=999\n[program:b]\ncommand=%(group_name)s\npriority=7\n[group:g]\nprograms=a,b\npriority=5'
    expect(migrate(place(text)).effective.groups).toMatchObject([
      {
        name: 'g',
        priority: 5,
        processes: [
          { namespec: 'g:p', priority: 999 },
          { namespec: 'g:b', command: 'g' },
        ],
      },
    ])
  })

  test('the daemon’s variables, user, umask and rotation', () => {
    const keys =
      'environment=A="1"\nuser=daemon\numask=027\nlogfile_maxbytes=1KB\nlogfile_backups=3\nchildlogdir=/tmp\nloglevel=blather'
    const { effective } = migrate(place(`${keys}\n[program:a]\ncommand=%(ENV_A)s`))
    expect(effective.supervisord).toMatchObject({
      environment: { A: '1' },
      user: 'daemon',
      umask: '0027',
      logfile_maxbytes: 1024,
      logfile_backups: 3,
      childlogdir: '/tmp',
      loglevel: 'blather',
    })
    expect(effective.groups[0]?.processes[0]).toMatchObject({ command: '1', childEnvironmentDelta: { A: '1' } })
  })

  test('included files, by several patterns, with their own directory', () => {
    const files = {
      'conf.d/b.conf': '[program:b]\ncommand=%(here)s/b',
      'conf.d/a.ini': '[program:a]\ncommand=a',
      'x/10.conf': '[program:c]\ncommand=c',
    }
    const where = place('[include]\nfiles = conf.d/*.conf conf.d/*.ini\n  %(ENV_HOME)s/none x/%(ENV_NUM)s.conf', files)
    const commands = migrate(where).effective.groups.flatMap(({ processes }) => processes.map(({ command }) => command))
    expect(commands).toEqual(['a', `${where.folder}/conf.d/b`, 'c'])
  })

  test('event listeners and FastCGI programs', () => {
    const text = '[eventlistener:l]\ncommand=x\nevents=TICK\n[fcgi-program:f]\ncommand=x\nsocket=tcp://h:1\n'
    expect(migrate(place(text)).effective.groups).toMatchObject([{ kind: 'eventlistener' }, { kind: 'fcgi-program' }])
  })

  test('sockets as people set them up', () => {
    const text =
      '[unix_http_server]\nfile=%(here)s/s\nchmod=0770\nchown=root:root\nusername=u\npassword=%%p\n[inet_http_server]\nport=*:9001'
    const { folder, file } = place(text)
    expect(migrate({ folder, file }).effective).toMatchObject({
      httpServers: [
        { family: 'inet', host: '', port: 9001, auth: false },
        { family: 'unix', file: `${folder}/s`, chmod: '0770', chown: [0, 0], username: 'u', password: '%p' },
      ],
    })
  })

  test('comments and order', () => {
    const { toml } = migrate(
      place('; one\n[program:z]\n; two\npriority=1\ncommand=x ; three\n\n[program:a]\ncommand=x\n; four'),
    )
    expect(toml.match(/# \w+$|^\[programs.*|^command|^priority/gm)?.join(' ')).toBe(
      '# one [programs.z] # two priority command # three [programs.a] command # four',
    )
  })
})
