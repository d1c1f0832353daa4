import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SaxesParser } from 'saxes'
import { benchmark, benchmarkFile, idOf, profileId } from './benchmark.ts'
import type { Rule } from './rule.ts'
import { rules } from './rules.ts'

/** `open`: not met, and the exception says why that is borne. */
export type Verdict = 'pass' | 'fail' | 'open' | 'not applicable' | 'error'
export type Finding = { rule: Rule; verdict: Verdict; found: string }

export type Evaluation = {
  version: string
  /** These alone; all of them unless told. */
  only?: readonly string[]
  /** Another machine's file system; this machine's where it is empty. */
  root?: string
  /** Where the results for auditors go: XCCDF, and a page for people. */
  results?: string
  report?: string
}

/**
 * Has OpenSCAP run every rule, and gives what it found. Refuses where OpenSCAP is not on the machine, or says nothing that can be read.
 */
export function evaluate({ version, only, root = '', results, report }: Evaluation): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-stig-'))
  try {
    for (const [name, text] of Object.entries(benchmark(version, root))) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text, { mode: 0o700 })
    }
    const file = results ?? join(folder, 'results.xml')
    const asked = rules.filter(({ id }) => only?.includes(id) ?? true)
    const some = only ? asked.flatMap(rule => ['--rule', idOf(rule)]) : []
    const words = [
      'xccdf',
      'eval',
      '--profile',
      profileId,
      ...some,
      '--results',
      file,
      ...(report ? ['--report', report] : []),
      benchmarkFile,
    ]
    const { status, error, stderr } = spawnSync('oscap', words, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    if (error) throw new Error("OpenSCAP is not on this machine. Install Debian's package openscap-scanner.")
    // 2: some rules failed, which is an answer.
    if (status !== 0 && status !== 2) throw new Error(`OpenSCAP ended with code ${status}. It said: ${stderr.trim()}`)
    const said = readResults(readFileSync(file, 'utf8'))
    return asked.map(rule => ({ rule, ...findingOf(rule, said.get(idOf(rule))) }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Said = { result: string; output: string }

function findingOf(rule: Rule, said: Said | undefined): { verdict: Verdict; found: string } {
  const found = said?.output.trim() ?? ''
  if (said?.result === 'pass') return { verdict: 'pass', found: '' }
  if (said?.result === 'notapplicable') return { verdict: 'not applicable', found: '' }
  if (said?.result === 'fail') return { verdict: rule.exception ? 'open' : 'fail', found }
  return { verdict: 'error', found: found || `OpenSCAP said ${said?.result ?? 'nothing'}` }
}

/** Result and output of each rule, from what OpenSCAP wrote. */
function readResults(xml: string): Map<string, Said> {
  const said = new Map<string, Said>()
  const parser = new SaxesParser()
  let rule: Said | undefined
  let text = ''
  parser.on('opentag', ({ name, attributes }) => {
    text = ''
    if (name.endsWith('rule-result')) {
      rule = { result: '', output: '' }
      said.set(attributes.idref!, rule)
    }
  })
  parser.on('text', piece => {
    text += piece
  })
  parser.on('closetag', ({ name }) => {
    if (name.endsWith('rule-result')) rule = undefined
    else if (rule && /(^|:)result$/.test(name)) rule.result = text.trim()
    else if (rule && name.endsWith('check-import')) rule.output += text
  })
  parser.write(xml).close()
  return said
}
