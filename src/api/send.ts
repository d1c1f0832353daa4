import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'
import type { Answer } from './route.ts'

/** A list that is too long to be held: its rows are written as they are read, some hundred at a time. */
export class Rows {
  readonly parts: AsyncIterable<object[]>
  constructor(parts: AsyncIterable<object[]>) {
    this.parts = parts
  }
}

/** What a call ends with where that is not the success which its route says: another status, or a text of another kind. */
export class Outcome {
  readonly httpStatus: number
  readonly answer: Answer | string | AsyncIterable<string>
  readonly type: string
  readonly headers: Record<string, string>
  constructor(httpStatus: number, answer: Answer | string | AsyncIterable<string>, type = 'application/json', headers = {}) {
    this.httpStatus = httpStatus
    this.answer = answer
    this.type = type
    this.headers = headers
  }
}

/** Sends an answer with `status` and `statusMessage` in front. A member that is `Rows` is written as it is read, at the pace of the reader. */
export async function send(response: Response, httpStatus: number, answer: Answer | Outcome, remark = ''): Promise<void> {
  if (answer instanceof Outcome) {
    if (answer.type === 'application/json') return send(response, answer.httpStatus, answer.answer as Answer, remark)
    // Not by `send`, which would write a type of its own over the exact one.
    response.status(answer.httpStatus).set(answer.headers).setHeader('Content-Type', answer.type)
    return pour(answer.answer as string | AsyncIterable<string>, response)
  }
  const whole: Answer = { status: 'SUCCESS', statusMessage: remark, ...answer }
  response.status(httpStatus)
  if (!Object.values(whole).some(value => value instanceof Rows)) return void response.json(whole)
  response.type('json')
  await pour(jsonOf(whole), response)
}

/** Writes a text at the pace of its reader. */
const pour = (text: string | AsyncIterable<string>, response: Response): Promise<void> =>
  pipeline(Readable.from(text), response).catch((error: NodeJS.ErrnoException) => {
    // Whoever asked has gone; nothing is wrong here.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })

async function* jsonOf(answer: Answer): AsyncGenerator<string> {
  let lead = '{'
  for (const [name, value] of Object.entries(answer)) {
    if (value === undefined) continue
    yield `${lead}${JSON.stringify(name)}:`
    lead = ','
    if (value instanceof Rows) yield* listOf(value)
    else yield JSON.stringify(value)
  }
  yield '}'
}

async function* listOf({ parts }: Rows): AsyncGenerator<string> {
  let lead = '['
  for await (const rows of parts) {
    if (rows.length === 0) continue
    yield `${lead}${rows.map(row => JSON.stringify(row)).join(',')}`
    lead = ','
  }
  yield lead === '[' ? '[]' : ']'
}
