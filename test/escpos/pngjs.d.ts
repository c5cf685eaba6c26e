declare module 'pngjs' {
  /** The part of pngjs that tests use. */
  export class PNG {
    constructor(options: { width: number; height: number })
    readonly width: number
    readonly height: number
    readonly data: Uint8Array
    static readonly sync: { write(png: PNG): Buffer; read(bytes: Uint8Array): PNG }
  }
}
