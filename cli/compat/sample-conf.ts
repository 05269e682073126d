// `echo_supervisord_conf`: prints a sample supervisord.conf. Sections, keys and values are those of the original
// sample; the comments are written for kahi.

import { EXIT } from '../exit-codes.ts'

const SAMPLE = `; A supervisord.conf to begin with, as kahi and supervisord read it.
;
; A semicolon after a blank begins a comment. Values are not quoted. %(here)s is the directory of this file,
; %(ENV_X)s the variable X of the environment; a percent sign is written twice.

[unix_http_server]
file=/tmp/supervisor.sock   ; where the daemon listens
;chmod=0700                 ; mode of the socket
;chown=nobody:nogroup       ; its owner
;username=user              ; name for clients; without it no password is needed
;password=123               ; plain, or {SHA} and the SHA-1 in hexadecimal

;[inet_http_server]         ; a TCP port in addition; set a username, or protect it from the network
;port=127.0.0.1:9001        ; host:port, *:port for every interface
;username=user
;password=123

[supervisord]
logfile=/tmp/supervisord.log ; log of the daemon
logfile_maxbytes=50MB        ; rotated at this size; 0 = never
logfile_backups=10           ; number of rotated logs to keep
loglevel=info                ; critical, error, warn, info, debug, trace, blather
pidfile=/tmp/supervisord.pid ; file with the process id
nodaemon=false               ; true stays in the foreground
silent=false                 ; true writes no log to standard output
minfds=1024                  ; smallest limit of open files
minprocs=200                 ; smallest limit of processes
;umask=022                   ; file mode creation mask
;user=supervisord            ; user to become; needed when root starts it
;identifier=supervisor       ; name of this daemon
;directory=/tmp              ; directory to change to
;nocleanup=true              ; keep AUTO logs of earlier runs
;childlogdir=/tmp            ; directory of AUTO logs
;environment=KEY="value"     ; variables for all programs
;strip_ansi=false            ; remove terminal escapes from logs

; Without this section supervisorctl gets no answers.
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix:///tmp/supervisor.sock ; where the daemon listens
;serverurl=http://127.0.0.1:9001      ; or there
;username=chris                       ; as in [unix_http_server] or [inet_http_server]
;password=123
;prompt=mysupervisor                  ; prompt of the shell
;history_file=~/.sc_history           ; what was typed in it

; A program: one command that is kept running. All its keys:

;[program:theprogramname]
;command=/bin/cat              ; the command with its arguments
;process_name=%(program_name)s ; name of each process
;numprocs=1                    ; how many of them
;directory=/tmp                ; directory they start in
;umask=022                     ; their file mode creation mask
;priority=999                  ; lower ones start first and stop last
;autostart=true                ; start with the daemon
;startsecs=1                   ; up for so long means RUNNING
;startretries=3                ; failed starts before it is FATAL
;autorestart=unexpected        ; true, false, or after unexpected exits
;exitcodes=0                   ; exit codes that are expected
;stopsignal=QUIT               ; signal that stops it
;stopwaitsecs=10               ; seconds until SIGKILL
;stopasgroup=false             ; the signal goes to all its processes
;killasgroup=false             ; SIGKILL goes to all its processes
;user=chrism                   ; user it runs as
;redirect_stderr=true          ; stderr goes to the log of stdout
;stdout_logfile=/a/path        ; its log; NONE for none, AUTO for a generated name
;stdout_logfile_maxbytes=1MB   ; rotated at this size
;stdout_logfile_backups=10     ; rotated logs to keep
;stdout_capture_maxbytes=1MB   ; largest captured message
;stdout_events_enabled=false   ; events with its output
;stdout_syslog=false           ; send its output to syslog
;stderr_logfile=/a/path        ; the same for stderr
;stderr_logfile_maxbytes=1MB
;stderr_logfile_backups=10
;stderr_capture_maxbytes=1MB
;stderr_events_enabled=false
;stderr_syslog=false
;environment=A="1",B="2"       ; variables for it
;serverurl=AUTO                ; SUPERVISOR_SERVER_URL for it

; An event listener: a program that reads events. It has the keys of a program, and:

;[eventlistener:theeventlistenername]
;command=/bin/eventlistener    ; speaks the protocol of listeners
;events=EVENT                  ; events that it gets; required
;buffer_size=10                ; events that wait for it
;priority=-1                   ; listeners start first

; A group: programs that are controlled together.

;[group:thegroupname]
;programs=progname1,progname2  ; names of [program:x] sections
;priority=999

; Other files to read.

;[include]
;files = relative/directory/*.ini
`

/** Prints the sample. Gives the exit code. */
export function echoConfiguration(): number {
  process.stdout.write(SAMPLE)
  return EXIT.ok
}
