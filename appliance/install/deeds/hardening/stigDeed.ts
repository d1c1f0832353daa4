import { file as anyFile, type Deed } from '../../deed.ts'

/** What is of the STIG profile alone. */
export const stig = { profiles: ['stig'] as const }

/** A file of the STIG profile. */
export const file = (
  sentence: string,
  path: string,
  content: Parameters<typeof anyFile>[2],
  options: Parameters<typeof anyFile>[3] = {},
): Deed => anyFile(sentence, path, content, { ...options, ...stig })

/** Values of one of Debian's files: each in the place of the line that is there (`present`), or at the end. */
export const withValues =
  (values: Record<string, string>, line: (name: string, value: string) => string, present: (name: string) => RegExp) =>
  (text: string): string =>
    Object.entries(values).reduce(
      (all, [name, value]) => (present(name).test(all) ? all.replace(present(name), line(name, value)) : `${all}${line(name, value)}\n`),
      text,
    )
