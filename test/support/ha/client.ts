import { request } from 'node:http'

/**
 * A client of the pair, as a process of its own in its namespace: eight writers send numbers to the virtual address, again until each is acknowledged,
 * and a line is printed for each that is: the moment and the number.
 */
const [address, from] = [process.argv[2]!, Number(process.argv[3])]
let next = from

const send = (number: number) =>
  new Promise<boolean>(resolve => {
    const asked = request({ host: address, port: 8080, path: `/${number}`, method: 'POST', agent: false, timeout: 700 }, response => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200))
      response.on('error', () => resolve(false))
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
    asked.end()
  })

async function write(): Promise<void> {
  for (;;) {
    const number = next++
    while (!(await send(number))) await new Promise(resolve => setTimeout(resolve, 30))
    process.stdout.write(`${Date.now()} ${number}\n`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

await Promise.all(Array.from({ length: 8 }, write))
