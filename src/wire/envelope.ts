/** The envelope of device messages (5.1, 5.2), the same in both transports: one module, should the record of the real one ever change it. */
export * from './envelope/header.ts'
export * from './envelope/openRequest.ts'
export * from './envelope/openResponse.ts'
export * from './envelope/requestChecks.ts'
export * from './envelope/responseFields.ts'
export * from './envelope/sealRequest.ts'
export * from './envelope/sealResponse.ts'
export * from './envelope/signing.ts'
