/** `config defaults`: a commented file that means the same as an empty one with the two required keys. */
import { needsValue, type AnyNode, type AnySection, type Option } from './declare.js';
import { flowYaml, wrap } from './yaml-text.js';

const WIDTH = 110;

/** YAML. Required options stand with their example; what is off by default is commented out. */
export function printDefaults(declaration: AnySection): string {
  const lines = [
    '# Configuration of cassandra-cdc-agent: every option with its default. Only the two marked REQUIRED must be given.',
    '# Durations and sizes carry units (100ms, 10s, 1m; 64KiB, 1MiB, 8GiB). Secrets stay out of this file:',
    '# "${credential:NAME}" (systemd), "${file:/path}" or "${env:NAME}"; "$${" is the text "${".',
    '# (R) = takes effect on reload (SIGHUP), without a restart.',
  ];
  for (const [key, node] of Object.entries(declaration.members)) lines.push('', ...printNode(key, node, { indent: '', off: false }));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

interface Style {
  readonly indent: string;
  /** Inside of what is commented out. */
  readonly off: boolean;
}

function printNode(key: string, node: AnyNode, style: Style): string[] {
  if (node.kind === 'option') return printOption(key, node, style);
  const { indent, off } = style;
  if (node.kind === 'map') {
    const comment = doc(node.doc, indent);
    return off ? [...comment, `${indent}# ${key}: { ${node.example} }`] : [...comment, `${indent}${key}: {}`, `${indent}# ${key}: { ${node.example} }`];
  }
  const hidden = off || node.optional;
  const lines = [...doc(node.doc, indent), `${indent}${hidden ? '# ' : ''}${key}:`];
  for (const [name, member] of Object.entries(node.members)) lines.push(...printNode(name, member, { indent: `${indent}  `, off: hidden }));
  return lines;
}

function printOption(key: string, option: Option<unknown>, { indent, off }: Style): string[] {
  const { type, need, example } = option;
  const limits = type.limits === undefined || type.limits === 'secret' ? '' : ` [${type.limits}]`;
  const lines = doc(`${need === 'required' && !off ? 'REQUIRED. ' : ''}${option.doc}${limits}${option.reloadable ? ' (R)' : ''}`, indent);
  const value = option.default === undefined ? inBlock(example) : flowYaml(option.default);
  return [...lines, `${indent}${off || need === 'optional' ? '# ' : ''}${key}: ${value}`];
}

function inBlock(example: string): string {
  return /^\$\{/.test(example) ? `"${example}"` : example;
}

function doc(text: string, indent: string): string[] {
  return wrap(text, WIDTH - indent.length).map((line) => `${indent}# ${line}`);
}

/** Only what must be given, with its example: the smallest file. */
export function printRequired(declaration: AnySection, indent = ''): string {
  let text = '';
  for (const [key, node] of Object.entries(declaration.members)) {
    if (!needsValue(node)) continue;
    if (node.kind === 'option') text += `${indent}${key}: ${inBlock(node.example)}\n`;
    else if (node.kind === 'section') text += `${indent}${key}:\n${printRequired(node, `${indent}  `)}`;
  }
  return text;
}
