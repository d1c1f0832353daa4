import { refuseUnless } from '../../src/rules/refusal.ts'

/** "1.2.3", or "1.2.3-rc.1" for what comes before it. */
export const versionPattern = /^\d{1,6}\.\d{1,6}\.\d{1,6}(-[\da-z]+(\.[\da-z]+)*)?$/

export function checkVersion(version: string): string {
  refuseUnless(versionPattern.test(version), 'INVALID', `"${version}" is not a version: say three numbers, as in 1.2.3.`, 'version')
  return version
}

/** Numbers by size and before words, words by their letters; a list that goes on comes after one that ends. */
function compareParts(a: string[], b: string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index], b[index]]
    if (left === right) continue
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1
    const [isNumber, areNumbers] = [/^\d+$/.test(left), /^\d+$/.test(left) && /^\d+$/.test(right)]
    if (areNumbers) return Number(left) - Number(right)
    if (/^\d+$/.test(right) !== isNumber) return isNumber ? -1 : 1
    return left < right ? -1 : 1
  }
  return 0
}

/** Which of two versions is newer, as Semantic Versioning orders them: below zero where it is `b`, and what comes before a release is older. */
export function compareVersions(a: string, b: string): number {
  const [[coreA = '', beforeA], [coreB = '', beforeB]] = [a.split('-'), b.split('-')]
  const core = compareParts(coreA.split('.'), coreB.split('.'))
  if (core !== 0 || beforeA === beforeB) return core
  if (beforeA === undefined || beforeB === undefined) return beforeA === undefined ? 1 : -1
  return compareParts(beforeA.split('.'), beforeB.split('.'))
}
