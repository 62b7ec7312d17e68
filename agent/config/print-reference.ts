/** `config reference`: the page that documents every option, in Markdown. */
import { options, type AnyNode, type AnySection, type Option } from './declare.js';
import { keyText } from './problem.js';
import { typeName } from './value-type.js';
import { flowYaml } from './yaml-text.js';

const INTRODUCTION = `# Configuration reference

One YAML file. Required are \`cassandra.contact_points\` and \`kafka.brokers\`; everything else has a default.
Unknown keys are refused. \`config validate FILE\` checks a file and names every mistake with line, column and fix.

- **Durations and sizes carry units**: \`100ms\`, \`10s\`, \`1m\`, \`2h\`, \`1d\`; \`512B\`, \`64KiB\`, \`1MiB\`, \`8GiB\`.
- **Secrets stay out of the file**: \`\${credential:NAME}\` is a systemd credential (LoadCredential=), \`\${file:/path}\` a file
  (one newline at its end is left out), \`\${env:NAME}\` an environment variable. They work in every value, whole or inside
  other text, are put in after the file was parsed, and must stand in quotes inside \`[ ]\` and \`{ }\`. \`$\${\` is the text \`\${\`.
- **YAML 1.2**: \`true\` and \`false\` only; text with \`* & ! { } [ ] , # :\` in quotes; one document.
- **Reload**: options marked *yes* take effect on SIGHUP; others are named in the log and wait for a restart.
`;

export function printReference(declaration: AnySection): string {
  const single = Object.entries(declaration.members).filter((entry): entry is [string, Option<unknown>] => entry[1].kind === 'option');
  const sections = Object.entries(declaration.members).filter(([, node]) => node.kind !== 'option');
  const general = single.length === 0 ? '' : `\n## General\n\n${table(single.map(([key, option]) => ({ path: [key], option })))}`;
  return `${INTRODUCTION}${general}${sections.map(([key, node]) => printSection(node, [key])).join('')}`;
}

function printSection(node: AnyNode, path: readonly string[]): string {
  if (node.kind === 'option') return '';
  const heading = `\n${'#'.repeat(Math.min(path.length + 1, 4))} \`${keyText(path)}\`\n\n${node.doc}\n`;
  if (node.kind === 'map') return `${heading}\nExample: \`${path.at(-1) ?? ''}: { ${node.example} }\`\n\n${table([...options(node, path)])}`;
  const own = Object.entries(node.members).filter((entry): entry is [string, Option<unknown>] => entry[1].kind === 'option');
  const inner = Object.entries(node.members).filter(([, member]) => member.kind !== 'option');
  const rows = own.map(([key, option]) => ({ path: [...path, key], option }));
  return `${heading}\n${rows.length === 0 ? '' : table(rows)}${inner.map(([key, member]) => printSection(member, [...path, key])).join('')}`;
}

function table(rows: readonly { readonly path: readonly string[]; readonly option: Option<unknown> }[]): string {
  const lines = rows.map(({ path, option }) => {
    const { type, need } = option;
    const kind = type.limits !== undefined && type.limits.includes(' | ') ? type.limits.split(' | ').map(code).join(' ') : `${typeName(type)}${type.limits === undefined ? '' : ` (${type.limits})`}`;
    const value = need === 'required' ? '**required**' : option.default === undefined ? '' : code(flowYaml(option.default));
    return `| ${code(keyText(path))} | ${cell(kind)} | ${cell(value)} | ${option.reloadable ? 'yes' : ''} | ${cell(option.doc)} |`;
  });
  return `| Key | Value | Default | Reload | Meaning |\n|---|---|---|---|---|\n${lines.join('\n')}\n`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
