/** What we use of binary-parser, whose package does not lead TypeScript to its own declarations. */
declare module 'binary-parser' {
  export class Parser {
    endianness(endianness: 'big' | 'little'): this;
    int32(name: string): this;
    uint32(name: string): this;
    uint16(name: string): this;
    parse(bytes: Uint8Array): unknown;
  }
}
