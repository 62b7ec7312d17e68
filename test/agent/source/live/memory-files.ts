/** A file system in memory, as POSIX has it: hard links, descriptors of unlinked files, rename onto its own other name. */
import { dirname } from 'node:path';
import type { FileFacts, FileSystem, ReadRequest } from '../../../../agent/source/live/file-system.js';

export interface Inode {
  readonly number: number;
  bytes: Buffer;
  links: number;
  readonly kind: 'file' | 'directory' | 'symlink';
  owner: number;
  device: number;
}

export class MemoryFiles implements FileSystem {
  readonly names = new Map<string, Inode>();
  /** Called before each change that the agent makes; throwing is a crash. */
  onChange: (what: string) => void = () => undefined;
  onUnlink: (path: string, inode: Inode) => void = () => undefined;
  #next = 100;
  #descriptors = new Map<number, Inode>();

  constructor(...directories: string[]) {
    for (const path of directories) this.names.set(path, this.inode(Buffer.alloc(0), 'directory'));
  }

  inode(bytes: Buffer, kind: Inode['kind'] = 'file'): Inode {
    return { number: this.#next++, bytes, links: 1, kind, owner: 0, device: 1 };
  }

  /** Descriptors that are open: a crash closes them. */
  get openDescriptors(): number {
    return this.#descriptors.size;
  }

  crash(): void {
    this.#descriptors.clear();
  }

  write(path: string, bytes: Buffer): Inode {
    const inode = this.names.get(path) ?? this.inode(bytes);
    inode.bytes = bytes;
    this.names.set(path, inode);
    return inode;
  }

  link(inode: Inode, path: string): void {
    this.names.set(path, inode);
    inode.links++;
  }

  remove(path: string): void {
    const inode = this.names.get(path);
    if (inode !== undefined) inode.links--;
    this.names.delete(path);
  }

  list(directory: string): string[] {
    return [...this.names.keys()].filter((path) => path !== directory && dirname(path) === directory).map((path) => path.slice(directory.length + 1));
  }

  open(path: string): number {
    const inode = this.#at(path);
    if (inode.kind === 'symlink') throw systemError('ELOOP');
    const descriptor = this.#next++;
    this.#descriptors.set(descriptor, inode);
    return descriptor;
  }

  facts(descriptor: number): FileFacts {
    return factsOf(this.#opened(descriptor));
  }

  lookup(path: string): FileFacts | undefined {
    const inode = this.names.get(path);
    return inode === undefined ? undefined : factsOf(inode);
  }

  read(descriptor: number, into: Buffer, { offset, length, position }: ReadRequest): number {
    const { bytes } = this.#opened(descriptor);
    return position >= bytes.length ? 0 : bytes.copy(into, offset, position, position + length);
  }

  close(descriptor: number): void {
    this.#opened(descriptor);
    this.#descriptors.delete(descriptor);
  }

  rename(from: string, to: string): void {
    this.onChange(`rename ${from} ${to}`);
    const inode = this.#at(from);
    if (this.names.get(to) === inode) return;
    this.remove(to);
    this.names.set(to, inode);
    this.names.delete(from);
  }

  unlink(path: string): void {
    this.onChange(`unlink ${path}`);
    const inode = this.#at(path);
    this.onUnlink(path, inode);
    this.remove(path);
  }

  readText(path: string, limit: number): string | undefined {
    const inode = this.names.get(path);
    return inode?.kind !== 'file' || inode.bytes.length > limit ? undefined : inode.bytes.toString('latin1');
  }

  replaceText(path: string, text: string): void {
    this.onChange(`replace ${path}`);
    this.names.set(path, this.inode(Buffer.from(text)));
  }

  #at(path: string): Inode {
    const inode = this.names.get(path);
    if (inode === undefined) throw systemError('ENOENT');
    return inode;
  }

  #opened(descriptor: number): Inode {
    const inode = this.#descriptors.get(descriptor);
    if (inode === undefined) throw systemError('EBADF');
    return inode;
  }
}

function factsOf({ number, device, links, bytes, owner, kind }: Inode): FileFacts {
  return { inode: number, device, links, size: bytes.length, owner, isFile: kind === 'file' };
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
