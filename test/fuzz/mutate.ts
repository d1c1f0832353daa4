import type { Random } from './random.ts'

/** What parsers stumble over: the ends of numbers, names and texts of the platform, pieces of every format that is read here. */
const words = [
  ...['', ' ', '\0', '\n', '"', '\\', '\\u0000', '\\ud800', '\ufeff', '\uffff', '😀', '%', '%00', '%0A', '%ff', '=', '==', '|'],
  ...['{', '}', '[', ']', ':', ',', '{}', '[]', 'null', 'true', '""', '{"a":1,"a":2}', '"__proto__":{"polluted":1},', '"constructor":1,'],
  ...['0', '-0', '-1', '1e999', '1e-999', '0.1', '9007199254740993', '2147483648', '00', '0x1', 'NaN', '9'.repeat(60)],
  ...[
    '<',
    '>',
    '/>',
    '<a>',
    '</a>',
    '&',
    '&lt;',
    '&#0;',
    '&#x110000;',
    '&xxe;',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?xml version="1.1"?>',
  ],
  ...['<!DOCTYPE x>', 'xmlns', 'xmlns=""', 'xmlns:a="urn:a"', ' encoding="base64"', 'soap-env:mustUnderstand="1"', 'smart_licensing_data'],
  ...[
    '-----BEGIN',
    '-----END',
    'CERTIFICATE REQUEST-----',
    'AAAA',
    '////',
    '____',
    '0\x82',
    '\x30\x80',
    '\xff\xff',
    'regid.2020-01.com.example.X,1.0_',
  ],
].map(word => Buffer.from(word, 'utf8'))

/** Values that stand where another was expected. */
const values: unknown[] = [
  ...[null, true, false, 0, -1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, '', ' ', '\0', '\ud800', '\uffff', 'x', 'x'.repeat(300)],
  ...[
    '__proto__',
    'constructor',
    '-1',
    '0',
    '9'.repeat(49),
    '9'.repeat(60),
    '{}',
    '[]',
    'null',
    [],
    {},
    [[]],
    [null],
    { a: 1 },
    { toString: 1 },
  ],
  ...[{ valueOf: 'x' }, { length: 1e9 }, Array(300).fill(0), Array(40).fill({})],
]

const part = (bytes: Buffer, random: Random): [number, number] => {
  const from = random.below(bytes.length + 1)
  return [from, Math.min(bytes.length, from + 1 + random.below(random.one([2, 8, 64, 1024])))]
}

/** Changes bytes: one to four times a bit, a byte, a piece gone, doubled, moved, a word put in, or the end of another in its place. */
export function mutateBytes(bytes: Buffer, others: readonly Buffer[], random: Random): Buffer {
  let changed: Buffer<ArrayBuffer> = Buffer.from(bytes)
  for (let times = 1 + random.below(4); times > 0; times--) changed = changeBytes(changed, others, random)
  return changed
}

function changeBytes(bytes: Buffer<ArrayBuffer>, others: readonly Buffer[], random: Random): Buffer<ArrayBuffer> {
  const [from, to] = part(bytes, random)
  const [before, piece, after] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)]
  switch (random.below(8)) {
    case 0:
      if (from < bytes.length) bytes[from]! ^= 1 << random.below(8)
      return bytes
    case 1:
      if (from < bytes.length) bytes[from] = random.below(256)
      return bytes
    case 2:
      return Buffer.concat([before, after])
    case 3:
      return Buffer.concat([before, ...Array<Buffer>(random.one([2, 3, 40])).fill(piece), after])
    case 4:
      return Buffer.concat([before, random.one(words), after])
    case 5:
      return Buffer.concat([before, random.one(words), piece, after])
    case 6: {
      const other = random.one(others)
      return Buffer.concat([before, other.subarray(random.below(other.length + 1))])
    }
    default:
      return bytes.subarray(0, from)
  }
}

/** Changes one member or item somewhere in a value of JSON, which stays one. */
export function mutateValue(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.below(12) === 0) return random.one(values)
  if (Array.isArray(value)) {
    if (value.length === 0 || random.below(6) === 0)
      return [...value, ...Array(random.one([1, 2, 20])).fill(value[0] ?? random.one(values))]
    const at = random.below(value.length)
    return value.map((item, index) => (index === at ? mutateValue(item, random) : item))
  }
  const names = Object.keys(value)
  if (names.length === 0) return { [random.one(['a', 'nonce', '__proto__'])]: random.one(values) }
  const name = random.one(names)
  const { [name]: member, ...rest } = value as Record<string, unknown>
  switch (random.below(8)) {
    case 0:
      return rest
    case 1:
      return { ...rest, [random.one(names)]: member }
    case 2:
      return { ...value, [`${name}x`]: member }
    default:
      return { ...value, [name]: mutateValue(member, random) }
  }
}
