/** Logins that end while the agent publishes, tokens that end or are refused, and whose certificate is believed. */
import { expect } from 'chai';
import kafkajs from 'kafkajs';
import { once } from 'node:events';
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { OperatorError } from '../../../../agent/errors.js';
import { kafkaOptionsOf } from '../../../../agent/pipeline/kafka-options.js';
import { KafkaPublisher } from '../../../../agent/publisher/kafka/kafka-publisher.js';
import type { KafkaOptions } from '../../../../agent/publisher/kafka/options.js';
import { deliverAll, publisherOptions, verdictOn, type FaultOutcome } from '../../../faults/fault-run.js';
import { JudgeConsumer, NO_FAULT, tally } from '../../../faults/judge.js';
import { load } from '../../config/world.js';
import { createTopics } from '../../../lab/index.js';
import { AGENT_PASSWORD, SHORT_SESSION_MS, startSecureBroker, unsignedToken, type SecureBroker } from './secure-broker.js';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = kafkajs;

/** Long enough for several sessions and tokens. */
const RATE = 100;
const MUTATIONS = 500;
const TOKEN_S = 3;
/** The file is renewed this long after the first refusal. */
const FORGOTTEN_MS = 1500;

interface Run extends FaultOutcome {
  readonly errors: readonly OperatorError[];
  readonly seconds: number;
}

interface RunOptions {
  readonly protocol?: 'classic';
  readonly onFirstFault?: () => void;
  /** It ends with the first transaction. */
  readonly isShort?: boolean;
}

describe('publisher: sessions, tokens and certificates', function () {
  this.timeout(60_000);
  let secure: SecureBroker;
  let consumer: JudgeConsumer;
  let endpoint: Server;
  let tokenFile: string;
  /** Tokens given out by the endpoint. */
  let issued = 0;
  /** Side by side: each of them mostly waits. */
  let runs: Readonly<Record<'scram' | 'file' | 'endpoint', Promise<Run>>>;
  let idle: Promise<readonly OperatorError[]>;
  let logins = 0;

  /** As a configuration file says it. */
  function kafkaOf(brokers: readonly string[], section: object): Promise<KafkaOptions> {
    const text = stringify({ cassandra: { contact_points: ['127.0.0.1'] }, kafka: { brokers, tls: { ca: secure.authority.ca }, ...section } });
    return kafkaOptionsOf(load(text, { env: { SECRET: AGENT_PASSWORD } }).config.kafka);
  }

  async function delivers(topic: string, kafka: KafkaOptions, { protocol, onFirstFault, isShort = false }: RunOptions = {}): Promise<Run> {
    const errors: OperatorError[] = [];
    const began = performance.now();
    const stop = new AbortController();
    const outcome = await deliverAll({ brokers: kafka.brokers, topic, mutations: MUTATIONS, rate: RATE, ...(protocol !== undefined && { protocol }), publisher: { kafka, topics: { create: false, partitions: 1, replicationFactor: 1, config: {} } }, onFault: (error) => {
      if (errors.push(error) === 1) onFirstFault?.();
    }, onCommitted: () => { if (isShort) stop.abort(); } }, stop.signal);
    return { ...outcome, errors, seconds: (performance.now() - began) / 1000 };
  }

  /** Two transactions, with nothing between them for longer than a session. */
  async function idles(kafka: KafkaOptions): Promise<readonly OperatorError[]> {
    const errors: OperatorError[] = [];
    const publisher = new KafkaPublisher(publisherOptions({ brokers: kafka.brokers, topic: 's-idle', publisher: { kafka } }), { fault: ({ error }) => errors.push(error) });
    await publisher.recover();
    for (const position of [1, 2]) {
      publisher.begin();
      await publisher.commit({ segment: 1, position, index: 0 });
      await sleep(SHORT_SESSION_MS + 500);
    }
    await publisher.close();
    return errors;
  }

  async function firstFault(topic: string, kafka: KafkaOptions): Promise<{ readonly error: OperatorError; readonly ms: number }> {
    const stop = new AbortController();
    const began = performance.now();
    let found: { readonly error: OperatorError; readonly ms: number } | undefined;
    await deliverAll({ brokers: kafka.brokers, topic, mutations: 10, publisher: { kafka }, onFault: (error) => {
      found ??= { error, ms: performance.now() - began };
      stop.abort();
    } }, stop.signal);
    if (found === undefined) throw new Error('there was no fault');
    return found;
  }

  before(async () => {
    secure = await startSecureBroker();
    consumer = await JudgeConsumer.start(secure.broker.brokers);
    const admin = new Kafka({ brokers: secure.broker.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await createTopics(admin, ['cdc.position', 's-scram', 's-file', 's-endpoint', 's-renewed', 's-name'].map((topic) => ({ topic, numPartitions: 1 })));
    const everything = { resourceName: '*', resourcePatternType: ResourcePatternTypes.LITERAL, principal: 'User:agent', host: '*', operation: AclOperationTypes.ALL, permissionType: AclPermissionTypes.ALLOW };
    await admin.createAcls({ acl: [AclResourceTypes.TOPIC, AclResourceTypes.GROUP, AclResourceTypes.TRANSACTIONAL_ID].map((resourceType) => ({ ...everything, resourceType })) });
    await admin.disconnect();
    const { cert, key } = await secure.authority.sign('login', { names: ['IP:127.0.0.1'] });
    endpoint = createServer({ cert: await readFile(cert), key: await readFile(key) }, (_request, response) => {
      issued++;
      response.end(JSON.stringify({ access_token: unsignedToken('agent', { seconds: TOKEN_S }), expires_in: TOKEN_S }));
    });
    endpoint.listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    tokenFile = join(secure.broker.directory, 'token');
    const sasl = { mechanism: 'scram-sha-512', username: 'agent', password: '${env:SECRET}' };
    const [scram, file, url] = await Promise.all([
      kafkaOf(secure.short, { sasl }),
      kafkaOf(secure.sasl, { sasl: { mechanism: 'oauthbearer', token_file: tokenFile } }),
      kafkaOf(secure.sasl, { sasl: { mechanism: 'oauthbearer', token_endpoint: { url: `https://127.0.0.1:${(endpoint.address() as AddressInfo).port}/token`, client_id: 'agent', client_secret: '${env:SECRET}', ca: secure.authority.ca } } }),
    ]);
    const counted: KafkaOptions = file.sasl?.mechanism !== 'oauthbearer' ? file : { ...file, sasl: { ...file.sasl, tokens: { ...file.sasl.tokens, token: () => {
      logins++;
      return file.sasl?.mechanism === 'oauthbearer' ? file.sasl.tokens.token() : Promise.reject(new Error('no tokens'));
    } } } };
    await writeFile(tokenFile, unsignedToken('agent', { seconds: TOKEN_S }));
    runs = { scram: delivers('s-scram', scram), file: delivers('s-file', counted, { onFirstFault: () => void sleep(FORGOTTEN_MS).then(() => writeFile(`${tokenFile}.new`, unsignedToken('agent'))).then(() => rename(`${tokenFile}.new`, tokenFile)) }), endpoint: delivers('s-endpoint', url, { protocol: 'classic' }) };
    idle = idles(scram);
    for (const run of [...Object.values(runs), idle]) run.catch(() => undefined);
  });
  after(async () => {
    endpoint?.close();
    await consumer?.stop();
    await secure?.broker.remove();
  });

  it(`a session of ${SHORT_SESSION_MS} ms (connections.max.reauth.ms) is renewed under way: no fault, nothing lost`, async () => {
    const { errors, sequence } = await runs.scram;
    expect(errors.map(({ message }) => message)).to.deep.equal([]);
    expect(sequence.reads).to.equal(1);
    expect(tally(await verdictOn(consumer, 's-scram', sequence))).to.deep.equal(NO_FAULT);
  });

  it('a session that ends while there is nothing to publish is renewed with the next transaction: no fault', async () => {
    expect((await idle).map(({ message }) => message)).to.deep.equal([]);
  });

  it('a token from an endpoint behind a private authority is fetched again before it ends: no fault, no hurry', async () => {
    const { errors, sequence, seconds } = await runs.endpoint;
    expect(errors.map(({ message }) => message)).to.deep.equal([]);
    expect(tally(await verdictOn(consumer, 's-endpoint', sequence))).to.deep.equal(NO_FAULT);
    // Each holds for half of its three seconds.
    expect(issued).to.be.within(3, 2 + seconds / (TOKEN_S / 2));
  });

  it('a token file that nobody renews is named when its token has ended; the agent goes on with the new one by itself', async () => {
    const { errors, sequence, seconds } = await runs.file;
    expect(errors).to.not.be.empty;
    for (const { code, message, fix } of errors) {
      expect({ code, fix }, message).to.deep.equal({ code: 'kafka_authentication', fix: `renew ${tokenFile}; the agent takes the new token by itself` });
      expect(message).to.match(/^Kafka refuses the login: the OAuth token from \S+ ended at 20\S+Z$/);
    }
    expect(tally(await verdictOn(consumer, 's-file', sequence))).to.deep.equal(NO_FAULT);
    // Renewals of the session, attempts while the token had ended (backing off to one a second), and the last.
    expect(logins).to.be.within(errors.length + 1, errors.length + 2 + seconds);
  });

  it('a token that the broker does not take is said at once, in its words', async () => {
    const nobody = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + 600 })).toString('base64url')}.`;
    await writeFile(tokenFile, nobody);
    const { error, ms } = await firstFault('s-name', await kafkaOf(secure.sasl, { sasl: { mechanism: 'oauthbearer', token_file: tokenFile } }));
    expect(error).to.include({ code: 'kafka_authentication' });
    expect(error.message).to.equal(`Kafka refuses the login with the OAuth token from ${tokenFile}: {"status":"invalid_token"}`);
    expect(error.fix).to.match(/issuer, audience and scope/);
    expect(ms).to.be.below(4000);
  });

  it('a certificate of the agent that has ended is told, and the renewed one is taken without a restart', async () => {
    const [cert, key] = [join(secure.broker.directory, 'renewed.crt'), join(secure.broker.directory, 'renewed.key')];
    const renew = async (days: number): Promise<void> => {
      const pair = await secure.authority.sign('agent', { days });
      await Promise.all([copyFile(pair.cert, cert), copyFile(pair.key, key)]);
    };
    await renew(-1);
    const kafka = await kafkaOf(secure.mtls, { tls: { ca: secure.authority.ca, cert, key } });
    const { errors } = await delivers('s-renewed', kafka, { isShort: true, onFirstFault: () => void renew(1) });
    expect(errors.map(({ code }) => code)).to.include('kafka_tls');
    expect(errors.map(({ message }) => message).join()).to.match(/alert certificate/);
    expect(await consumer.read('s-renewed')).to.not.be.empty;
  });

  it('a broker\'s certificate for another name is refused, and taken with verify_hostname: false; one that has ended never', async () => {
    const { error } = await firstFault('s-name', await kafkaOf(secure.otherName, {}));
    expect(error).to.include({ code: 'kafka_tls' });
    expect(error.message).to.match(/does not match certificate's altnames/);
    const unchecked = { tls: { ca: secure.authority.ca, verify_hostname: false } };
    const { errors } = await delivers('s-name', await kafkaOf(secure.otherName, unchecked), { isShort: true });
    expect(errors.map(({ message }) => message)).to.deep.equal([]);
    expect(await consumer.read('s-name')).to.not.be.empty;
    const ended = await firstFault('s-name', await kafkaOf(secure.expired, unchecked));
    expect([ended.error.code, /certificate has expired/.test(ended.error.message)]).to.deep.equal(['kafka_tls', true]);
  });
});
