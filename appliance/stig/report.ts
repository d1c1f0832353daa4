import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { serverVersion } from '../../src/release.ts'
import { benchmark, benchmarkFile } from './benchmark.ts'
import { evaluate, type Finding, type Verdict } from './evaluate.ts'
import { groups } from './rules.ts'

const help = `npm run stig:report [-- options]: holds this machine, or another's file system, against the rules of the STIG profile

  --root DIR         another machine's file system, looked at from outside
  --results FILE     what OpenSCAP found, as XCCDF, for auditors
  --report FILE      the same as a page
  --benchmark DIR    write the benchmark and its checks, and evaluate nothing
  --json             print JSON
Exit code 2 when a rule fails that has no exception.
`

const { values } = parseArgs({
  options: {
    root: { type: 'string' },
    results: { type: 'string' },
    report: { type: 'string' },
    benchmark: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
})

const marks: Record<Verdict, string> = { pass: 'pass', fail: 'FAIL', open: 'open', 'not applicable': 'n/a ', error: 'ERR ' }
const print = (text: string) => void process.stdout.write(text)

function writeBenchmark(folder: string): void {
  for (const [name, text] of Object.entries(benchmark(serverVersion))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 })
  }
  print(`${join(folder, benchmarkFile)}\n`)
}

function lines(findings: Finding[]): string[] {
  return groups.flatMap(({ title, rules }) => [
    '',
    title,
    ...findings
      .filter(({ rule }) => rules.includes(rule))
      .flatMap(({ rule, verdict, found }) => [
        `  ${marks[verdict]}  ${rule.id.padEnd(24)}${rule.title}`,
        `        ${' '.repeat(24)}${rule.value}; ${rule.met} (${rule.origin})`,
        ...(verdict === 'fail' || verdict === 'error' ? [`        ${' '.repeat(24)}found: ${found.replaceAll('\n', '; ')}`] : []),
        ...(verdict === 'open' ? [`        ${' '.repeat(24)}borne because: ${rule.exception}`] : []),
      ]),
  ])
}

const count = (findings: Finding[], verdict: Verdict) => findings.filter(finding => finding.verdict === verdict).length

function report(findings: Finding[]): void {
  if (values.json) {
    const plain = findings.map(({ rule: { check: _check, ...rule }, verdict, found }) => ({ ...rule, verdict, found }))
    print(`${JSON.stringify(plain)}\n`)
    return
  }
  const totals = (Object.keys(marks) as Verdict[]).map(verdict => `${count(findings, verdict)} ${verdict}`)
  print(`${lines(findings).join('\n').trimStart()}\n\n${findings.length} rules: ${totals.join(', ')}\n`)
}

const absolute = (path: string | undefined) => path && resolve(path)

if (values.help) print(help)
else if (values.benchmark) writeBenchmark(values.benchmark)
else {
  try {
    const [root, results, page] = [values.root, values.results, values.report].map(absolute)
    const findings = evaluate({ version: serverVersion, ...(root && { root }), ...(results && { results }), ...(page && { report: page }) })
    report(findings)
    if (count(findings, 'fail') + count(findings, 'error') > 0) process.exitCode = 2
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
