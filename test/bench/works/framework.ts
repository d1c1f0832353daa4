import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inPairs, ratios, spreadOf } from '../pairs.ts'
import { timeOf } from '../place.ts'
import { runHere } from '../programs.ts'
import type { Work } from './work.ts'

const perRun = 4000

/** What the door itself costs: a body of a report's size that is no message is read, looked at and refused, against a bare `node:http` that reads it. */
export const framework: Work = {
  name: 'framework',
  async measure(place, { pairs }) {
    const body = join(place.scratch, 'no-message.json')
    writeFileSync(body, JSON.stringify({ request: 1, padding: 'x'.repeat(1700) }))
    const door = () => cost(place.server.pid, `http://localhost:${place.server.ready.deviceHttp}/SmartTransport`, body)
    const bare = () => cost(place.floor.pid, `http://127.0.0.1:${place.floor.ready.http}/nothing`, body)
    await door()
    await bare()
    const { yardstick, work } = await inPairs(pairs, bare, door)
    return [
      {
        name: this.name,
        unit: 'µs of CPU a POST',
        work: spreadOf(work),
        yardstick: spreadOf(yardstick),
        ratio: ratios(work, yardstick),
        goal: '≤ 2 × bare node:http',
        facts: {},
      },
    ]
  },
}

async function cost(pid: number, url: string, body: string): Promise<number> {
  const { seconds } = await timeOf(pid, () => runHere('test/bench/load.ts', [url, String(perRun), '16', 'kept', '', body]))
  return (seconds * 1e6) / perRun
}
