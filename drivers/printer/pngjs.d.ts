declare module 'pngjs' {
  /** The part of pngjs that the logo needs. */
  export const PNG: {
    readonly sync: { readonly read: (bytes: Uint8Array) => { readonly data: Uint8Array } }
  }
}
