/** Methods that every Node Buffer has and @types/node leaves out: decoding a range without making a slice first. */
interface Buffer {
  latin1Slice(start?: number, end?: number): string;
  utf8Slice(start?: number, end?: number): string;
  hexSlice(start?: number, end?: number): string;
  asciiSlice(start?: number, end?: number): string;
  base64Slice(start?: number, end?: number): string;
}
