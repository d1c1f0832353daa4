/** The container of registration and synchronization (7.2), the same in a file and in an HTTP body. */
export * from './container/format.ts'
export * from './container/open.ts'
export * from './container/seal.ts'
export * from './containerFault.ts'
