/** Certificates end on a day that nobody remembers. */
import type { Facts } from '../facts.js';
import { fail, ok, warn, type Finding } from '../finding.js';
import type { Certificate } from '../ports.js';

const DAY = 86_400_000;
const SOON_DAYS = 30;

interface Held {
  /** Whose it is, for the message. */
  readonly whose: string;
  readonly certificate: Certificate;
}

export async function checkCertificates(facts: Facts): Promise<Finding[]> {
  const held = [...(await ofServers(facts)), ...(await inFiles(facts))];
  if (held.length === 0) return [];
  const now = facts.ports.now();
  const findings = held.flatMap((one) => judge(one, now));
  if (findings.length > 0) return findings;
  const first = Math.min(...held.map(({ certificate }) => certificate.notAfter));
  return [ok('certificates', `${held.length} certificates, the first ends on ${dateText(first)}`)];
}

function judge({ whose, certificate: { subject, notBefore, notAfter } }: Held, now: number): Finding[] {
  const what = `the certificate of ${whose}${subject === '' ? '' : ` (${subject})`}`;
  if (notAfter <= now) return [fail('certificates', `${what} ended on ${dateText(notAfter)}`, { fix: 'renew it' })];
  if (notBefore > now) return [fail('certificates', `${what} begins on ${dateText(notBefore)} only`, { fix: 'check the clock of this host, or who issued it' })];
  const days = Math.floor((notAfter - now) / DAY);
  return days < SOON_DAYS ? [warn('certificates', `${what} ends on ${dateText(notAfter)}, in ${days} ${days === 1 ? 'day' : 'days'}`, { fix: 'renew it' })] : [];
}

async function ofServers(facts: Facts): Promise<Held[]> {
  const { cassandra, kafka } = facts.config;
  const servers = [
    ...(cassandra.tls === undefined ? [] : cassandra.contact_points.map((address) => ({ whose: 'Cassandra', ...address }))),
    ...(kafka.tls === undefined ? [] : ((await facts.kafka()).value?.brokers ?? kafka.brokers).map((address) => ({ whose: 'Kafka', ...address }))),
  ];
  const held: Held[] = [];
  for (const { whose, host, port } of servers) {
    const certificate = await facts.ports.certificates.ofServer(host, port).catch(() => null);
    if (certificate !== null) held.push({ whose: `${whose} at ${host}:${port}`, certificate });
  }
  return held;
}

async function inFiles(facts: Facts): Promise<Held[]> {
  const { cassandra, kafka, http } = facts.config;
  const paths = [cassandra.tls?.ca, cassandra.tls?.cert, kafka.tls?.ca, kafka.tls?.cert, kafka.sasl?.token_endpoint?.ca, http.tls?.cert].filter((path) => path !== undefined);
  const held: Held[] = [];
  for (const path of new Set(paths)) {
    const text = await facts.ports.files.read(path).catch(() => '');
    for (const certificate of facts.ports.certificates.inPem(text)) held.push({ whose: path, certificate });
  }
  return held;
}

function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
