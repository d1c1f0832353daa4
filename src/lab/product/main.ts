import { runCommandLine } from './runCommandLine.ts'

process.exitCode = await runCommandLine(process.argv.slice(2), { out: line => console.log(line), err: line => console.error(line) })
