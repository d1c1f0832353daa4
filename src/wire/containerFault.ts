/** The codes of 7.5: why a registration or synchronization file is not taken. */
export type FileCode =
  | 'FILE_MALFORMED'
  | 'FILE_TOO_LARGE'
  | 'BAD_SIGNATURE'
  | 'UNTRUSTED_CERT'
  | 'CERT_EXPIRED'
  | 'WRONG_TYPE'
  | 'WRONG_ACCOUNT'
  | 'WRONG_SERVER'
  | 'FILE_OLD'
  | 'FILE_SAME'
  | 'FILE_REPLAYED'
  | 'FILE_EXPIRED'
  | 'NO_PENDING_REQUEST'
  | 'REQUEST_MISMATCH'
  | 'UNSUPPORTED_VERSION'
  | 'VIRTUAL_ACCOUNT_IN_USE'
  | 'ACCOUNT_EXPIRED'

/** A container that cannot be read: the code of 7.5 and a sentence for the person who uploaded it. */
export class ContainerFault extends Error {
  readonly code: FileCode
  readonly sentence: string

  constructor(code: FileCode, sentence: string) {
    super(sentence)
    this.name = 'ContainerFault'
    this.code = code
    this.sentence = sentence
  }
}
