import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { type Action, action, profiles } from '../../appliance/actions/action.ts'
import { applianceFolders } from '../../appliance/actions/folders.ts'
import type { Ground } from '../../appliance/helper/answer.ts'
import { helperAt } from '../../appliance/helper/ask.ts'
import { openJobs } from '../../appliance/helper/jobs.ts'
import { listen } from '../../appliance/helper/listen.ts'
import { profileIn } from '../../appliance/helper/profile.ts'
import type { Outcome, Request } from '../../appliance/helper/protocol.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { until } from '../support/until.ts'

const secret = 'open sesame of the test'

describe('the root helper', () => {
  let folder: string
  let ground: Ground
  let logged: Record<string, unknown>[]
  let close: () => Promise<void>
  let release: () => void

  const deeds: Action[] = [
    action({
      name: 'greet',
      subject: 'overview',
      sentence: 'Greets',
      input: z.strictObject({ name: z.string().max(10), key: z.string().optional() }),
      secrets: ['key'],
      profiles,
      callers: ['console', 'server'],
      run: async ({ name }) => {
        if (name === 'nobody') throw new Refusal('NOT_FOUND', 'There is nobody.', 'name')
        if (name === 'broken') throw new Error('the disk is gone')
        return `hello ${name}`
      },
    }),
    action({
      name: 'wipe',
      subject: 'files',
      sentence: 'Wipes',
      input: z.strictObject({}),
      profiles: ['standard'],
      callers: ['console'],
      confirm: () => 'wipe',
      run: async () => 'wiped',
    }),
    action({
      name: 'dig',
      subject: 'jobs',
      sentence: 'Digs until it is released',
      input: z.strictObject({}),
      profiles,
      callers: ['console', 'server'],
      job: true,
      run: async (_input, { tell }) => {
        tell({ step: 'digging' })
        await new Promise<void>(resolve => {
          release = resolve
        })
        return 'a hole'
      },
    }),
    action({
      name: 'sleep',
      subject: 'power',
      sentence: 'Starts a program that does not end by itself',
      input: z.strictObject({}),
      profiles,
      callers: ['console'],
      run: async (_input, { run, tell }) => {
        tell({ step: 'started' })
        await run('/bin/sleep', ['60071'])
        return 'slept'
      },
    }),
  ]
  const socket = (caller: 'console' | 'server') => join(folder, `${caller}.sock`)
  const ask = (request: Request, caller: 'console' | 'server' = 'console', signal?: AbortSignal) =>
    helperAt(socket(caller)).ask(request, signal ? { signal } : {})
  const sentenceOf = (outcome: Outcome) => ('refusal' in outcome ? outcome.refusal.sentence : JSON.stringify(outcome))

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quartermaster-helper-'))
    logged = []
    const folders = applianceFolders(folder)
    const jobs = openJobs(folders.jobs, () => new Date())
    ground = { profile: 'standard', appliance: true, folders, jobs, actions: deeds, log: entry => logged.push(entry) }
    const doors = (['console', 'server'] as const).map(caller => ({ caller, at: { path: socket(caller) } }))
    close = (await listen(ground, doors)).close
  })
  afterEach(async () => {
    await close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('does a deed of the ledger and answers', async () => {
    assert.deepEqual(await ask({ action: 'greet', input: { name: 'Nora' } }), { answer: 'hello Nora' })
  })

  it('refuses what is not in the ledger, and an input that is not what the deed takes', async () => {
    assert.match(sentenceOf(await ask({ action: 'sh', input: { command: 'id' } })), /no command "sh"/)
    assert.match(sentenceOf(await ask({ action: 'greet' })), /Say name/)
    assert.match(sentenceOf(await ask({ action: 'greet', input: { name: 'Nora', shell: '/bin/sh' } })), /"shell" is not known/)
    assert.match(sentenceOf(await ask({ action: 'greet', input: { name: 'a name that is too long' } })), /^name: /)
  })

  it('lets each caller reach only the deeds that name it, and each profile only its own', async () => {
    assert.match(sentenceOf(await ask({ action: 'wipe', confirmation: 'wipe' }, 'server')), /no command/)
    ground.profile = 'stig'
    assert.match(sentenceOf(await ask({ action: 'wipe', confirmation: 'wipe' })), /no command/)
  })

  it('does what destroys only with the word for it', async () => {
    assert.match(sentenceOf(await ask({ action: 'wipe' })), /Type "wipe"/)
    assert.match(sentenceOf(await ask({ action: 'wipe', confirmation: 'yes' })), /Type "wipe"/)
    assert.deepEqual(await ask({ action: 'wipe', confirmation: 'wipe' }), { answer: 'wiped' })
  })

  it('says what needs the appliance, where there is none', async () => {
    ground.appliance = false
    assert.match(sentenceOf(await ask({ action: 'greet', input: { name: 'Nora' } })), /needs the appliance/)
  })

  it('passes a refusal on with its field, and of a fault gives a number that the log has', async () => {
    assert.deepEqual(await ask({ action: 'greet', input: { name: 'nobody' } }), {
      refusal: { code: 'NOT_FOUND', sentence: 'There is nobody.', field: 'name' },
    })
    const outcome = await ask({ action: 'greet', input: { name: 'broken' } })
    assert.ok('fault' in outcome && !outcome.fault.includes('disk'))
    const entry = logged.find(({ fault }) => outcome.fault.includes(String(fault)))
    assert.match(String(entry?.stack), /the disk is gone/)
  })

  it('logs who asked for what and what came of it, and no secret', async () => {
    await ask({ action: 'greet', input: { name: 'Nora', key: secret }, from: '192.0.2.1' })
    await ask({ action: 'wipe' }, 'server')
    assert.deepEqual(
      logged.map(({ caller, action: name, outcome, from }) => ({ caller, name, outcome, from })),
      [
        { caller: 'console', name: 'greet', outcome: 'done', from: '192.0.2.1' },
        { caller: 'server', name: 'wipe', outcome: 'refused', from: undefined },
      ],
    )
    assert.ok(!JSON.stringify(logged).includes(secret))
  })

  it('goes on with a job whose caller is gone, and lets another look on and see what came of it', async () => {
    const hangUp = new AbortController()
    const lost = helperAt(socket('console')).ask(
      { action: 'dig' },
      { signal: hangUp.signal, onReply: line => 'progress' in line && hangUp.abort() },
    )
    await lost
    const [job] = ground.jobs.list('console')
    assert.equal(job?.state, 'running')
    const again = ground.jobs.attach(job!.id, 'console', () => {}, new AbortController().signal)
    release()
    assert.deepEqual(await again, { answer: 'a hole' })
    assert.deepEqual(await ground.jobs.attach(job!.id, 'console', () => {}, new AbortController().signal), { answer: 'a hole' })
    assert.equal(ground.jobs.list('console')[0]?.state, 'done')
  })

  it("shows the server no job of the console's", async () => {
    void ask({ action: 'dig' })
    await until(() => ground.jobs.list('console').length === 1)
    assert.deepEqual(ground.jobs.list('server'), [])
    const { id } = ground.jobs.list('console')[0]!
    await assert.rejects(
      ground.jobs.attach(id, 'server', () => {}, new AbortController().signal),
      /no such job/,
    )
    await assert.rejects(
      ground.jobs.attach('../../../etc/passwd', 'console', () => {}, new AbortController().signal),
      /no such job/,
    )
    release()
    await until(() => ground.jobs.list('console')[0]?.state === 'done')
  })

  it('tells a job as lost that a former helper was in the middle of', () => {
    const record = { id: 'a-1', action: 'dig', caller: 'console', startedAt: 'x', endedAt: null, state: 'running', step: '', outcome: null }
    writeFileSync(join(ground.folders.jobs, 'a-1.json'), JSON.stringify(record))
    assert.equal(openJobs(ground.folders.jobs, () => new Date()).list('console')[0]?.state, 'lost')
  })

  it('ends what it started when the caller goes away', async () => {
    const hangUp = new AbortController()
    const asked = helperAt(socket('console')).ask(
      { action: 'sleep' },
      { signal: hangUp.signal, onReply: line => 'progress' in line && hangUp.abort() },
    )
    await asked
    await until(() => logged.some(({ action: name }) => name === 'sleep'))
    const sleeping = readdirSync('/proc').filter(
      pid => /^\d+$/.test(pid) && existsSync(`/proc/${pid}/cmdline`) && commandOf(pid) === '/bin/sleep\x0060071\x00',
    )
    assert.deepEqual(sleeping, [])
  })

  it('cuts off a question that is no question, or has no end', async () => {
    const heard = async (words: string) => {
      const line = connect(socket('console'))
      line.on('error', () => {}).end(words)
      return text(line)
    }
    assert.match(await heard('rm -rf /\n'), /no question/)
    assert.match(await heard(`{"action":"${'x'.repeat(300 * 1024)}`), /too long/)
  })

  it('is started by its socket units: takes the descriptors that systemd opened, by their names', async function () {
    const program = '/usr/bin/systemd-socket-activate'
    if (!existsSync(program)) return this.skip()
    const [path, root] = [join(folder, 'activated.sock'), join(folder, 'root')]
    const args = ['--fdname=console', '-l', path, process.execPath, 'appliance/helper/main.ts', '--root', root, '--profile', 'standard']
    const child = spawn(program, args, { stdio: 'ignore' })
    try {
      await until(() => existsSync(path))
      const outcome = await helperAt(path).ask({ action: 'uptime' })
      assert.ok('answer' in outcome, JSON.stringify(outcome))
    } finally {
      child.kill()
      await once(child, 'close')
    }
  })

  it('takes the stricter profile where none is written down', () => {
    assert.equal(profileIn({ settings: folder }), 'stig')
    writeFileSync(join(folder, 'profile'), 'standard\n')
    assert.equal(profileIn({ settings: folder }), 'standard')
  })
})

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
