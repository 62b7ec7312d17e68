/**
 * Prometheus' text format, read strictly: https://prometheus.io/docs/instrumenting/exposition_formats/. Throws at the first
 * line that Prometheus would refuse, and at what it would take and no author can want: a name twice, a sample without type,
 * equal samples, histograms that don't add up.
 */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LINE = new RegExp(`^(${NAME})(?:\\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*",?)*)\\})? (\\S+)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;
const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)$/i;

export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, Family>();
  let help = '';
  let current: { readonly name: string; readonly family: Family } | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line);
    if (comment?.[1] === 'HELP') help = comment[3];
    else if (comment !== null) {
      const [, , name, type] = comment;
      if (families.has(name)) throw new Error(`${name} is declared twice`);
      current = { name, family: { type, help, samples: [] } };
      families.set(name, current.family);
    } else if (current === undefined) throw new Error(`a sample without a type: ${line}`);
    else current.family.samples.push(sampleOf(line, current.name, current.family.type));
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

function sampleOf(line: string, family: string, type: string): Sample {
  const match = LINE.exec(line);
  if (match === null || !NUMBER.test(match[3])) throw new Error(`no sample: ${line}`);
  const [, name, labelText = '', value] = match;
  const allowed = type === 'histogram' ? [`${family}_bucket`, `${family}_sum`, `${family}_count`] : [family];
  if (!allowed.includes(name)) throw new Error(`${name} among the samples of ${family}`);
  const labels = Object.fromEntries([...labelText.matchAll(LABEL)].map(([, key, text]) => [key, text.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))]));
  return { name, labels, value: Number(value.replace(/inf/i, 'Infinity')) };
}

function checkFamily(name: string, { type, samples }: Family): void {
  const keys = samples.map((sample) => JSON.stringify([sample.name, Object.entries(sample.labels).sort()]));
  if (new Set(keys).size !== keys.length) throw new Error(`${name} has equal samples`);
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`the counter ${name} does not end in _total`);
  if (type !== 'histogram') return;
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => Number(labels.le.replace('Inf', 'Infinity')));
  if (bounds.at(-1) !== Infinity || bounds.some((bound, at) => at > 0 && bound <= bounds[at - 1])) throw new Error(`${name}: buckets ${bounds.join(' ')}`);
  if (buckets.some(({ value }, at) => at > 0 && value < buckets[at - 1].value)) throw new Error(`${name}: buckets are not cumulative`);
  if (samples.find((sample) => sample.name === `${name}_count`)?.value !== buckets.at(-1)?.value) throw new Error(`${name}: the count is not that of the last bucket`);
}

/** The value of one sample; undefined when there is none. */
export function valueOf(families: ReadonlyMap<string, Family>, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const family = families.get(name) ?? families.get(name.replace(/_(?:bucket|sum|count)$/, ''));
  return family?.samples.find((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))?.value;
}
