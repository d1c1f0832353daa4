import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { action } from './action.ts'
import { folderOf } from './places.ts'
import { handOver, reportName } from './reportFiles.ts'

const minutes = 60_000
/** How the program ends: every rule holds, or some do not, which is an answer too. */
const answers = [0, 2]

const findings = z.array(
  z.object({
    id: z.string(),
    title: z.string(),
    severity: z.string(),
    verdict: z.enum(['pass', 'fail', 'open', 'not applicable', 'error']),
    found: z.string(),
    exception: z.string().optional(),
  }),
)
type Finding = z.output<typeof findings>[number]

/** What does not hold, and why; of one that is known, the reason why it is borne. */
const notHeld = ({ id, title, severity, verdict, found, exception }: Finding) => ({
  ...{ rule: id, verdict, severity, title },
  why: verdict === 'open' ? (exception ?? '') : found.replaceAll('\n', '; '),
})

export const stigReport = action({
  name: 'stig_report',
  subject: 'trail',
  sentence: 'Hold this machine against the rules of the STIG profile, and keep the result for auditors in backups:; nothing is changed',
  input: z.strictObject({}),
  // OpenSCAP, which runs the rules, is on a machine of this profile alone.
  profiles: ['stig'],
  callers: ['console', 'server'],
  job: true,
  async run(_input, machine) {
    const folder = folderOf(machine, 'backups')
    const name = reportName('stig', machine.now())
    const drafts = { results: join(folder, `.${name}.xml`), page: join(folder, `.${name}.html`) }
    try {
      machine.tell({ step: 'holding the machine against every rule' })
      const program = join(machine.folders.code, 'appliance/stig/report.ts')
      const words = [program, '--json', '--results', drafts.results, '--report', drafts.page]
      const { code, out, err } = await machine.run(process.execPath, words, { timeout: 30 * minutes })
      refuseUnless(answers.includes(code), 'CONFLICT', `The report could not be made: ${err.trim() || `it ended with ${code}`}`)
      const all = findings.parse(JSON.parse(out))
      const count = (verdict: Finding['verdict']) => all.filter(finding => finding.verdict === verdict).length
      for (const draft of Object.values(drafts)) chmodSync(draft, 0o600)
      return {
        ...{ rules: all.length, pass: count('pass'), fail: count('fail'), open: count('open') },
        ...{ notApplicable: count('not applicable'), error: count('error') },
        results: handOver(drafts.results, folder, `${name}.xml`).file,
        page: handOver(drafts.page, folder, `${name}.html`).file,
        findings: all.filter(({ verdict }) => !['pass', 'not applicable'].includes(verdict)).map(notHeld),
      }
    } finally {
      for (const draft of Object.values(drafts)) rmSync(draft, { force: true })
    }
  },
})
