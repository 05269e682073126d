// Health checks over https, with a real TLS server whose issuer is trusted only through NODE_EXTRA_CA_CERTS.

import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { kahi, scratch, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) console.warn('no openssl: health checks over https are not tested')

/** A program with a check of `url`. Gives a function that waits until its health is as given. */
async function checked(url: string, env: Readonly<Record<string, string>>) {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const health = `health = { http = "${url}", interval = 0.05, failures = 2 }`
  const program = `[programs.p]\ncommand = "/bin/sleep 1000"\nstartsecs = 0\n${health}\n`
  writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n${program}`)
  await startReady(file, { env })
  return (health: object) =>
    eventually(async () => {
      const { stdout } = await kahi(['ctl', '-c', file, 'status', '--json', 'p'])
      expect(JSON.parse(stdout)).toMatchObject([{ health }])
    })
}

test.skipIf(!hasOpenssl)('the status is checked, and the issuer of the certificate', async () => {
  const folder = scratch()
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')]
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  execFileSync('openssl', [...make, ...named, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  let status = 200
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) =>
    response.writeHead(status).end(),
  )
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  onTestFinished(() => void server.close())
  const url = `https://localhost:${(server.address() as AddressInfo).port}/up`
  const becomes = await checked(url, { NODE_EXTRA_CA_CERTS: cert })
  await becomes({ status: 'healthy', problem: '' })
  status = 500
  await becomes({ status: 'unhealthy', problem: 'status 500' })
  const strange = await checked(url, {})
  await strange({ status: 'unhealthy', problem: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})
