/**
 * How options are declared. A declaration is a tree: sections and maps of options. Everything else derives from it:
 * validator, types, printed defaults, reference page, JSON Schema. Keys in code are the keys of the file.
 */
import type { Plain, ValueType } from './value-type.js';

export type Need = 'required' | 'default' | 'optional';

export interface Option<T, N extends Need = Need> {
  readonly kind: 'option';
  readonly type: ValueType<T>;
  readonly doc: string;
  readonly need: N;
  /** As the file would say it. */
  readonly default?: Plain;
  /** YAML text for the printed defaults, where the type's own example says too little. */
  readonly example: string;
  readonly reloadable: boolean;
}

export interface Members {
  readonly [key: string]: AnyNode;
}

export interface Section<M extends Members = Members, O extends boolean = boolean> {
  readonly kind: 'section';
  readonly doc: string;
  readonly members: M;
  /** True: absent means off, `{}` means on. False: absent means all defaults. */
  readonly optional: O;
}

/** Keys of the operator's choice, all with the same shape of value. */
export interface MapOf<V extends AnyNode = AnyNode> {
  readonly kind: 'map';
  readonly doc: string;
  readonly key: ValueType<string>;
  readonly value: V;
  /** YAML text of one entry. */
  readonly example: string;
}

// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the members of AnyNode refer to each other
export interface AnySection extends Section<Members> {}
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- as above
export interface AnyMap extends MapOf<AnyNode> {}
export type AnyNode = Option<unknown> | AnySection | AnyMap;

/** The checked value of a node: durations in ms, sizes in bytes, absent options undefined, maps as Map. */
export type ConfigOf<N> =
  N extends Option<infer T, infer Q> ? ('optional' extends Q ? T | undefined : T)
  : N extends MapOf<infer V> ? ReadonlyMap<string, ConfigOf<V>>
  : N extends Section<infer M, infer O> ? SectionOf<M> | (O extends true ? undefined : never)
  : never;

export type SectionOf<M extends Members> = { readonly [K in keyof M]: ConfigOf<M[K]> };

interface Extra {
  readonly example?: string;
  /** True: takes effect on SIGHUP, without a restart. */
  readonly reloadable?: boolean;
}

export function required<T>(type: ValueType<T>, doc: string, extra: Extra = {}): Option<T, 'required'> {
  return { kind: 'option', type, doc, need: 'required', example: extra.example ?? type.example, reloadable: extra.reloadable ?? false };
}

export function option<T>(type: ValueType<T>, doc: string, extra: Extra & { readonly default: Plain }): Option<T, 'default'> {
  return { kind: 'option', type, doc, need: 'default', default: extra.default, example: extra.example ?? type.example, reloadable: extra.reloadable ?? false };
}

export function optional<T>(type: ValueType<T>, doc: string, extra: Extra = {}): Option<T, 'optional'> {
  return { kind: 'option', type, doc, need: 'optional', example: extra.example ?? type.example, reloadable: extra.reloadable ?? false };
}

export function section<M extends Members>(doc: string, members: M): Section<M, false> {
  return { kind: 'section', doc, members, optional: false };
}

export function optionalSection<M extends Members>(doc: string, members: M): Section<M, true> {
  return { kind: 'section', doc, members, optional: true };
}

export function mapOf<V extends AnyNode>(doc: string, parts: { readonly key: ValueType<string>; readonly value: V; readonly example: string }): MapOf<V> {
  return { kind: 'map', doc, ...parts };
}

/** True when something below must be given by the operator. */
export function needsValue(node: AnyNode): boolean {
  if (node.kind === 'option') return node.need === 'required';
  if (node.kind === 'map' || node.optional) return false;
  return Object.values(node.members).some(needsValue);
}

/** Visits every option, depth first, in the order of the declaration. A map's entries appear under `<name>`. */
export function* options(node: AnyNode, path: readonly string[] = []): Generator<{ readonly path: readonly string[]; readonly option: Option<unknown> }> {
  if (node.kind === 'option') yield { path, option: node };
  else if (node.kind === 'map') yield* options(node.value, [...path, `<${node.key.what.replace(/^an? /, '')}>`]);
  else for (const [key, member] of Object.entries(node.members)) yield* options(member, [...path, key]);
}
