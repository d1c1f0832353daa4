/** The envelope of device messages (5.1, 5.2), the same in both transports: one module, should the record of the real one ever change it. */
export * from './envelope/header.ts'
export * from './envelope/request.ts'
export * from './envelope/response.ts'
export * from './envelope/signing.ts'
